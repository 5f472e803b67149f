"""How far a painting is: its iterations, the work that is done, and the loss that is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.schedule import Plan, StagePlan
from core.time_budget import TimeBudget


class Count(NamedTuple):
    """How far a painting is; for the fields see `core.steps.Step`."""

    iteration: int
    iterations: int
    share: float


class ProgressCounter:
    """Counts what is done, by a plan or by a clock; neither count nor share ever falls."""

    def __init__(self, plan: Plan, budget: TimeBudget, evaluations: int) -> None:
        """Makes a counter.

        Args:
            plan: what is to be done if the time has no end.
            budget: tells the time.
            evaluations: that an iteration takes; foretells the count of a timed painting.
        """
        self._plan = plan
        self._budget = budget
        self._evaluations = evaluations
        self._latest = Count(1, plan.iterations, 0.0)

    @property
    def is_complete(self) -> bool:
        """Whether all of the work is known to be done; of a timed painting it never is."""
        return not self._budget.has_end and self._latest.share >= 1.0

    def counted(self, stage: StagePlan, iterations: int) -> int:
        """As how many iterations those of a stage count when it is over."""
        return iterations if self._budget.has_end else stage.iterations

    def count(self, done: int, work: int, *, last: bool = False) -> Count:
        """Takes note of what is done.

        Args:
            done: iterations.
            work: the same, by their pixels, as `StagePlan.work`.
            last: whether nothing comes after, whatever was planned.
        """
        iteration, iterations, share = self._latest
        if self._budget.has_end:
            share = max(share, self._budget.share)
            expected = done if last else self._budget.expected(max(1, done), self._evaluations)
            iterations = max(iteration, expected)
        else:
            share = max(share, work / self._plan.work)
            done = iterations if last else done
        # After a failure a stage may count anew.
        self._latest = Count(max(iteration, done), iterations, 1.0 if last else min(1.0, share))
        return self._latest


class RemainingLoss:
    """The loss that is left of the photo's own, over all sizes; it never rises.

    A larger size measures anew, and shows detail that is yet to be painted, so that the loss by
    itself rises there. Here each stage counts by its work, with the least part of the photo's
    loss that it has reached; one that has not begun counts as unpainted.
    """

    def __init__(self, stages: Sequence[StagePlan]) -> None:
        """Before anything is painted."""
        self._works = [stage.work for stage in stages]
        self._parts: list[float | None] = [None] * len(stages)
        self._latest = 1.0

    def reach(self, stage: int, part: float, *, last: bool = False) -> float:
        """Takes note of a step.

        Args:
            stage: its index.
            part: its loss, in terms of the photo's at the same size.
            last: whether nothing comes after, whatever was planned.

        Returns:
            What is left, from 1 to 0.
        """
        known = self._parts[stage]
        self._parts[stage] = part = min(part, 1.0 if known is None else known)
        left = counted = 0.0
        for index, (work, reached) in enumerate(zip(self._works, self._parts, strict=True)):
            if reached is not None:
                part_here = reached
            elif index < stage:
                # What an earlier run reached is not known: as much, at least, as this one.
                part_here = part
            elif last:
                break
            else:
                part_here = 1.0
            left += work * part_here
            counted += work
        left /= counted
        self._latest = min(self._latest, left)
        return self._latest
