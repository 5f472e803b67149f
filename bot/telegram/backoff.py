"""When to try again: the one answer for everything that asks Telegram more than once."""

from dataclasses import dataclass

from bot.telegram.errors import TryLater


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Waits that double from failure to failure.

    Attributes:
        first: seconds after the first failure.
        longest: seconds that no wait exceeds, unless Telegram itself asks for more.
    """

    first: float = 1.0
    longest: float = 60.0

    def delay(self, failures: int, fault: Exception | None = None) -> float:
        """Seconds to wait after so many failures in a row; Telegram's own word on it wins."""
        if isinstance(fault, TryLater) and fault.delay is not None:
            return fault.delay
        return float(min(self.first * 2.0 ** min(failures - 1, 32), self.longest))
