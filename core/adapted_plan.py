"""A plan that gives way where memory or time does not suffice: tiles first, then sizes."""

from __future__ import annotations

import gc
import time
from math import inf
from typing import Final

import tensorflow as tf

from core.checkpoint import State
from core.notes import Note, NoteKind
from core.objective import Objective
from core.schedule import StagePlan, shrunk
from core.specification import Specification
from core.time_budget import TimeBudget

QUICK_SIZE: Final = 256
"""Pixels on the long side at which a quick painting is measured."""

LEAST_SIDE: Final = 64
"""Pixels on the long side below which no more memory is saved, and time is not worth saving."""

SHRINKING: Final = 0.7
"""By how much a size that is too large is made smaller, again and again."""

OUT_OF_MEMORY: Final = (MemoryError, tf.errors.ResourceExhaustedError)
"""What comes out of a painting if even its smallest size does not fit into memory."""


class AdaptedPlan:
    """The stages of a painting and the objective of them, as far as the machine suffices.

    Attributes:
        objective: which computes the loss.
        stages: those of the plan, or what has become of them.
        note: what a person should know about it.
    """

    def __init__(self, objective: Objective, spec: Specification, state: State | None) -> None:
        """As planned, or as an earlier run had left it."""
        self.objective = objective
        self.stages = list(spec.plan.stages) if state is None else state.stages(spec.plan)
        self.note: Note | None = None if state is None else state.note
        self._spec = spec
        self._elapsed = 0.0 if state is None else state.elapsed
        if spec.quick:
            self.stages = [shrunk(self.stages[0], QUICK_SIZE)]

    def begin(self) -> TimeBudget:
        """Starts the clock; the first stage becomes smaller if there is no time for it."""
        seconds = self._spec.seconds
        budget = TimeBudget(
            inf if seconds is None else seconds, self.stages, time.monotonic() - self._elapsed
        )
        if budget.has_end and not self._elapsed:
            self._learn_speed(budget)
            while self.stages[0].pixels > LEAST_SIDE**2 and not budget.affords(self.stages[0]):
                if not self._shrink(0):
                    break
        return budget

    def _learn_speed(self, budget: TimeBudget) -> None:
        """Takes the time of a small picture's evaluation."""
        grey = tf.fill((1, LEAST_SIDE, LEAST_SIDE, 3), 128.0)
        targets = self.objective.targets(grey, self.objective.statistics(grey))
        for _ in range(3):
            # The first one traces the graph; only the last one tells the speed.
            began = time.monotonic()
            self.objective.evaluate(grey, targets, self._spec.weights)
            budget.learn(LEAST_SIDE**2, time.monotonic() - began)

    def retake(self) -> None:
        """A stage begins again, since the computation failed."""
        # That it is smaller can be seen, and is what matters more.
        self.note = self.note or Note(NoteKind.RETAKEN)

    def save_memory(self, index: int, reached: StagePlan | None) -> bool:
        """Makes do with less memory; whether the stage can be tried again.

        Smaller tiles give the same painting. Else what was reached before is
        the painting, if anything was; else the first stage becomes smaller.

        Args:
            index: of the stage for which memory did not suffice.
            reached: the last stage of which anything can be shown.
        """
        gc.collect()
        if (objective := self.objective.with_less_memory()) is not None:
            self.objective = objective
            return True
        if reached is not None:
            self.note = Note(NoteKind.SMALLER, reached.size)
            return False
        if not self._shrink(index) or max(self.stages[index].size) < LEAST_SIDE:
            return False
        # The sizes beyond would fail, too.
        del self.stages[index + 1 :]
        self.note = Note(NoteKind.SMALLER, self.stages[index].size)
        return True

    def _shrink(self, index: int) -> bool:
        """Brings a stage to the next smaller size, unless its short side allows none."""
        stage = self.stages[index]
        # From the plan's own size, as `State.fits` will: two roundings may come out otherwise.
        smaller = shrunk(self._spec.plan.stages[index], round(max(stage.size) * SHRINKING))
        if smaller.pixels >= stage.pixels:
            return False
        self.stages[index] = smaller
        return True
