"""Having the bytes of new pictures fetched, while their people are being answered."""

import asyncio
import logging
from collections.abc import Sequence

from bot.chat.requests.services import Fetches
from bot.studio.ledger.model import Picture, PictureState
from bot.studio.pictures.fetcher import OnRefused

log = logging.getLogger(__name__)

GLANCE = 0.7
"""Seconds for which an acknowledgement waits for the picture's bytes, in case they are bad."""


class Fetching:
    """Starts a fetch for each new picture and tells people of refusals.

    Args:
        fetcher: does the work.
        tell: hears of each refusal once.
    """

    def __init__(self, fetcher: Fetches, tell: OnRefused) -> None:
        self._fetcher = fetcher
        self._tell = tell
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def start(self, pictures: Sequence[Picture]) -> None:
        """Fetch those that are not here yet; call it once they are committed."""
        for picture in pictures:
            if picture.state is PictureState.PENDING and picture.id not in self._tasks:
                self._tasks[picture.id] = asyncio.create_task(self._fetch(picture))

    async def glance(self, pictures: Sequence[Picture]) -> None:
        """Give the pictures a short while to arrive; returns early when all have."""
        if tasks := [self._tasks[p.id] for p in pictures if p.id in self._tasks]:
            await asyncio.wait(tasks, timeout=GLANCE)

    async def close(self) -> None:
        """Stop waiting; the ledger knows what is still to be fetched."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, picture: Picture) -> None:
        try:
            fetched = await self._fetcher.fetch(picture)
            if fetched.refusal is not None and fetched.where is not None:
                await self._tell(fetched.picture, fetched.refusal, fetched.where)
        except Exception:
            # It stays pending, so that the fetcher itself tries again.
            log.exception("Picture %d could not be fetched", picture.id)
        finally:
            del self._tasks[picture.id]
