"""What is known of albums in memory only: which may not be whole, passed by, or are left alone.

The parts of an album are separate updates that share Message.media_group_id, and none is marked
as the last one. Those that are for the bot lie in the ledger from the first.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.studio.ledger.model import Arrival

log = logging.getLogger(__name__)

QUIET = 1.0
"""Seconds without a further part after which an album counts as whole."""
REMEMBERED = 100
MOST_PARTS = 10
"""An album has at most ten parts (Bot API: sendMediaGroup)."""


class AlbumTimer:
    """Calls `settle(chat_id, media_group_id)` once an album has been quiet for a while.

    Whether the album was settled before is for the ledger to say: being called once too often
    does no harm, and after a crash the ledger names the albums to touch again.
    """

    def __init__(
        self, settle: Callable[[int, str], Awaitable[None]], *, quiet: float = QUIET
    ) -> None:
        self._settle = settle
        self._quiet = quiet
        self._waiting: dict[tuple[int, str], _Waiting] = {}
        self._tasks: dict[asyncio.Task[None], int] = {}

    def touch(self, chat_id: int, media_group_id: str) -> None:
        """A part has come, or was found in the ledger: wait for quiet from now on."""
        key = chat_id, media_group_id
        if waiting := self._waiting.get(key):
            waiting.touch()
            return
        self._waiting[key] = _Waiting(self._quiet)
        task = asyncio.create_task(self._wait(key))
        self._tasks[task] = chat_id
        task.add_done_callback(self._ended)

    async def flush(self, chat_id: int) -> None:
        """Settle this chat's albums now: something has come that is no part of them."""
        for (chat, _), waiting in self._waiting.items():
            if chat == chat_id:
                waiting.hurry.set()
        if tasks := [task for task, chat in self._tasks.items() if chat == chat_id]:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Stop waiting; what was not settled is still open in the ledger."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait(self, key: tuple[int, str]) -> None:
        try:
            await self._waiting[key].quiet()
        finally:
            # A part that comes from here on begins a new wait.
            del self._waiting[key]
        await self._settle(*key)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("An album could not be settled; it is tried again at start", exc_info=error)


class _Waiting:
    """One album that may not be whole yet."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.hurry = asyncio.Event()
        self.touch()

    def touch(self) -> None:
        self._until = asyncio.get_running_loop().time() + self._seconds

    async def quiet(self) -> None:
        """Return once nothing has touched the album for long enough, or there is hurry."""
        loop = asyncio.get_running_loop()
        while not self.hurry.is_set() and (left := self._until - loop.time()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self.hurry.wait()
            except TimeoutError:
                continue


class PassedAlbums:
    """The newest albums that were not addressed to the bot, in memory only.

    Where privacy mode is off, the part with `/stylize` may come after others. What is not
    addressed to the bot is none of its business, so that it is not written down anywhere.
    """

    def __init__(self) -> None:
        self._albums: OrderedDict[tuple[int, str], list[Arrival]] = OrderedDict()

    def pass_by(self, part: Arrival) -> None:
        """Remember a part for a while."""
        if part.media_group_id is None:
            return
        parts = self._albums.setdefault((part.place.chat_id, part.media_group_id), [])
        if len(parts) < MOST_PARTS:
            parts.append(part)
        if len(self._albums) > REMEMBERED:
            self._albums.popitem(last=False)

    def claim(self, part: Arrival) -> list[Arrival]:
        """The parts of the same album by the same sender that passed before."""
        if part.media_group_id is None:
            return []
        parts = self._albums.pop((part.place.chat_id, part.media_group_id), [])
        return [earlier for earlier in parts if earlier.user_id == part.user_id]


class AlbumsLeftAlone:
    """The newest albums of which one picture was called for by itself, in memory only.

    Forgetting them in a restart costs no more than a question about a picture of theirs that
    came later than that.
    """

    def __init__(self) -> None:
        self._albums: OrderedDict[tuple[int, str | None], bool] = OrderedDict()

    def add(self, part: Arrival) -> None:
        """Leave a part's album alone from now on."""
        self._albums.setdefault(_album(part), False)
        if len(self._albums) > REMEMBERED:
            self._albums.popitem(last=False)

    def holds(self, part: Arrival) -> bool:
        """Whether the part belongs to such an album."""
        return _album(part) in self._albums

    def is_news(self, part: Arrival) -> bool:
        """Whether it is still to be said of the part's album, which is then taken for done."""
        said = self._albums.get(_album(part), False)
        self._albums[_album(part)] = True
        return not said


def _album(part: Arrival) -> tuple[int, str | None]:
    return part.place.chat_id, part.media_group_id
