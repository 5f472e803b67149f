"""How often Telegram may be spoken to: one chat's edits, and all chats together.

Telegram publishes no exact limits; its FAQ ("My bot is hitting limits, how do I avoid this?")
names about one message per second in a chat, twenty per minute in a group and about thirty per
second in all, and an answer of 429 carries `retry_after`.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

PRIVATE_INTERVAL: Final = 2.0
"""Least seconds between two edits in a private chat."""

GROUP_INTERVAL: Final = 4.0
"""Least seconds between two edits in a group, whose limit of twenty a minute counts edits."""

OVERALL_RATE: Final = 30.0
"""Calls per second over all chats."""

Clock = Callable[[], float]


class Pace:
    """When one chat's cards may be edited next.

    Args:
        interval: least seconds between two edits.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, interval: float, *, clock: Clock = time.monotonic) -> None:
        self._interval = interval
        self._clock = clock
        self._next = clock()
        self._held_until = clock()

    def edited(self) -> None:
        """Note that an edit begins now."""
        self._next = self._clock() + self._interval

    def hold(self, seconds: float) -> None:
        """Edit nothing for `seconds`, as an answer of 429 asks; a longer hold wins."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    @property
    def free_at(self) -> float:
        """The clock's time from which the next progress edit may be made."""
        return max(self._next, self._held_until)

    @property
    def held_until(self) -> float:
        """The clock's time until which nothing at all may be edited."""
        return self._held_until


class Throttle:
    """A limit on all calls together: short bursts pass, then they are spaced evenly.

    The generic cell rate algorithm (ITU-T I.371): one number, the theoretical arrival time,
    stands for a bucket of `burst` calls that refills at `rate` per second.
    """

    def __init__(
        self,
        rate: float = OVERALL_RATE,
        *,
        burst: int = int(OVERALL_RATE),
        clock: Clock = time.monotonic,
    ) -> None:
        self._spacing = 1 / rate
        self._tolerance = (burst - 1) / rate
        self._clock = clock
        self._arrival = clock()

    def reserve(self) -> float:
        """Take the next slot and return the seconds to wait for it (0 within a burst)."""
        now = self._clock()
        arrival = max(self._arrival, now)
        self._arrival = arrival + self._spacing
        return max(0.0, arrival - self._tolerance - now)

    async def slot(self) -> None:
        """Wait for the next slot."""
        delay = self.reserve()
        if delay > 0:
            await asyncio.sleep(delay)
