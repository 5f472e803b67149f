"""How the dispatcher tells the courier about an order at work, without knowing the courier."""

from typing import Protocol

from bot.engines.protocol import Progress
from bot.studio.model import Order


class Herald(Protocol):
    """Hears how a running order gets on."""

    def progressed(self, order: Order, progress: Progress) -> None:
        """Take note and return at once: sending is done elsewhere, and may skip.

        `order` is the order as it was claimed (RUNNING, in its present epoch).
        """
