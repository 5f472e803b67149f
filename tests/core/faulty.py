"""A device that fails on demand, and what is painted on it."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import PIL.Image
import tensorflow as tf

import core
from core.objective import Evaluation, Objective, Statistics, Targets, Weights
from core.recipes import Recipe
from core.schedule import plan
from core.specification import Specification
from core.steps import Losses


@dataclass
class Faulty:
    """An objective on such a device.

    Attributes:
        objective: the real one.
        largest: pixels of a picture beyond which there is no memory.
        without_memory: evaluations for which there is none, counted from 1.
        undefined: evaluations of which nothing comes, counted in the same way.
        calls: evaluations so far.
    """

    objective: Objective
    largest: int = 10**9
    without_memory: frozenset[int] = frozenset()
    undefined: frozenset[int] = frozenset()
    calls: int = 0

    def statistics(self, picture: tf.Tensor) -> tuple[Statistics, ...]:
        return self.objective.statistics(picture)

    def targets(
        self,
        content: tf.Tensor,
        style: tuple[Statistics, ...],
        mask: tf.Tensor | None = None,
        content_weights: tf.Tensor | None = None,
    ) -> Targets:
        return self.objective.targets(content, style, mask, content_weights)

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        self.calls += 1
        area = picture.shape[1] * picture.shape[2]
        if area > self.largest or self.calls in self.without_memory:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        evaluation = self.objective.evaluate(picture, targets, weights)
        if self.calls not in self.undefined:
            return evaluation
        return Evaluation(Losses(nan, nan, nan, nan), evaluation.gradient * nan)

    def with_less_memory(self) -> Objective | None:
        return self.objective.with_less_memory()

    # Targets are known by the objective that they were computed by.
    __hash__ = object.__hash__


def specification(
    recipe: Recipe, photo: PIL.Image.Image, style: PIL.Image.Image, **options: int
) -> Specification:
    """What to paint by a recipe; the options are `core.Options`' own."""
    layout = plan(recipe, core.Options(**options), photo.size, style.size)  # type: ignore[arg-type]
    weights = Weights(recipe.content_weight, recipe.style_weight, recipe.variation_weight)
    return Specification(recipe, layout, weights, 0, photo, (style,))
