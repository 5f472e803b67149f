"""One painting: a plan's stages, one after another, as steps."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from math import inf, isfinite
from typing import Final

import numpy as np
import PIL.Image
import tensorflow as tf

from core.adapted_plan import OUT_OF_MEMORY, AdaptedPlan
from core.checkpoint import CheckpointError, State
from core.first_picture import FirstPicture, first_picture
from core.minimise import Iterate, lbfgs
from core.notes import Note
from core.objective import Evaluation, Objective, Targets
from core.preconditioner import FrequencyPreconditioner
from core.progress import ProgressCounter, RemainingLoss
from core.rendering import Rendering
from core.retakes import Start, starts, usable
from core.schedule import StagePlan
from core.scipy_lbfgs import restarted_lbfgsb
from core.specification import Specification
from core.start import StartModel
from core.steps import LazyImage, Losses, Step

MEMORY: Final = 10
"""Pairs that L-BFGS remembers."""

TOO_MANY: Final = 1_000_000
"""Iterations that no stage of a timed painting reaches."""

FIRST_STEP: Final = 2.0
"""Grey levels by which L-BFGS' first step changes a pixel, on average."""


def run(
    objective: Objective,
    spec: Specification,
    state: State | None = None,
    start_model: StartModel | None = None,
) -> Generator[Step]:
    """Paints.

    Args:
        objective: of the painting's recipe.
        spec: what to paint.
        state: where an earlier run of the same painting stood; None: anew.
        start_model: which makes the first picture; None: none comes before the first step.

    Returns:
        A generator of steps, one after every evaluation; the last holds the painting.

    Raises:
        CheckpointError: the state is another painting's.
        ComputationError: the device computes nothing of use; raised by the generator.
    """
    painting = spec.fingerprint()
    if state is not None and not state.fits(painting, spec.plan):
        raise CheckpointError
    return _Run(objective, spec, painting, state, start_model).steps()


@dataclass(frozen=True, slots=True)
class _ActiveStage:
    """A stage under way.

    Attributes:
        index, plan: which one of the plan; its sizes and iterations.
        before, work: done before it, in iterations and `StagePlan.pixels`.
        photo: at its size.
        targets: what pictures are compared with.
    """

    index: int
    plan: StagePlan
    before: int
    work: int
    photo: tf.Tensor
    targets: Targets


