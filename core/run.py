"""One painting: a plan's stages, one after another, as steps."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import PIL.Image
import tensorflow as tf

from core import images
from core.focus import mask_tensor
from core.minimise import Evaluate, Iterate, lbfgs
from core.objective import Evaluation, Objective, Targets, Weights
from core.palette import lay_colours
from core.recipes import Recipe
from core.restarts import restarted_lbfgsb
from core.schedule import Plan, StagePlan
from core.steps import Picture, Step

MEMORY: Final = 20
"""Pairs that L-BFGS remembers."""

FIRST_STEP: Final = 2.0
"""Grey levels by which L-BFGS' first step changes a pixel, on average."""


@dataclass(frozen=True, slots=True)
class Commission:
    """What is to be painted, and how.

    Attributes:
        recipe: the recipe.
        plan: its stages for these two pictures.
        weights: of the parts of the loss.
        seed: of the noise in the start.
        content: RGB, in its own size.
        styles: the same, at least one.
        shares: how much of each style, adding up to 1.
        mix: how far towards the styles the painting is to go, 0 to 1.
        mask: white where the photo is to be kept, of any size; None: nowhere.
        colours: RGB, whose colours are laid over the painting; None: its own.
    """

    recipe: Recipe
    plan: Plan
    weights: Weights
    seed: int
    content: PIL.Image.Image
    styles: tuple[PIL.Image.Image, ...]
    shares: tuple[float, ...] = (1.0,)
    mix: float = 1.0
    mask: PIL.Image.Image | None = None
    colours: PIL.Image.Image | None = None


def run(objective: Objective, commission: Commission) -> Generator[Step]:
    """Paints.

    Args:
        objective: of the commission's recipe.
        commission: what to paint.

    Yields:
        A step after every evaluation of the loss; the last one holds the
        painting.
    """
    began = time.monotonic()
    recipe, plan = commission.recipe, commission.plan
    before = _Before(0, 0)
    coarse: tuple[tf.Tensor, tf.Tensor] | None = None
    for stage in plan.stages:
        photo = _tensor(commission.content, stage.size, recipe)
        targets = _targets(objective, commission, stage, photo)
        scene = _Scene(commission, stage, before, photo, targets, began)
        if coarse is None:
            start = photo + _noise(photo.shape, recipe.noise * commission.mix, commission.seed)
        else:
            start = enlarge(*coarse, photo)

        def evaluate(picture: tf.Tensor, targets: Targets = targets) -> Evaluation:
            return objective.evaluate(picture, targets, commission.weights)

        iterate: Iterate | None = None
        for iterate in _minimise(recipe, evaluate, start, stage.iterations):
            yield scene.step(iterate, iterate.iteration)
        if iterate is None:
            raise RuntimeError("The minimiser handed out nothing.")
        if iterate.iteration < stage.iterations:
            yield scene.step(iterate, stage.iterations)
        before = _Before(before.iterations + stage.iterations, before.work + stage.work)
        coarse = iterate.point, photo


@dataclass(frozen=True, slots=True)
class _Before:
    """What earlier stages have done: iterations, and work in `StagePlan.pixels`."""

    iterations: int
    work: int


@dataclass(frozen=True, slots=True)
class _Scene:
    """A stage under way: all that its steps have in common."""

    commission: Commission
    stage: StagePlan
    before: _Before
    photo: tf.Tensor
    targets: Targets
    began: float

    def step(self, iterate: Iterate, iteration: int) -> Step:
        """The step at an iterate that counts as this stage's `iteration`, from 0."""
        plan = self.commission.plan
        return Step(
            iteration=max(1, self.before.iterations + iteration),
            iterations=plan.iterations,
            losses=iterate.evaluation.losses,
            elapsed=time.monotonic() - self.began,
            picture=Picture(partial(_render, iterate.point, self.photo, self.commission)),
            share=(self.before.work + self.stage.pixels * iteration) / plan.work,
            photo_loss=self.commission.weights.total(self.targets.photo),
        )


def enlarge(picture: tf.Tensor, photo: tf.Tensor, finer: tf.Tensor) -> tf.Tensor:
    """Carries a painting to another size.

    What the painting changed is enlarged, and the photo's own fine detail is
    added back, rather than blurred away.

    Args:
        picture: the painting, shape (1, height, width, 3), 0 to 255.
        photo: the photo, same shape.
        finer: the photo in the size to come.

    Returns:
        The painting in the shape of `finer`, 0 to 255.
    """
    change = tf.clip_by_value(picture, 0.0, 255.0) - photo
    enlarged = tf.image.resize(change, finer.shape[1:3], tf.image.ResizeMethod.BICUBIC)
    return tf.clip_by_value(enlarged + finer, 0.0, 255.0)


def _targets(
    objective: Objective, commission: Commission, stage: StagePlan, photo: tf.Tensor
) -> Targets:
    styles = [
        _tensor(style, size, commission.recipe)
        for style, size in zip(commission.styles, stage.style_sizes, strict=True)
    ]
    mask = None if commission.mask is None else mask_tensor(commission.mask, stage.size)
    return objective.targets(photo, styles, commission.shares, mix=commission.mix, mask=mask)


def _minimise(
    recipe: Recipe, evaluate: Evaluate, start: tf.Tensor, iterations: int
) -> Iterator[Iterate]:
    if recipe.restart_evaluations is not None:
        return restarted_lbfgsb(evaluate, start, iterations, evaluations=recipe.restart_evaluations)
    return lbfgs(evaluate, start, iterations, memory=MEMORY, first_step=FIRST_STEP)


def _tensor(image: PIL.Image.Image, size: tuple[int, int], recipe: Recipe) -> tf.Tensor:
    """Shape (1, height, width, 3), 0 to 255, float32."""
    return tf.constant(
        np.asarray(images.resize(image, size, nearest=recipe.nearest), np.float32)[np.newaxis]
    )


def _noise(shape: tf.TensorShape, deviation: float, seed: int) -> tf.Tensor:
    generator = np.random.default_rng(seed)
    return tf.constant(generator.normal(0.0, deviation, shape).astype(np.float32))


def _render(point: tf.Tensor, photo: tf.Tensor, commission: Commission) -> PIL.Image.Image:
    """The picture at a point, in the painting's final size."""
    full = commission.plan.stages[-1].size
    if (photo.shape[2], photo.shape[1]) != full:
        point = enlarge(point, photo, _tensor(commission.content, full, commission.recipe))
    pixels = np.clip(np.round(np.asarray(point)[0]), 0, 255).astype(np.uint8)
    image = PIL.Image.fromarray(pixels)
    size = commission.plan.size
    if image.size != size:
        image = images.resize(image, size)
    return image if commission.colours is None else lay_colours(image, commission.colours)
