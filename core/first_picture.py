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

WORKING_SIZE: Final = 640
"""Pixels on the long side that the model works at, at most: beyond, what is gained in fine
detail would be lost in waiting."""


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


class FirstPictures:
    """Start models, each loaded once, and the pictures that paintings begin with."""

    def __init__(self) -> None:
        """Loads nothing yet."""
        self._models: dict[str, StartModel] = {}

    def load(self, handle: str) -> None:
        """Loads a start model, unless that was done before.

        Args:
            handle: as for `StartModel.load`.

        Raises:
            StartModelError: nothing can be loaded from there.
        """
        if handle not in self._models:
            self._models[handle] = StartModel.load(handle)

    def warm(self, handle: str) -> None:
        """Loads a start model and runs it once, so that pictures come at once.

        Args:
            handle: as for `StartModel.load`.

        Raises:
            StartModelError: nothing can be loaded from there, or it is no stylisation.
        """
        self.load(handle)
        for shape in ((48, 64, 3), (64, 48, 3)):
            grey = np.full(shape, 0.5, np.float32)
            self._models[handle].stylise(grey, grey)

    def measured(
        self, spec: Specification, photo: tf.Tensor, evaluate: Evaluate
    ) -> FirstPicture | None:
        """Makes a painting's first picture, and measures it.

        Args:
            spec: one whose `start_model` is loaded, or is none.
            photo: at the size of the first stage, shape (1, height, width, 3).
            evaluate: the loss there.

        Returns:
            None if it has none, if that does not fit into memory (the
            minimisation may, by a smaller size), or if its loss is undefined.

        Raises:
            StartModelError: the model fails on these pictures.
        """
        if spec.start_model == NO_MODEL:
            return None
        try:
            image = self.picture(spec)
        except (MemoryError, tf.errors.ResourceExhaustedError):
            return None
        point = tensors.tensor(image, (photo.shape[2], photo.shape[1]))
        evaluation = evaluate(point)
        if not isfinite(evaluation.losses.total):
            return None
        return FirstPicture(image, Iterate(0, point, evaluation))

    def picture(self, spec: Specification) -> PIL.Image.Image:
        """Stylises a painting's photo in one pass.

        Args:
            spec: one whose `start_model` is loaded.

        Returns:
            RGB, of the size of the last stage.

        Raises:
            StartModelError: the model fails on these pictures.
        """
        photo = images.resize(spec.content, spec.plan.stages[-1].size)
        painted = self._models[spec.start_model].stylise(
            _array(photo),
            [_array(style) for style in spec.styles],
            spec.shares,
            strength=spec.mix,
            working_size=WORKING_SIZE,
        )
        picture = PIL.Image.fromarray(np.round(painted * 255).astype(np.uint8))
        if spec.mask is not None:
            picture.paste(photo, mask=spec.mask.convert("L").resize(photo.size))
        return picture


def _array(image: PIL.Image.Image) -> ImageArray:
    return np.asarray(image, np.float32) / np.float32(255)
