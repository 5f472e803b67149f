"""Keeping to a time: a plan's stages, paced by a clock.

The machine's speed is not known in advance and may change on the way, so
nothing is computed from a table: evaluations are timed, one size foretells the
next by its pixels, and each stage ends when its part of the time that is left
is used up.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from math import isfinite
from statistics import median
from typing import Final

from core.schedule import StagePlan

_OVERHEAD: Final = 1.5
"""What it costs to begin a stage, in evaluations: photo and styles are looked at."""

_WORTHWHILE: Final = 3
"""Evaluations without which a larger size is not begun."""

_RECENT: Final = 5


class TimeBudget:
    """Decides when a stage of a timed painting is over, and how far the whole is.

    Args of the constructor:
        seconds: the time for the whole painting; infinite: as long as it takes.
        stages: as planned without regard to time; their proportions are kept.
        began: the clock's reading when the painting began.
        clock: in seconds.
    """

    def __init__(
        self,
        seconds: float,
        stages: Sequence[StagePlan],
        began: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._stages = stages
        self._began = began
        self._clock = clock
        self._stage = 0
        self._start = self._last = self.elapsed
        self._durations: deque[float] = deque(maxlen=_RECENT)
        self._speed: float | None = None

    @property
    def has_end(self) -> bool:
        """Whether there is a time to keep to."""
        return isfinite(self._seconds)

    @property
    def elapsed(self) -> float:
        """Seconds since the painting began."""
        return self._clock() - self._began

    @property
    def share(self) -> float:
        """Part of the time that is used up, 0 to 1."""
        return min(1.0, max(0.0, self.elapsed / self._seconds))

    def reaches(self, stage: int) -> bool:
        """Whether a stage is worth beginning in the time that is left.

        The first always is; of others it is known only after an evaluation.
        """
        return stage == 0 or (self._speed is not None and self.affords(self._stages[stage]))

    def affords(self, stage: StagePlan) -> bool:
        """Whether there is time to begin a stage, as far as the speed is known."""
        if self._speed is None:
            return True
        cost = (_OVERHEAD + _WORTHWHILE) * self._speed * stage.pixels
        return self.elapsed + cost <= self._seconds

    def learn(self, pixels: int, seconds: float) -> None:
        """Takes note of an evaluation on the side."""
        self._speed = seconds / pixels

    def begin(self, stage: int) -> None:
        """Starts a stage's clock, after the photo and the styles were looked at."""
        self._stage = stage
        self._durations.clear()
        self._start = self._last = self.elapsed

    def evaluated(self) -> None:
        """Takes the time of an evaluation of the present stage."""
        now = self.elapsed
        self._durations.append(now - self._last)
        self._last = now
        self._speed = median(self._durations) / self._stages[self._stage].pixels

    def is_over(self) -> bool:
        """Whether the present stage has had its part: another evaluation would miss it by more."""
        if not self._durations:
            return False
        stages = self._reachable()
        part = stages[0].work / sum(stage.work for stage in stages)
        deadline = self._start + part * (self._seconds - self._start)
        return self._last + median(self._durations) / 2 >= deadline

    def expected(self, iterations: int, per_iteration: float) -> int:
        """Foretells the number of iterations in all.

        Args:
            iterations: done so far.
            per_iteration: evaluations that an iteration takes.
        """
        if not self._durations or self._speed is None:
            return iterations
        left = max(0.0, self._seconds - self._last)
        stages = self._reachable()
        # Every stage's part of the time, by its cost for each evaluation, is its iterations.
        each = left / (self._speed * sum(stage.work for stage in stages))
        evaluations = each * sum(stage.iterations for stage in stages)
        return iterations + round(evaluations / per_iteration)

    def _reachable(self) -> list[StagePlan]:
        """The present stage, and those after it that are worth beginning."""
        later = range(self._stage + 1, len(self._stages))
        return [
            self._stages[stage]
            for stage in (self._stage, *later)
            if stage == self._stage or self.reaches(stage)
        ]
