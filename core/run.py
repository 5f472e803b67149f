"""One painting: a plan's stages, one after another, as steps."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import inf, isfinite
from typing import Final, TypeAlias

import numpy as np
import PIL.Image
import tensorflow as tf

from core import tensors
from core.checkpoint import CheckpointError, State
from core.errors import ComputationError
from core.first_picture import FirstPicture, FirstPictures
from core.keep_mask import mask_tensor
from core.minimise import Iterate, Pairs, lbfgs
from core.notes import Note
from core.objective import Evaluation, Objective, Statistics, Targets, eigen_weighted, mixed
from core.preconditioner import FrequencyPreconditioner
from core.progress import ProgressCounter
from core.rendering import Rendering
from core.schedule import StagePlan, shrunk
from core.scipy_lbfgs import restarted_lbfgsb
from core.specification import Specification
from core.steps import LazyImage, Losses, Step
from core.time_budget import TOO_MANY, TimeBudget

MEMORY: Final = 10
"""Pairs that L-BFGS remembers."""

FIRST_STEP: Final = 2.0
"""Grey levels by which L-BFGS' first step changes a pixel, on average."""

QUICK_SIZE: Final = 256
"""Pixels on the long side at which a quick painting is measured."""

LEAST_SIDE: Final = 64
"""Pixels on the long side below which no more memory is saved."""

SHRINKING: Final = 0.7
"""By how much a size that is too large is made smaller, again and again."""

OUT_OF_MEMORY: Final = (MemoryError, tf.errors.ResourceExhaustedError)


