"""What the dispatcher tells about orders, without knowing the courier that hears it."""

from typing import Protocol

from bot.engines.protocol import Progress
from bot.studio.ledger.model import Order


class ProgressListener(Protocol):
    """Hears how a running order gets on."""

    def progressed(self, order: Order, progress: Progress) -> None:
        """Take note and return at once: sending is done elsewhere, and may skip.

        `order` is the order as it was claimed (RUNNING, in its present epoch).
        """
