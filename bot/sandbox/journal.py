"""A list that one can wait on: what has happened, in order."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Journal(list[T]):
    """Entries in the order in which they came; nothing is ever removed."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()
        self._listeners: list[Callable[[T], None]] = []

    def append(self, entry: T) -> None:
        """Add an entry, tell the listeners, wake those who wait."""
        super().append(entry)
        for listener in list(self._listeners):
            listener(entry)
        self._more.set()
        self._more = asyncio.Event()

    def listen(self, listener: Callable[[T], None]) -> None:
        """Call ``listener`` with every entry from now on."""
        self._listeners.append(listener)

    async def wait_for(
        self, predicate: Callable[[T], bool], *, timeout: float, since: int = 0
    ) -> T:
        """Return the first entry from index ``since`` on that fits; wait until there is one.

        Raises:
            TimeoutError: None came within ``timeout`` seconds.
        """
        async with asyncio.timeout(timeout):
            while True:
                more = self._more
                for entry in self[since:]:
                    if predicate(entry):
                        return entry
                since = len(self)
                await more.wait()