def run(
    objective: Objective,
    spec: Specification,
    state: State | None = None,
    first_pictures: FirstPictures | None = None,
) -> Generator[Step]:
    """Paints.

    Args:
        objective: of the painting's recipe.
        spec: what to paint.
        state: where an earlier run of the same painting stood; None: anew.
        first_pictures: with the painting's start model loaded; None if it has none.

    Returns:
        A generator of steps, one after every evaluation; the last holds the painting.

    Raises:
        CheckpointError: the state is another painting's.
        ComputationError: the device computes nothing of use; raised by the generator.
    """
    if state is not None and not state.fits(spec.fingerprint(), spec.plan):
        raise CheckpointError
    return _Run(objective, spec, state, first_pictures).steps()


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a minimisation begins: a picture, iterations done before, and what is remembered."""

    point: tf.Tensor
    done: int = 0
    known: Pairs = ()


@dataclass(frozen=True, slots=True)
class _Reached:
    """What a stage has come to: the picture, the photo at its size, and what is remembered."""

    point: tf.Tensor
    photo: tf.Tensor
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class _Scene:
    """A stage under way.

    Attributes:
        index, stage: which one of the plan; its sizes and iterations.
        before, work: done before it, in iterations and `StagePlan.pixels`.
        photo: at its size.
        targets: what pictures are compared with.
    """

    index: int
    stage: StagePlan
    before: int
    work: int
    photo: tf.Tensor
    targets: Targets


_Aimed: TypeAlias = tuple[Objective, tuple[int, int], tuple[tuple[int, int], ...]]
"""What targets were computed by and for: an objective, a stage's size and its styles'."""


class _Run:
    """One run; its attributes are where it stands."""

    def __init__(
        self,
        objective: Objective,
        spec: Specification,
        state: State | None,
        first_pictures: FirstPictures | None,
    ) -> None:
        self._objective = objective
        self._spec = spec
        self._first_pictures = first_pictures
        self._rendering = Rendering(spec)
        self._first_picture: FirstPicture | None = None
        plan = spec.plan
        self._stages = list(plan.stages) if state is None else state.stages(plan)
        self._resumed = state
        self._began = 0.0
        self._budget: TimeBudget | None = None
        self._before = 0 if state is None else state.before
        self._progress = ProgressCounter(plan, spec.recipe.restart_evaluations or 1)
        self._reached: _Reached | None = None
        self._last: tuple[_Scene, Iterate] | None = None
        self._aim: tuple[_Aimed, Targets] | None = None
        self._note = None if state is None else state.note
        self._painting = spec.fingerprint()

    def steps(self) -> Generator[Step]:
        """See `run`."""
        self._began = time.monotonic() - (self._resumed.elapsed if self._resumed else 0.0)
        self._set_pace()
        index = self._resumed.stage if self._resumed else 0
        if self._spec.quick:
            self._stages = [shrunk(self._stages[0], QUICK_SIZE)]
        while index < len(self._stages):
            fault: BaseException | None = None
            try:
                yield from self._stage(index)
                index += 1
            except OUT_OF_MEMORY as error:
                # Without what its frames hold on to.
                fault = error.with_traceback(None)
            if fault is not None and not self._retreat(index):
                if self._last is None:
                    raise fault
                break
            if not self._has_time_for(index):
                break
        if self._last is None:
            raise RuntimeError("The painting had no step.")
        scene, iterate = self._last
        if not self._progress.is_complete or self._budget or self._note:
            yield self._step(scene, iterate, scene.stage.iterations, last=True)

    def _set_pace(self) -> None:
        seconds = self._spec.seconds
        if seconds is None:
            return
        self._budget = TimeBudget(seconds, self._stages, self._began)
        if self._resumed is None:
            pixels = self._time_a_small_picture()
            while not self._budget.affords(self._stages[0]) and pixels < self._stages[0].pixels:
                if (smaller := self._smaller(0)) is None:
                    break
                self._stages[0] = smaller

    def _time_a_small_picture(self) -> int:
        """Lets the budget learn the machine's speed; returns the pixels that it was learnt on."""
        if self._budget is None:
            raise RuntimeError("There is no time to keep to.")
        grey = tf.fill((1, LEAST_SIDE, LEAST_SIDE, 3), 128.0)
        targets = self._objective.targets(grey, self._objective.statistics(grey))
        for _ in range(3):
            # The first one traces the graph; only the last one tells the speed.
            began = time.monotonic()
            self._objective.evaluate(grey, targets, self._spec.weights)
            self._budget.learn(LEAST_SIDE**2, time.monotonic() - began)
        return LEAST_SIDE**2

    def _has_time_for(self, index: int) -> bool:
        return self._budget is None or index == len(self._stages) or self._budget.reaches(index)

    def _stage(self, index: int) -> Generator[Step]:
        """Paints one stage, and sets what it reached."""
        spec, stage = self._spec, self._stages[index]
        photo = self._rendering.photo(stage.size)
        scene = _Scene(
            index=index,
            stage=stage,
            before=self._before,
            work=sum(earlier.work for earlier in self._stages[:index]),
            photo=photo,
            targets=self._targets(stage, photo),
        )
        if self._budget is not None:
            self._budget.begin(index)
        if index == 0 and self._first_pictures is not None:
            self._first_picture = self._first_pictures.measured(
                spec, photo, partial(self._measure, scene)
            )
        if self._first_picture is not None:
            if spec.quick:
                self._last = scene, self._first_picture.iterate
                return
            if self._resumed is None:
                yield self._step(scene, self._first_picture.iterate, 0)
        iterate = yield from self._attempts(scene)
        self._resumed = None
        if self._budget is None and iterate.iteration < stage.iterations:
            yield self._step(scene, iterate, stage.iterations)
        self._before += iterate.iteration if self._budget is not None else stage.iterations
        better = self._better(iterate)
        self._reached = _Reached(better.point, photo, better.pairs)
        self._first_picture = None

    def _attempts(self, scene: _Scene) -> Generator[Step, None, Iterate]:
        """Minimises, and once more from the photo if anything undefined comes of it."""
        iterate: Iterate | None = None
        for start in self._starts(scene.photo):
            for iterate in self._minimise(scene, start):
                if not isfinite(iterate.evaluation.losses.total):
                    break
                self._last = scene, self._better(iterate)
                yield self._step(scene, iterate, iterate.iteration)
                if self._budget is not None and self._budget.is_over():
                    break
            if iterate is not None and isfinite(iterate.evaluation.losses.total):
                break
            # That it is smaller can be seen, and is what matters more.
            self._note = self._note or Note.retaken()
        if iterate is None or not isfinite(iterate.evaluation.losses.total):
            raise ComputationError
        return iterate

    def _better(self, iterate: Iterate) -> Iterate:
        return iterate if self._first_picture is None else self._first_picture.better(iterate)

    def _minimise(self, scene: _Scene, start: _Start) -> Iterator[Iterate]:
        evaluate = partial(self._evaluate, scene)
        iterations = scene.stage.iterations if self._budget is None else TOO_MANY
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
            precondition=FrequencyPreconditioner(*scene.photo.shape[1:3]),
            done=start.done,
            known=start.known,
        )

    def _starts(self, photo: tf.Tensor) -> Iterator[_Start]:
        """Where a stage may begin, the best first; the photo itself is the last resort."""
        state = self._resumed
        if state is not None:
            known = tuple((tf.constant(step), tf.constant(change)) for step, change in state.pairs)
            yield _Start(tf.constant(state.point), state.iteration, known)
        else:
            start = self._start(photo)
            point = tf.where(tf.math.is_finite(start.point), start.point, photo)
            yield replace(start, point=point)
        yield _Start(photo)

    def _start(self, photo: tf.Tensor) -> _Start:
        spec, reached = self._spec, self._reached
        if reached is not None:
            if reached.photo.shape == photo.shape:
                return _Start(reached.point, known=reached.pairs)
            return _Start(tensors.enlarge(reached.point, reached.photo, photo))
        if self._first_picture is not None and spec.recipe.from_first_picture:
            return _Start(self._first_picture.iterate.point)
        deviation = spec.recipe.noise * spec.mix
        return _Start(photo + tensors.noise(photo.shape, deviation, spec.seed))

    def _measure(self, scene: _Scene, picture: tf.Tensor) -> Evaluation:
        return self._objective.evaluate(picture, scene.targets, self._spec.weights)

    def _evaluate(self, scene: _Scene, picture: tf.Tensor) -> Evaluation:
        """The loss at a picture; infinite where anything about it is undefined."""
        evaluation = self._measure(scene, picture)
        if self._budget is not None:
            self._budget.evaluated()
        if isfinite(evaluation.losses.total) and bool(
            tf.reduce_all(tf.math.is_finite(evaluation.gradient))
        ):
            return evaluation
        return Evaluation(Losses(inf, inf, inf, inf), tf.zeros_like(picture))

    def _retreat(self, index: int) -> bool:
        """Makes do with less memory; whether the stage can be tried again.

        Smaller tiles give the same painting. Else what was reached before is
        the painting, if anything was; else the first stage becomes smaller.
        """
        gc.collect()
        if (frugal := self._objective.with_less_memory()) is not None:
            self._objective = frugal
            return True
        if self._last is not None:
            self._note = Note.smaller(self._last[0].stage.size)
            return False
        smaller = self._smaller(index)
        if smaller is None or max(smaller.size) < LEAST_SIDE:
            return False
        # The sizes beyond would fail, too.
        self._stages[index:] = [smaller]
        self._resumed = None
        self._note = Note.smaller(smaller.size)
        return True

    def _smaller(self, index: int) -> StagePlan | None:
        """The stage at the next smaller size; None if its short side allows none."""
        stage = self._stages[index]
        # From the plan's own size, as `State.fits` will: two roundings may come out otherwise.
        smaller = shrunk(self._spec.plan.stages[index], round(max(stage.size) * SHRINKING))
        return smaller if smaller.pixels < stage.pixels else None

    def _targets(self, stage: StagePlan, photo: tf.Tensor) -> Targets:
        spec = self._spec
        key = self._objective, stage.size, stage.style_sizes
        if self._aim is None or self._aim[0] != key:
            # Forgotten first: two sizes' targets need not be held at once.
            self._aim = None
            style = self._wanted(photo, self._rendering.styles(stage.style_sizes))
            mask = None if spec.mask is None else mask_tensor(spec.mask, stage.size)
            targets = self._objective.targets(photo, style, mask)
            self._aim = key, targets
        return eigen_weighted(self._aim[1], stage.eigen_weight)

    def _wanted(self, photo: tf.Tensor, styles: list[tf.Tensor]) -> tuple[Statistics, ...]:
        """The statistics that are aimed at."""
        spec, known = self._spec, [self._objective.statistics(style) for style in styles]
        wanted = mixed(known, spec.shares)
        if spec.mix == 1.0:
            return wanted
        return mixed([self._objective.statistics(photo), wanted], [1.0 - spec.mix, spec.mix])

    def _step(self, scene: _Scene, iterate: Iterate, iteration: int, *, last: bool = False) -> Step:
        """The step at an iterate that counts as this stage's `iteration`."""
        if self._budget is None:
            work = scene.work + scene.stage.pixels * iteration
            progress = self._progress.planned(scene.before + iteration, work, last=last)
        else:
            done = scene.before + iterate.iteration
            progress = self._progress.timed(done, self._budget, last=last)
        elapsed = time.monotonic() - self._began
        return Step(
            iteration=progress.iteration,
            iterations=progress.iterations,
            losses=self._better(iterate).evaluation.losses,
            elapsed=elapsed,
            picture=LazyImage(self._picture(scene, self._better(iterate))),
            share=progress.share,
            photo_loss=self._spec.weights.total(scene.targets.photo),
            note=self._note,
            state=partial(self._state, scene, iterate.origin or iterate, elapsed, self._note),
        )

    def _state(self, scene: _Scene, iterate: Iterate, elapsed: float, note: Note | None) -> State:
        return State(
            painting=self._painting,
            stage=scene.index,
            iteration=iterate.iteration,
            before=scene.before,
            elapsed=elapsed,
            size=_size(scene.photo),
            point=np.asarray(iterate.point),
            pairs=tuple((np.asarray(step), np.asarray(change)) for step, change in iterate.pairs),
            note=note,
        )

    def _picture(self, scene: _Scene, iterate: Iterate) -> Callable[[], PIL.Image.Image]:
        if self._first_picture is not None and iterate.point is self._first_picture.iterate.point:
            return partial(self._rendering.finished, self._first_picture.image)
        return partial(self._rendering.picture, iterate.point, scene.photo)


def _size(photo: tf.Tensor) -> tuple[int, int]:
    """Width and height."""
    return photo.shape[2], photo.shape[1]
