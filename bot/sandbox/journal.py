"""A list that one can wait on: what has happened, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar, overload

T = TypeVar("T")


class Journal(Generic[T]):
    """Entries in the order in which they came; nothing is ever removed."""

    def __init__(self) -> None:
        self._entries: list[T] = []
        self._more = asyncio.Event()
        self._listeners: list[Callable[[T], None]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._entries))

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        return self._entries[index]

    def append(self, entry: T) -> None:
        """Add an entry, tell the listeners, wake those who wait."""
        self._entries.append(entry)
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
                for entry in self._entries[since:]:
                    if predicate(entry):
                        return entry
                since = len(self._entries)
                await more.wait()