class _Run:
    """One run; its attributes are where it stands."""

    def __init__(
        self,
        objective: Objective,
        spec: Specification,
        painting: str,
        state: State | None,
        start_model: StartModel | None,
    ) -> None:
        self._spec = spec
        self._painting = painting
        self._state = state
        self._start_model = start_model
        self._rendering = Rendering(spec)
        self._plan = AdaptedPlan(objective, spec, state)
        self._before = 0 if state is None else state.before
        self._first: FirstPicture | None = None
        self._reached: tuple[tf.Tensor, Iterate] | None = None
        self._shown: tuple[_ActiveStage, Iterate] | None = None

    def steps(self) -> Generator[Step]:
        """See `run`."""
        plan = self._plan
        self._budget = plan.begin()
        self._counter = ProgressCounter(
            self._spec.plan, self._budget, self._spec.recipe.restart_evaluations or 1
        )
        self._remaining_loss = RemainingLoss(plan.stages)
        index = 0 if self._state is None else self._state.stage
        while True:
            fault = yield from self._try(index)
            if fault is None:
                index += 1
                if index == len(plan.stages) or not self._budget.reaches(index):
                    break
            elif not plan.save_memory(index, self._shown and self._shown[0].plan):
                if self._shown is None:
                    raise fault
                break
        if self._shown is None:
            raise RuntimeError("The painting had no step.")
        stage, iterate = self._shown
        if plan.note or not self._counter.is_complete:
            counted = self._counter.counted(stage.plan, iterate.iteration)
            yield self._step(stage, iterate, counted, last=True)

    def _try(self, index: int) -> Generator[Step, None, BaseException | None]:
        """Paints a stage; returns the fault if memory ran out."""
        try:
            yield from self._paint(self._stage(index))
        except OUT_OF_MEMORY as error:
            # Without what its frames hold on to.
            return error.with_traceback(None)
        return None

    def _stage(self, index: int) -> _ActiveStage:
        """Looks at the photo and the styles at a stage's size."""
        plan = self._plan.stages[index]
        photo = self._rendering.photo(plan.size)
        targets = self._rendering.targets(self._plan.objective, plan, photo)
        work = sum(earlier.work for earlier in self._plan.stages[:index])
        self._budget.begin(index)
        return _ActiveStage(index, plan, self._before, work, photo, targets)

    def _paint(self, stage: _ActiveStage) -> Generator[Step]:
        """Paints one stage, and sets what it reached."""
        state = self._state
        if state is not None and (state.stage, state.size) != (stage.index, stage.plan.size):
            state = None
        if stage.index == 0 and self._start_model is not None:
            evaluate = partial(self._evaluate, stage)
            self._first = first_picture(self._start_model, self._spec, stage.photo, evaluate)
        if self._first is not None and self._spec.quick:
            self._shown = stage, self._first.iterate
            return
        if self._first is not None and state is None:
            yield self._step(stage, self._first.iterate, 0)
        choices = starts(
            self._spec, stage.photo, state=state, reached=self._reached, first=self._first
        )
        for iterate in usable(choices, partial(self._minimise, stage), self._plan.retake):
            self._shown = stage, self._better(iterate)
            yield self._step(stage, iterate, iterate.iteration)
            if self._budget.is_over():
                break
        counted = self._counter.counted(stage.plan, iterate.iteration)
        if iterate.iteration < counted:
            yield self._step(stage, iterate, counted)
        self._before += counted
        self._reached = stage.photo, self._better(iterate)
        self._first = None

    def _minimise(self, stage: _ActiveStage, start: Start) -> Iterator[Iterate]:
        evaluate = partial(self._evaluate_in_time, stage)
        iterations = TOO_MANY if self._budget.has_end else stage.plan.iterations
        evaluations = self._spec.recipe.restart_evaluations
        if evaluations is not None:
            return restarted_lbfgsb(
                evaluate, start.point, iterations, evaluations=evaluations, done=start.done
            )
        return lbfgs(
            evaluate,
            start.point,
            iterations,
            memory=MEMORY,
            first_step=FIRST_STEP,
            precondition=FrequencyPreconditioner(*stage.photo.shape[1:3]),
            done=start.done,
            known=start.known,
        )

    def _evaluate_in_time(self, stage: _ActiveStage, picture: tf.Tensor) -> Evaluation:
        """The loss at a picture; infinite where anything about it is undefined."""
        evaluation = self._evaluate(stage, picture)
        self._budget.evaluated()
        if isfinite(evaluation.losses.total) and bool(
            tf.reduce_all(tf.math.is_finite(evaluation.gradient))
        ):
            return evaluation
        return Evaluation(Losses(inf, inf, inf, inf), tf.zeros_like(picture))

    def _evaluate(self, stage: _ActiveStage, picture: tf.Tensor) -> Evaluation:
        return self._plan.objective.evaluate(picture, stage.targets, self._spec.weights)

    def _better(self, iterate: Iterate) -> Iterate:
        return iterate if self._first is None else self._first.better(iterate)

    def _step(
        self, stage: _ActiveStage, iterate: Iterate, iteration: int, *, last: bool = False
    ) -> Step:
        """The step at an iterate that counts as this stage's `iteration`."""
        work = stage.work + stage.plan.pixels * iteration
        count = self._counter.count(stage.before + iteration, work, last=last)
        elapsed, note, shown = self._budget.elapsed, self._plan.note, self._better(iterate)
        losses = shown.evaluation.losses
        photo_loss = self._spec.weights.total(stage.targets.photo)
        return Step(
            iteration=count.iteration,
            iterations=count.iterations,
            losses=losses,
            elapsed=elapsed,
            picture=LazyImage(self._picture(stage, shown)),
            share=count.share,
            photo_loss=photo_loss,
            loss_left=self._remaining_loss.reach(
                stage.index, losses.total / photo_loss if photo_loss > 0 else 1.0, last=last
            ),
            note=note,
            state=partial(self._state_at, stage, iterate.origin or iterate, elapsed, note),
        )

    def _picture(self, stage: _ActiveStage, shown: Iterate) -> Callable[[], PIL.Image.Image]:
        if self._first is not None and shown.point is self._first.iterate.point:
            return partial(self._rendering.finished, self._first.image)
        return partial(self._rendering.picture, shown.point, stage.photo)

    def _state_at(
        self, stage: _ActiveStage, iterate: Iterate, elapsed: float, note: Note | None
    ) -> State:
        return State(
            painting=self._painting,
            stage=stage.index,
            iteration=iterate.iteration,
            before=stage.before,
            elapsed=elapsed,
            size=stage.plan.size,
            point=np.asarray(iterate.point),
            pairs=tuple((np.asarray(step), np.asarray(change)) for step, change in iterate.pairs),
            note=note,
        )
