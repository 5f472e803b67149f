"""A clock that runs fast, for everything in this process that waits: a day in twenty minutes."""

import asyncio
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class FastClock:
    """A clock that showed the real time once, and has run `speed` times as fast since.

    Several processes may share it, since the system's monotonic clock is the same for all.

    Attributes:
        speed: seconds that it counts in each real one.
        began: when it began to run fast, on the system's monotonic clock.
        day: what it showed then, in seconds since 1970.
    """

    speed: float
    began: float
    day: float

    @classmethod
    def now(cls, speed: float) -> Self:
        """One that begins to run fast now."""
        return cls(speed=speed, began=_monotonic(), day=time.time())

    def monotonic(self) -> float:
        """Its seconds, to compare with one another."""
        return self.began + (_monotonic() - self.began) * self.speed

    def utc(self) -> datetime:
        """The moment that it shows."""
        seconds = self.day + self.monotonic() - self.began
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    def install(self) -> None:
        """Make this process keep to it, from before it imports what binds `time.monotonic`."""
        time.monotonic = self.monotonic

    def loop(self) -> asyncio.AbstractEventLoop:
        """An event loop that keeps to it; it asks `time.monotonic` what time it is."""
        return asyncio.SelectorEventLoop(_HastySelector(self.speed))


class _HastySelector(selectors.DefaultSelector):
    """Waits for files by real seconds when it is asked to by fast ones."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See `selectors.BaseSelector.select`."""
        return super().select(None if timeout is None else timeout / self._speed)


def fast_datetime(clock: FastClock) -> type[datetime]:
    """A `datetime` whose `now` is the clock's."""

    class FastDatetime(datetime):
        """Shows what the clock does."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            """See `datetime.now`."""
            return cls.fromtimestamp(clock.utc().timestamp(), tz)

    return FastDatetime


_monotonic: Callable[[], float] = time.monotonic
