"""What happened in a campaign, and when: printed where something was found to be wrong."""

import time
from dataclasses import dataclass, field
from typing import Final

_NO_END: Final = float("inf")


@dataclass(slots=True)
class Trouble:
    """A time in which the bot could not do what it wanted; on the monotonic clock."""

    began: float
    ended: float = _NO_END

    def overlaps(self, since: float, until: float) -> bool:
        return self.began <= until and self.ended >= since


@dataclass(slots=True)
class Journal:
    """Lines with their times, the deaths of the bot, and the times of trouble.

    `frozen` are those in which the bot itself stood still, `away` those in which database or disk
    took nothing.
    """

    began: float = field(default_factory=time.monotonic)
    lines: list[str] = field(default_factory=list)
    deaths: list[float] = field(default_factory=list)
    frozen: list[Trouble] = field(default_factory=list)
    away: list[Trouble] = field(default_factory=list)

    def note(self, line: str) -> None:
        """Write a line down."""
        self.lines.append(self.line(line, time.monotonic()))

    def line(self, line: str, at: float) -> str:
        """A line as it is written down, of a moment on the monotonic clock."""
        return f"{at - self.began:9.3f}  {line}"

    def died(self) -> None:
        """The bot has died, or was told to stop, just now."""
        self.deaths.append(time.monotonic())

    def away_lately(self, seconds: float) -> bool:
        """Whether database or disk took nothing at some moment of the last seconds."""
        now = time.monotonic()
        return any(trouble.overlaps(now - seconds, now) for trouble in self.away)

    def healthy_seconds(self, since: float, until: float) -> float:
        """The seconds between two moments in which the bot could have written something down."""
        ill = sorted(
            (max(since, trouble.began), min(until, trouble.ended))
            for trouble in (*self.frozen, *self.away)
            if trouble.overlaps(since, until)
        )
        healthy, at = 0.0, since
        for began, ended in ill:
            healthy += max(0.0, began - at)
            at = max(at, ended)
        return healthy + max(0.0, until - at)
