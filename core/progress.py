"""How far a painting is: its iterations, and the part of its work that is done."""

from __future__ import annotations

from dataclasses import dataclass

from core.schedule import Plan
from core.time_budget import TimeBudget


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a painting is; for the attributes see `core.steps.Step`."""

    iteration: int
    iterations: int
    share: float


class ProgressCounter:
    """Counts what is done; neither the count nor the share ever falls.

    Args of the constructor:
        plan: what is to be done if no time is to be kept to.
        evaluations: that an iteration takes; foretells the count of a timed painting.
    """

    def __init__(self, plan: Plan, evaluations: int) -> None:
        self._plan = plan
        self._evaluations = evaluations
        self._done = 1
        self._share = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether all of the work is done."""
        return self._share >= 1.0

    def planned(self, done: int, work: int, *, last: bool = False) -> Progress:
        """Counts a painting that follows its plan.

        Args:
            done: iterations.
            work: the same, by their pixels, as `StagePlan.work`.
            last: whether nothing comes after, whatever the plan said.
        """
        iterations = self._plan.iterations
        done = self._count(iterations if last else done)
        return Progress(done, iterations, self._advance(work / self._plan.work, last=last))

    def timed(self, done: int, budget: TimeBudget, *, last: bool = False) -> Progress:
        """Counts a painting that keeps to a time.

        Args:
            done: iterations.
            budget: tells the time.
            last: whether nothing comes after.
        """
        expected = done if last else budget.expected(max(1, done), self._evaluations)
        iterations = max(self._done, expected)
        return Progress(self._count(done), iterations, self._advance(budget.share, last=last))

    def _count(self, done: int) -> int:
        # After a failure a stage may count anew.
        self._done = max(self._done, done)
        return self._done

    def _advance(self, share: float, *, last: bool) -> float:
        self._share = 1.0 if last else max(self._share, min(1.0, share))
        return self._share
