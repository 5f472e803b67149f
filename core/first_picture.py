"""The first picture of a painting: one pass of a start model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import Final

import numpy as np
import PIL.Image
import tensorflow as tf

from core import images, tensors
from core.minimise import Evaluate, Iterate
from core.specification import Specification
from core.start import StartModel
from core.start.batches import ImageArray

NO_MODEL: Final = "none"
"""The handle that stands for no start model."""


@dataclass(frozen=True, slots=True)
class FirstPicture:
    """A start model's picture, which is shown until the minimisation has something better.

    Attributes:
        image: RGB, in full.
        iterate: the same at the first stage's size, with its loss there.
    """

    image: PIL.Image.Image
    iterate: Iterate

    def better(self, iterate: Iterate) -> Iterate:
        """The one of the two that is nearer to what is wanted, with the other's number."""
        if self.iterate.evaluation.losses.total < iterate.evaluation.losses.total:
            return replace(self.iterate, iteration=iterate.iteration)
        return iterate


def first_picture(
    model: StartModel, spec: Specification, photo: tf.Tensor, evaluate: Evaluate
) -> FirstPicture | None:
    """Makes a painting's first picture, and measures it.

    Args:
        model: which makes it.
        spec: what is painted.
        photo: at the size of the first stage, shape (1, height, width, 3).
        evaluate: the loss there.

    Returns:
        None if it does not fit into memory (the minimisation may, by a smaller
        size), or if its loss is undefined.

    Raises:
        StartModelError: the model fails on these pictures.
    """
    try:
        image = _stylised(model, spec)
    except (MemoryError, tf.errors.ResourceExhaustedError):
        return None
    point = tensors.tensor(image, (photo.shape[2], photo.shape[1]))
    evaluation = evaluate(point)
    if not isfinite(evaluation.losses.total):
        return None
    return FirstPicture(image, Iterate(0, point, evaluation))


def _stylised(model: StartModel, spec: Specification) -> PIL.Image.Image:
    """The photo after one pass, RGB, of the size of the last stage."""
    photo = images.resize(spec.content, spec.plan.stages[-1].size)
    styles = [_array(style) for style in spec.styles]
    painted = model.stylise(_array(photo), styles, spec.shares, strength=spec.mix)
    picture = PIL.Image.fromarray(np.round(painted * 255).astype(np.uint8))
    if spec.mask is not None:
        picture.paste(photo, mask=spec.mask.convert("L").resize(photo.size))
    return picture


def _array(image: PIL.Image.Image) -> ImageArray:
    return np.asarray(image, np.float32) / np.float32(255)
