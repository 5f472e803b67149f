"""When to ask Telegram again."""

from bot import backoff
from bot.telegram.errors import TryLater


class Backoff(backoff.Backoff):
    """Waits that double from failure to failure, unless Telegram itself asks for others."""

    __slots__ = ()

    def delay(self, failures: int, fault: Exception | None = None) -> float:
        """Seconds to wait after so many failures in a row; Telegram's own word on it wins."""
        if isinstance(fault, TryLater) and fault.delay is not None:
            return fault.delay
        return super().delay(failures)
