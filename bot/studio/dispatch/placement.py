"""Which engine paints what, where some are faster than others: whoever will have it done first.

An engine that is free looks ahead: if one of the others, though busy, would finish the first order
of the line sooner, it leaves that one to the other, and the next ones, too, until it is the first
to finish one itself. All orders count as alike in that; people's turns stay as they are.
"""

import heapq
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Final

from bot.engines.protocol import Engine
from bot.studio.ledger.wishes import NOMINAL_SIZE

_PIXELS: Final = NOMINAL_SIZE**2
_NOMINAL_SECONDS: Final = 30.0
"""For a painting of that many pixels on two cores, until one has been painted."""
_SLACK: Final = 1.2
"""An engine that takes so much longer is as good: times vary, and waiting costs time, too."""
_FAR: Final = 1000
"""Orders that are left to others, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    since: float
    remaining: Callable[[], float | None]


class Placement:
    """What each engine is about, and how long it takes.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._up: dict[Engine, _Work | None] = {}
        # By name, since another device may come to stand behind an engine.
        self._rates: defaultdict[str, deque[float]] = defaultdict(partial(deque, maxlen=5))

    def engines_up(self) -> int:
        """How many engines paint, or could."""
        return len(self._up)

    def down(self, engine: Engine) -> None:
        """It is not known whether the engine can take an order."""
        self._up.pop(engine, None)

    def up(self, engine: Engine) -> None:
        """The engine is free for an order."""
        self._up[engine] = None

    def begun(self, engine: Engine, remaining: Callable[[], float | None]) -> None:
        """The engine has an order; `remaining` says for how many seconds more, as far as known."""
        self._up[engine] = _Work(since=self._clock(), remaining=remaining)

    def measured(self, engine: Engine, size: int, seconds: float) -> None:
        """The engine has painted an order of that long side, in pixels, from its beginning."""
        self._rates[engine.name].append(seconds / size**2)

    def turn(self, engine: Engine) -> int:
        """How many orders of the line a free engine leaves to others: usually none."""
        mine = self._seconds(engine)
        finishes = [
            (self._free_in(other) + self._seconds(other), number, other)
            for number, other in enumerate(self._up)
            if other is not engine
        ]
        heapq.heapify(finishes)
        left = 0
        while finishes and mine > _SLACK * finishes[0][0] and left < _FAR:
            when, number, other = finishes[0]
            heapq.heapreplace(finishes, (when + self._seconds(other), number, other))
            left += 1
        return left

    def _free_in(self, engine: Engine) -> float:
        work = self._up[engine]
        if work is None:
            return 0.0
        remaining = work.remaining()
        if remaining is None:
            remaining = work.since + self._seconds(engine) - self._clock()
        return max(0.0, remaining)

    def _seconds(self, engine: Engine) -> float:
        """For a painting as usual."""
        if rates := self._rates.get(engine.name):
            return median(rates) * _PIXELS
        # Nothing is known of it but its kind: it is compared with those of which more is.
        known = [
            median(self._rates[other.name]) * _PIXELS * other.speed
            for other in self._up
            if other.name in self._rates
        ]
        return (median(known) if known else _NOMINAL_SECONDS) / engine.speed
