"""Retention: pictures and paintings go when their time is over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.studio.ledger.changes import Subscription
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.repository import utc_now
from bot.studio.pictures.files import Files

INTERVAL: Final = 3600.0
"""Seconds between two rounds."""

PATIENCE: Final = timedelta(hours=24)
"""How long a half-made order keeps its pictures at least; people are given that time, too."""

UNUSED: Final = timedelta(hours=1)
"""How long a picture that became nothing is kept at least: its album may still be coming."""

_BREATH: Final = 1.0

log = logging.getLogger(__name__)


class Retention:
    """Deletes what the host's rule (RETENTION_DAYS) lets nobody keep.

    Pictures and paintings go when their order ended `retention` ago, pictures and drafts that
    became no order when they have lain for as long. What a saved style, a draft or another order
    needs stays. Rows stay as well, without anything that leads back to a picture, so that buttons
    can say politely that it is gone. Copies of gallery styles go once the host has taken the
    style away and no order needs them.

    Args:
        ledger: what is kept.
        files: where it lies.
        retention: how long after an order's end; zero: as soon as its painting is delivered.
        offered: gives the digests of the gallery styles that may be chosen; None: their copies
            all stay.
        interval: seconds between two rounds.
        now: the present moment, aware; the same clock that the ledger uses.
    """

    def __init__(
        self,
        ledger: Ledger,
        files: Files,
        *,
        retention: timedelta,
        offered: Callable[[], Awaitable[Collection[str]]] | None = None,
        interval: float = INTERVAL,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._ledger = ledger
        self._files = files
        self._retention = retention
        self._offered = offered
        self._interval = interval
        self._now = now

    async def run(self) -> None:
        """Tidy up now and every hour, until cancelled; without retention after each delivery."""
        with self._ledger.changed.subscribe() as changes:
            while True:
                try:
                    await self._ledger.through_outages(self.tidy)
                    await self._ledger.through_outages(self.tidy_styles)
                    await self._ledger.through_outages(self.sweep)
                except (SQLAlchemyError, OSError):
                    log.exception("Old pictures could not be deleted; the next round tries again")
                await self._pause(changes)

    async def tidy(self) -> int:
        """Delete what has had its time.

        Returns:
            How many files that were.
        """
        now = self._now()
        deleted, more = 0, True
        while more:
            async with self._ledger.begin() as transaction:
                expired = await transaction.expire(
                    finished_by=now - self._retention,
                    unused_by=now - max(self._retention, UNUSED),
                    drafts_by=now - max(self._retention, PATIENCE),
                )
            # Rows first: a file that outlives its row is swept out, and a row whose file is
            # missing would promise what is not there.
            for path in expired.paths:
                await self._files.delete(path)
            deleted, more = deleted + len(expired.paths), expired.more
        if deleted:
            log.info("%d pictures were deleted: their time was over", deleted)
        return deleted

    async def tidy_styles(self) -> int:
        """Delete the copies of gallery styles that nobody can choose any more.

        Returns:
            How many files that were.
        """
        if self._offered is None:
            return 0
        offered = await self._offered()
        async with self._ledger.begin() as transaction:
            paths = await transaction.drop_styles(
                offered, finished_by=self._now() - self._retention
            )
        for path in paths:
            await self._files.delete(path)
        if paths:
            log.info("%d copies of styles were deleted: they are no longer offered", len(paths))
        return len(paths)

    async def sweep(self) -> int:
        """Delete files that no row names, as a crash leaves them.

        Returns:
            How many there were.
        """
        async with self._ledger.begin() as transaction:
            named = await transaction.named_files()
        swept = await self._files.sweep(named)
        if swept:
            log.info("%d files that nothing needs were swept out", swept)
        return swept

    async def _pause(self, changes: Subscription) -> None:
        if self._retention > timedelta(0):
            await asyncio.sleep(self._interval)
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + self._interval
        while (left := until - loop.time()) > 0:
            if not await changes.wait(left):
                return
            # Many changes come together; one look is enough for all of them.
            await asyncio.sleep(_BREATH)
            try:
                await self._ledger.through_outages(self.tidy)
            except (SQLAlchemyError, OSError):
                log.exception(
                    "Delivered pictures could not be deleted; the next change tries again"
                )
