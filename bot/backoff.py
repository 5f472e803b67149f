"""When to try again: the one arithmetic for everything that is asked more than once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Waits that double from failure to failure.

    Attributes:
        first: seconds after the first failure.
        longest: seconds that no wait exceeds.
    """

    first: float = 1.0
    longest: float = 60.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row."""
        return float(min(self.first * 2.0 ** min(failures - 1, 32), self.longest))
