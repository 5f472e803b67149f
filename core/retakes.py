"""Where a stage begins, and where it begins again if only undefined numbers come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import isfinite

import tensorflow as tf

from core import tensors
from core.checkpoint import State
from core.errors import ComputationError
from core.first_picture import FirstPicture
from core.minimise import Iterate, Pairs
from core.specification import Specification


@dataclass(frozen=True, slots=True)
class Start:
    """Where a minimisation begins: a picture, iterations done before, and what is remembered."""

    point: tf.Tensor
    done: int = 0
    known: Pairs = ()


def starts(
    spec: Specification,
    photo: tf.Tensor,
    *,
    state: State | None,
    reached: tuple[tf.Tensor, Iterate] | None,
    first: FirstPicture | None,
) -> Iterator[Start]:
    """Where a stage may begin, the best first; the photo itself is the last resort.

    Args:
        spec: what is painted.
        photo: at the stage's size.
        state: where an earlier run stood in this stage.
        reached: by the stage before: the photo at its size, and the painting.
        first: the start model's picture.
    """
    if state is not None:
        known = tuple((tf.constant(step), tf.constant(change)) for step, change in state.pairs)
        yield Start(tf.constant(state.point), state.iteration, known)
    elif reached is not None:
        earlier, iterate = reached
        if earlier.shape == photo.shape:
            yield Start(_defined(iterate.point, photo), known=iterate.pairs)
        else:
            yield Start(_defined(tensors.enlarge(iterate.point, earlier, photo), photo))
    elif first is not None and spec.recipe.from_first_picture:
        yield Start(_defined(first.iterate.point, photo))
    else:
        noise = tensors.noise(photo.shape, spec.recipe.noise * spec.mix, spec.seed)
        yield Start(_defined(photo + noise, photo))
    yield Start(photo)


def _defined(point: tf.Tensor, photo: tf.Tensor) -> tf.Tensor:
    return tf.where(tf.math.is_finite(point), point, photo)


def usable(
    choices: Iterable[Start],
    minimise: Callable[[Start], Iterator[Iterate]],
    retake: Callable[[], object],
) -> Iterator[Iterate]:
    """Minimises from the first start, or from the next one where the loss is undefined.

    Args:
        choices: the starts, the best first.
        minimise: from a start.
        retake: called each time that a start was in vain.

    Yields:
        Iterates of finite loss.

    Raises:
        ComputationError: all were in vain.
    """
    for start in choices:
        iterate: Iterate | None = None
        for iterate in minimise(start):
            if not isfinite(iterate.evaluation.losses.total):
                break
            yield iterate
        else:
            if iterate is not None:
                return
        retake()
    raise ComputationError
