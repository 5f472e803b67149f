"""The figures of /metrics: names, what they mean, and how they come about.

None of them holds anything of anybody's: no text, no id, no name, no token.
"""

import math
from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from bot.studio.dispatch.dispatcher import EngineState
from bot.studio.ledger.model import OrderState
from bot.studio.ledger.results import Backlog, Ended

_WAIT_BUCKETS: Final = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
_PAINT_BUCKETS: Final = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 3600)
_LAG_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """A registry of its own, and all that is in it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._ready = self._gauge(
            "ready", "Whether a part answers: ledger, telegram, engine", "part"
        )
        self._orders = self._gauge("orders", "Open orders by state", "state")
        self._queue = self._gauge("queue_length", "Orders whose painting has not begun")
        self._oldest_order = self._gauge(
            "oldest_waiting_order_seconds", "Age of the oldest of them; 0 without any"
        )
        self._ended = Counter(
            "atelier_orders_ended",
            "Orders that have ended since the start, by how",
            ["state"],
            registry=self.registry,
        )
        for state in OrderState:
            if state.final:
                self._ended.labels(state)
        self._wait = self._histogram(
            "order_wait_seconds", "From an order to the beginning of its painting", _WAIT_BUCKETS
        )
        self._paint = self._histogram("order_paint_seconds", "Time of a painting", _PAINT_BUCKETS)
        self._engines = self._gauge("engines", "Engines by device and state", "device", "state")
        self._requests = Counter(
            "atelier_telegram_requests",
            "Requests to Telegram by method and HTTP status (none: no answer came)",
            ["method", "answer"],
            registry=self.registry,
        )
        self._outbox = self._gauge("outbox_entries", "What must still reach people")
        self._oldest_delivery = self._gauge(
            "outbox_oldest_seconds", "Age of the oldest entry of the outbox; 0 without any"
        )
        self._lag = self._histogram(
            "event_loop_lag_seconds", "How late the event loop wakes a task", _LAG_BUCKETS
        )
        self._free = self._gauge("disk_free_bytes", "Room on the disk of the data directory")
        self._size = self._gauge("disk_size_bytes", "Size of the disk of the data directory")

    def ready(self, parts: Mapping[str, bool]) -> None:
        """Set whether each part answers."""
        for part, answers in parts.items():
            self._ready.labels(part).set(answers)

    def backlog(self, backlog: Backlog | None, now: datetime) -> None:
        """Set what is open; None: nobody knows, since the ledger does not answer."""
        if backlog is None:
            self._orders.clear()
            for gauge in (self._queue, self._oldest_order, self._outbox, self._oldest_delivery):
                gauge.set(math.nan)
            return
        for state, number in backlog.orders.items():
            self._orders.labels(state).set(number)
        self._queue.set(backlog.waiting)
        self._oldest_order.set(_age(backlog.oldest_waiting, now))
        self._outbox.set(backlog.deliveries)
        self._oldest_delivery.set(_age(backlog.oldest_delivery, now))

    def ended(self, order: Ended) -> None:
        """Count an order that is over."""
        self._ended.labels(order.state).inc()
        if order.started_at is None:
            return
        self._wait.observe(_seconds(order.created_at, order.started_at))
        if order.state is OrderState.DONE:
            self._paint.observe(_seconds(order.started_at, order.finished_at))

    def engines(self, engines: Iterable[tuple[str, EngineState]]) -> None:
        """Set what the engines are about, each by its device's name."""
        tally = Tally(engines)
        self._engines.clear()
        for device in {device for device, _ in tally}:
            for state in EngineState:
                self._engines.labels(device, state).set(tally[device, state])

    def request(self, method: str, answer: str) -> None:
        """Count a request to Telegram (`bot.telegram.counted_request`)."""
        self._requests.labels(method, answer).inc()

    def late(self, seconds: float) -> None:
        """Note by how much the event loop was late."""
        self._lag.observe(seconds)

    def disk(self, *, free: int, size: int) -> None:
        """Set how many bytes the disk has."""
        self._free.set(free)
        self._size.set(size)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"atelier_{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"atelier_{name}", meaning, buckets=buckets, registry=self.registry)


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else _seconds(moment, now)


def _seconds(earlier: datetime, later: datetime) -> float:
    # A clock may be set back.
    return max(0.0, (later - earlier).total_seconds())
