"""L-BFGS, step by step: whoever consumes it decides whether there is another.

Liu and Nocedal, "On the limited memory BFGS method for large scale
optimization", 1989.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Final

import tensorflow as tf

from core.objective import Evaluation
from core.tracing import AnySizeGraph

Evaluate = Callable[[tf.Tensor], Evaluation]

Preconditioner = Callable[[tf.Tensor], tf.Tensor]
"""A guess of the inverse curvature, but for a factor: linear, symmetric and positive."""

Pairs = tuple[tuple[tf.Tensor, tf.Tensor], ...]
"""Steps and the changes of gradient along them, the oldest first; float32 with the
digits of bfloat16."""

_SUFFICIENT: Final = 1e-4
"""Part of the decrease promised by the slope that a step must bring (Armijo)."""

_TRIALS: Final = 8
"""Evaluations along one direction before it is given up."""


@dataclass(frozen=True, slots=True)
class Iterate:
    """A point that the minimiser has reached.

    Attributes:
        iteration: iterations done.
        point: shape of the start.
        evaluation: the loss there.
        pairs: what the minimiser remembers of the curvature.
        origin: the iterate from which the minimiser can go on as if it had
            never stopped; None: this one.
    """

    iteration: int
    point: tf.Tensor
    evaluation: Evaluation
    pairs: Pairs = ()
    origin: Iterate | None = None


class _Memory:
    """The last steps and changes of gradient, standing for the curvature."""

    def __init__(self, size: int, precondition: Preconditioner, pairs: Pairs) -> None:
        self._size = size
        self._precondition = precondition
        self._pairs: deque[tuple[tf.Tensor, tf.Tensor, tf.Tensor]] = deque(maxlen=size)
        self._scale: tf.Tensor | None = None
        for step, change in pairs:
            self.add(step, change)

    def __len__(self) -> int:
        return len(self._pairs)

    @property
    def pairs(self) -> Pairs:
        """What is remembered."""
        return tuple((step, change) for step, change, _ in self._pairs)

    def clear(self) -> None:
        self._pairs.clear()

    def add(self, step: tf.Tensor, change: tf.Tensor) -> None:
        """Remembers a pair, unless it shows no positive curvature."""
        step, change = _short(step), _short(change)
        product = _dot(step, change)
        lengths = float(_dot(change, change)) ** 0.5 * float(_dot(step, step)) ** 0.5
        if float(product) > 1e-8 * lengths:
            self._pairs.append((step, change, 1 / product))
            self._scale = product / _dot(change, self._precondition(change))

    def direction(self, gradient: tf.Tensor) -> tf.Tensor:
        """The way down, as far as the pairs tell."""
        # Filled up with pairs that change nothing, so that one graph does for any number.
        nothing = tf.zeros_like(gradient)
        missing = self._size - len(self._pairs)
        steps, changes, inverses = zip(
            *((nothing, nothing, tf.constant(0.0)) for _ in range(missing)),
            *self._pairs,
            strict=True,
        )
        vector, shares = _first_loop(gradient, steps, changes, inverses)
        guess = self._scale * self._precondition(vector)
        return -_second_loop(guess, shares, steps, changes, inverses)


def _as_it_is(vector: tf.Tensor) -> tf.Tensor:
    return vector


def trace(point: tf.Tensor, memory: int, precondition: Preconditioner = _as_it_is) -> None:
    """Traces the graphs that `lbfgs` takes its directions by.

    Args:
        point: of the shape of the points to come; not all 0.
        memory: as in `lbfgs`.
        precondition: as in `lbfgs`.
    """
    _Memory(memory, precondition, ((point, point),)).direction(point)


def lbfgs(
    evaluate: Evaluate,
    start: tf.Tensor,
    iterations: int,
    *,
    memory: int,
    first_step: float,
    precondition: Preconditioner = _as_it_is,
    done: int = 0,
    known: Pairs = (),
) -> Iterator[Iterate]:
    """Minimises by L-BFGS with a backtracking line search.

    Nothing depends on the loss's unit: the first step is a length in the
    variable's unit, and later ones are scaled by the curvature that was seen.
    A point where the loss is not finite is never accepted.

    Args:
        evaluate: loss and gradient at a point.
        start: where to begin, of any shape, float32.
        iterations: the most steps to take.
        memory: pairs of step and gradient change that are remembered.
        first_step: mean absolute change of a variable in the first step.
        precondition: what stands for the curvature that no pair tells of.
        done: of the iterations, where a run goes on that was interrupted.
        known: what was remembered there.

    Yields:
        After every evaluation the point reached so far: the start as iterate
        `done`, then each accepted iterate, and the same one again while a line search
        goes on. Ends early if no direction leads down further.
    """
    point = start
    current = evaluate(point)
    pairs = _Memory(memory, precondition, known)
    yield Iterate(done, point, current, pairs.pairs)
    for iteration in range(done + 1, iterations + 1):
        here = Iterate(iteration - 1, point, current, pairs.pairs)
        found = None
        if len(pairs):
            found = yield from _search(evaluate, here, pairs.direction(current.gradient))
            if found is None:
                pairs.clear()
        if found is None:
            slope = float(tf.reduce_mean(tf.abs(current.gradient)))
            if slope == 0 or not isfinite(slope):
                return
            found = yield from _search(evaluate, here, current.gradient * (-first_step / slope))
        if found is None:
            return
        reached, evaluation = found
        pairs.add(reached - point, evaluation.gradient - current.gradient)
        point, current = reached, evaluation
        yield Iterate(iteration, point, current, pairs.pairs)


def _search(
    evaluate: Evaluate, here: Iterate, direction: tf.Tensor
) -> Generator[Iterate, None, tuple[tf.Tensor, Evaluation] | None]:
    """Finds a point along a direction that is low enough, or gives up.

    Yields where it started from after each evaluation that was not low enough.
    """
    point, current = here.point, here.evaluation
    slope = float(_dot(direction, current.gradient))
    if not isfinite(slope) or slope >= 0:
        return None
    length = 1.0
    for _ in range(_TRIALS):
        reached = point + length * direction
        evaluation = evaluate(reached)
        rise = evaluation.losses.total - current.losses.total
        if isfinite(rise) and rise <= _SUFFICIENT * length * slope:
            return reached, evaluation
        yield here
        # The parabola through both values and the slope, kept from extremes.
        bottom = -slope * length**2 / (2 * (rise - slope * length)) if isfinite(rise) else 0.0
        length = min(max(bottom, 0.1 * length), 0.5 * length)
    return None


def _short(vector: tf.Tensor) -> tf.Tensor:
    """The vector with fewer digits: so can half of its bytes be left out where it is saved.

    The curvature is a guess at best, and no worse for it.
    """
    return tf.cast(tf.cast(vector, tf.bfloat16), tf.float32)


def _dot(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(first * second)


# Two graphs: taken one by one, these small operations would cost a third of an evaluation.
@AnySizeGraph
def _first_loop(
    gradient: tf.Tensor,
    steps: tuple[tf.Tensor, ...],
    changes: tuple[tf.Tensor, ...],
    inverses: tuple[tf.Tensor, ...],
) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
    """Nocedal and Wright, "Numerical Optimization", algorithm 7.4, the oldest pair first."""
    vector = gradient
    shares = []
    for step, change, inverse in zip(
        reversed(steps), reversed(changes), reversed(inverses), strict=True
    ):
        share = inverse * _dot(step, vector)
        vector = vector - share * change
        shares.append(share)
    return vector, tuple(reversed(shares))


@AnySizeGraph
def _second_loop(
    vector: tf.Tensor,
    shares: tuple[tf.Tensor, ...],
    steps: tuple[tf.Tensor, ...],
    changes: tuple[tf.Tensor, ...],
    inverses: tuple[tf.Tensor, ...],
) -> tf.Tensor:
    """The same algorithm's second half."""
    for share, step, change, inverse in zip(shares, steps, changes, inverses, strict=True):
        vector = vector + (share - inverse * _dot(change, vector)) * step
    return vector
