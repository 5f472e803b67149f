"""One status card, as far as this process knows it."""

import asyncio
import math
from dataclasses import dataclass, field
from datetime import datetime

from bot.engines.protocol import Progress
from bot.studio.dispatch.estimates import Estimate
from bot.studio.ledger.model import Order


@dataclass(slots=True, eq=False)
class Card:
    """One order's status card, as far as this process knows.

    `lock` is held while Telegram is asked to change the message, so that nothing overtakes. A
    card of a final order closes once it is `settled`: its painting has arrived, or there is none.
    """

    order: Order
    born: float
    estimate: Estimate | None = None
    progress: Progress | None = None
    heard_at: float = 0.0
    preview: bytes | None = None
    shown: str | None = None
    shown_as: tuple[object, ...] | None = None
    shown_at: float = -math.inf
    settled: bool = False
    delayed: bool = False
    gone: bool = False
    sends: int = 0
    closings: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def standing(self) -> tuple[object, ...]:
        """Where the order stands, apart from times and percentages."""
        position = self.estimate.position if self.estimate is not None else None
        return self.order.state, self.order.epoch, position

    def remaining(self, expected: float, *, now: datetime, clock: float) -> float:
        """The seconds until a running order is done: the engine's word, or `expected` in all.

        `now` is the ledger's present moment, and `clock` that of the card's own clock.
        """
        if self.progress is not None and self.progress.remaining is not None:
            return max(0.0, self.progress.remaining - (clock - self.heard_at))
        began = self.order.started_at
        return max(0.0, expected - (now - began).total_seconds()) if began else expected

    def renew(self, order: Order) -> None:
        """Take the order's newer state; what was said of an earlier attempt is forgotten."""
        if (order.epoch, order.state) != (self.order.epoch, self.order.state):
            self.progress = None
            self.preview = None
        moved = order.place.chat_id != self.order.place.chat_id
        if moved or (order.card is not None and order.card != self.order.card):
            # The card stayed behind in the old group, or turned out to be another message.
            self.gone = False
        if moved:
            self.sends = 0
            self.shown = None
        self.order = order
