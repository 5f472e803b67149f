"""What is known of albums in memory only: which may not be whole, passed by, or are left alone.

The parts of an album are separate updates that share Message.media_group_id, and none is marked
as the last one. Those that are for the bot lie in the ledger from the first.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

from bot.studio.ledger.model import Arrival

log = logging.getLogger(__name__)

REMEMBERED = 100
MOST_PARTS = 10
"""An album has at most ten parts (Bot API: sendMediaGroup)."""


class AlbumTimer:
    """Calls `settle(chat_id, media_group_id)` once no part has come for `quiet` seconds.

    Whether the album was settled before is for the ledger to say: being called once too often
    does no harm, and after a crash the ledger names the albums to touch again.
    """

    def __init__(
        self, settle: Callable[[int, str], Coroutine[Any, Any, None]], *, quiet: float
    ) -> None:
        self._settle = settle
        self._quiet = quiet
        self._timers: dict[tuple[int, str], asyncio.TimerHandle] = {}
        self._tasks: dict[asyncio.Task[None], int] = {}

    def touch(self, chat_id: int, media_group_id: str) -> None:
        """A part has come, or was found in the ledger: wait for quiet from now on."""
        key = chat_id, media_group_id
        if timer := self._timers.get(key):
            timer.cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(self._quiet, self._begin, key)

    async def flush(self, chat_id: int) -> None:
        """Settle this chat's albums now: something has come that is no part of them."""
        for key in [key for key in self._timers if key[0] == chat_id]:
            self._timers[key].cancel()
            self._begin(key)
        if tasks := [task for task, chat in self._tasks.items() if chat == chat_id]:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Stop waiting; what was not settled is still open in the ledger."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, key: tuple[int, str]) -> None:
        # A part that comes from here on begins a new wait.
        del self._timers[key]
        task = asyncio.create_task(self._settle(*key))
        self._tasks[task] = key[0]
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("An album could not be settled; it is tried again at start", exc_info=error)


class UnaddressedAlbums:
    """The newest albums that were not addressed to the bot, in memory only.

    Where privacy mode is off, the part with `/stylize` may come after others. What is not
    addressed to the bot is none of its business, so that it is not written down anywhere.
    """

    def __init__(self) -> None:
        self._albums: OrderedDict[tuple[int, str], list[Arrival]] = OrderedDict()

    def remember(self, part: Arrival) -> None:
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
