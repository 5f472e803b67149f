"""Waiting for an album to be whole.

The parts of an album are separate updates that share Message.media_group_id, and none is marked
as the last one. They lie in the ledger from the first; only the waiting happens here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

QUIET = 1.0
"""Seconds without a further part after which an album counts as whole."""


class Albums:
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
