"""Something that the bot cannot do without, and waits for: the log has it once, not at each try."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Final

from bot.backoff import Backoff

BACKOFF: Final = Backoff(first=0.5, longest=5.0)
"""How long to wait between two tries: what has come back should not be kept waiting."""

log = logging.getLogger(__name__)


class Outage:
    """Whether one thing is away; one line in the log when that begins, one when it is over.

    Args:
        begun: the line for the beginning; the reason follows it.
        over: the line for the end; how long it took follows it.
        changed: is told whenever it begins (True) and when it is over (False).
    """

    def __init__(
        self, begun: str, over: str, *, changed: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._begun = begun
        self._over = over
        self._changed = changed
        self._since: float | None = None
        self._over_again = asyncio.Event()

    @property
    def lasts(self) -> bool:
        """Whether it has begun and is not over."""
        return self._since is not None

    def begin(self, reason: object) -> None:
        """It is away; said already, this changes nothing."""
        if self._since is None:
            self._since = time.monotonic()
            self._over_again.clear()
            log.warning("%s (%s)", self._begun, " ".join(str(reason).split()))
            self._changed(True)

    def end(self) -> None:
        """It is there; unless it was away, this changes nothing."""
        if self._since is not None:
            log.warning("%s, after %.0f s", self._over, time.monotonic() - self._since)
            self._since = None
            self._over_again.set()
            self._changed(False)

    async def wait(self, seconds: float) -> None:
        """Wait until it is over, but no longer than these seconds."""
        if self.lasts:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._over_again.wait()
