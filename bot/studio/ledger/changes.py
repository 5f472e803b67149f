"""A signal inside the process: something in the ledger changed."""

import asyncio
from types import TracebackType
from typing import Self


class Subscription:
    """One listener's view of the changes; a context manager that unsubscribes at its end."""

    def __init__(self, listeners: set["Subscription"]) -> None:
        self._listeners = listeners
        self._event = asyncio.Event()
        listeners.add(self)

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait for a change committed since the last `wait` returned (or since subscribing).

        Returns:
            True on a change, False when `seconds` passed without one.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True

    def wake(self) -> None:
        """Make `wait` return; many wakes before it does count as one."""
        self._event.set()

    def close(self) -> None:
        """Stop listening."""
        self._listeners.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Changes:
    """Wakes every subscriber after a transaction that wrote something."""

    def __init__(self) -> None:
        self._listeners: set[Subscription] = set()

    def subscribe(self) -> Subscription:
        """Listen from now on."""
        return Subscription(self._listeners)

    def announce(self) -> None:
        """Wake all subscribers."""
        for listener in tuple(self._listeners):
            listener.wake()
