"""What the dispatcher tells about orders, without knowing the courier that hears it."""

from dataclasses import dataclass
from typing import Protocol

from bot.engines.protocol import Progress
from bot.studio.ledger.model import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an open order may expect.

    `position` is how many paintings must be finished before this one begins: 0 for one that is
    being painted or is next on a free engine. `wait` is the seconds until the painting begins or,
    once it has begun, until it is expected to be done; None: nobody can tell yet.
    """

    position: int
    wait: float | None


class ProgressListener(Protocol):
    """Hears how a running order gets on."""

    def progressed(self, order: Order, progress: Progress) -> None:
        """Take note and return at once: sending is done elsewhere, and may skip.

        `order` is the order as it was claimed (RUNNING, in its present epoch).
        """
