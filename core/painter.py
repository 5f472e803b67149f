"""The engine's front: what is asked for, checked, and handed to a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import PIL.Image
import tensorflow as tf

from core import images
from core.checkpoint import State
from core.errors import ImageError, OptionsError
from core.faces import Face, FaceFinder
from core.features import FeatureNetwork, load_vgg19
from core.first_picture import NO_MODEL
from core.images import to_rgb
from core.minimise import trace
from core.objective import Objective, Weights, eigen_weighted
from core.options import AUTOMATIC, MOST_STYLES, Options
from core.palette import Palette, prepare
from core.precision import Precision, fastest
from core.preconditioner import FrequencyPreconditioner
from core.recipes import RECIPES, Recipe
from core.run import MEMORY, run
from core.schedule import plan
from core.specification import Specification
from core.start import StartModel
from core.steps import Losses, Painting, Step
from core.strength import strength_effect
from core.tiled_objective import TiledObjective
from core.tiles import TILE_PIXELS, TILE_PIXELS_ON_GPU
from core.weights import Kernels
from core.whole_objective import WholeObjective

SECONDS_FOR_A_START_MODEL: Final = 4.0
"""A painting that is to take less has no time for a start model's picture."""


class Painter:
    """Paints, and keeps networks and graphs warm between paintings.

    One painting at a time; not for use by several threads at once.
    """

    def __init__(self, weights: str = "shipped") -> None:
        """Makes a painter that has loaded nothing yet.

        Args:
            weights: of the feature network where no options are given, as in
                `Options`.
        """
        self._defaults = Options(weights=weights)
        self._kernels: dict[str, Kernels] = {}
        self._objectives: dict[tuple[str, str, Precision], Objective] = {}
        self._start_models: dict[str, StartModel] = {}
        self._face_finder: FaceFinder | None = None

    def warm(self, options: Options | None = None) -> None:
        """Loads networks and traces their graphs, so that paintings start at once.

        Args:
            options: those of the paintings to come.

        Raises:
            StartModelError: the start model cannot be had.
            WeightsError: the weights cannot be had.
        """
        options = options or self._defaults
        recipe = RECIPES[options.recipe]
        start_model = self._start_model(_handle(recipe, options))
        objective = self._objective(options)
        for height, width in ((48, 64), (64, 48)):
            # Two shapes, since some graphs are traced again when they see a second one.
            if start_model is not None:
                half = np.full((height, width, 3), 0.5, np.float32)
                start_model.stylise(half, [half])
            grey = tf.constant(np.full((1, height, width, 3), 128, np.float32))
            known = [objective.targets(grey, objective.statistics(grey))]
            if recipe.face_layers:
                self._find_faces(to_rgb(PIL.Image.new("L", (width, height))))
                known.append(
                    objective.targets(
                        grey,
                        objective.statistics(grey),
                        content_weights=tf.ones_like(grey[..., :1]),
                    )
                )
            for targets in known:
                for eigen_weight in {stage.eigen_weight for stage in recipe.stages}:
                    objective.evaluate(
                        grey, eigen_weighted(targets, eigen_weight), _weights(recipe, options)
                    )
            if recipe.restart_evaluations is None:
                trace(grey, MEMORY, FrequencyPreconditioner(height, width))

    def describe(self) -> str:
        """Names the device that paintings are computed on, such as "CPU"."""
        gpus = tf.config.list_physical_devices("GPU")
        if not gpus:
            return "CPU"
        details = tf.config.experimental.get_device_details(gpus[0])
        return str(details.get("device_name", "GPU"))

    def paint(
        self,
        content: PIL.Image.Image,
        style: PIL.Image.Image | Sequence[PIL.Image.Image],
        options: Options | None = None,
        *,
        resume: bytes | None = None,
    ) -> Generator[Step]:
        """Paints the content in the manner of the style.

        Args:
            content: what to paint, best from `core.open_image`.
            style: how to paint it; several styles are blended.
            options: what may be chosen.
            resume: what a step's `checkpoint` returned in an earlier run with
                the same pictures and options: the painting goes on from there.

        Returns:
            A generator of steps, one after every evaluation of the loss, of
            which the last holds the painting. Work is done only while a step
            is waited for; closing the generator ends it.

        Raises:
            CheckpointError: `resume` is damaged, or is of another painting.
            ComputationError: the device fails even for the photo itself.
            ImageError: a picture is too small or too thin.
            OptionsError: there are no styles, too many, or not as many as
                weights for them; or the mask cannot be opened.
            StartModelError: the start model cannot be had.
            WeightsError: the weights cannot be had.
        """
        began = time.monotonic()
        options = options or self._defaults
        styles = [style] if isinstance(style, PIL.Image.Image) else list(style)
        if not 1 <= len(styles) <= MOST_STYLES:
            raise OptionsError("style", len(styles), f"1 to {MOST_STYLES} pictures")
        for image in (content, *styles):
            images.check_size(*image.size)
        spec = _spec(content, styles, options, self._find_faces)
        objective = self._objective(options)
        start_model = self._start_model(spec.start_model)
        if options.seconds is not None:
            # Loading the network may have taken some of the time.
            left = options.seconds - (time.monotonic() - began)
            spec = replace(spec, seconds=max(left, 0.1))
        state = None if resume is None else State.decode(resume)
        return run(objective, spec, state, start_model)

    def _objective(self, options: Options) -> Objective:
        recipe = RECIPES[options.recipe]
        precision = _precision(recipe, options)
        key = options.weights, options.recipe, precision
        if key not in self._objectives:
            if options.weights not in self._kernels:
                self._kernels[options.weights] = load_vgg19(options.weights)
            network = FeatureNetwork(self._kernels[options.weights], recipe.padding, precision)
            self._objectives[key] = TiledObjective(
                network, recipe, WholeObjective(network, recipe), pixels=_tile_pixels()
            )
        return self._objectives[key]

    def _find_faces(self, photo: PIL.Image.Image) -> tuple[Face, ...]:
        if self._face_finder is None:
            self._face_finder = FaceFinder()
        return self._face_finder.find(photo)

    def _start_model(self, handle: str) -> StartModel | None:
        if handle == NO_MODEL:
            return None
        if handle not in self._start_models:
            self._start_models[handle] = StartModel.load(handle)
        return self._start_models[handle]


def paint(
    content: PIL.Image.Image,
    style: PIL.Image.Image | Sequence[PIL.Image.Image],
    options: Options | None = None,
) -> Generator[Step]:
    """Paints the content in the manner of the style, with a painter of its own.

    See `Painter.paint`.
    """
    return Painter().paint(content, style, options)


def stylize(
    content: PIL.Image.Image,
    style: PIL.Image.Image | Sequence[PIL.Image.Image],
    options: Options | None = None,
    *,
    on_step: Callable[[Step], object] | None = None,
    painter: Painter | None = None,
) -> Painting:
    """Paints to the end.

    Args:
        content: as for `paint`.
        style: as for `paint`.
        options: as for `paint`.
        on_step: called with each step.
        painter: a warm one, if there is one.

    Raises:
        ImageError: as for `paint`.
        OptionsError: as for `paint`.
        StartModelError: as for `paint`.
        WeightsError: as for `paint`.
    """
    history: dict[int, Losses] = {}
    last: Step | None = None
    for last in (painter or Painter()).paint(content, style, options):
        history[last.iteration] = last.losses
        if on_step is not None:
            on_step(last)
    if last is None:
        raise RuntimeError("The painting had no step.")
    return Painting(
        image=last.image,
        losses=last.losses,
        history=tuple(history.values()),
        iterations=last.iteration,
        elapsed=last.elapsed,
        note=last.note,
    )


def _spec(
    content: PIL.Image.Image,
    styles: Sequence[PIL.Image.Image],
    options: Options,
    find_faces: Callable[[PIL.Image.Image], tuple[Face, ...]],
) -> Specification:
    recipe = RECIPES[options.recipe]
    start_model = _handle(recipe, options)
    quick = start_model != NO_MODEL and options.quality == "quick"
    quick = quick and options.iterations is None and options.seconds is None
    if quick:
        options = replace(options, iterations=1)
    photo = to_rgb(content)
    holds_faces = bool(recipe.face_layers) and options.faces == AUTOMATIC and not quick
    prepared = [prepare(options.palette, photo, to_rgb(style)) for style in styles]
    return Specification(
        recipe=recipe,
        plan=plan(recipe, options, content.size, *(style.size for style in styles)),
        weights=_weights(recipe, options),
        seed=options.seed,
        content=prepared[0][0],
        styles=tuple(style for _, style in prepared),
        shares=options.shares(len(styles)),
        mix=strength_effect(options.strength).mix,
        mask=_mask(options.mask),
        faces=find_faces(photo) if holds_faces else (),
        firmness=strength_effect(options.strength).faces,
        colours=photo if options.palette is Palette.LUMINANCE else None,
        start_model=start_model,
        quick=quick,
    )


def _handle(recipe: Recipe, options: Options) -> str:
    if options.seconds is not None and options.seconds < SECONDS_FOR_A_START_MODEL:
        return NO_MODEL
    return recipe.start_model if options.start_model is None else options.start_model


def _precision(recipe: Recipe, options: Options) -> Precision:
    if options.precision != AUTOMATIC:
        return Precision(options.precision)
    return Precision.FLOAT32 if recipe.exact else fastest(gpu=_has_gpu())


def _tile_pixels() -> int:
    """Pixels that the device computes at once; if it cannot, a run makes do with less."""
    return TILE_PIXELS_ON_GPU if _has_gpu() else TILE_PIXELS


def _has_gpu() -> bool:
    return bool(tf.config.list_physical_devices("GPU"))


def _mask(mask: PIL.Image.Image | str | Path | None) -> PIL.Image.Image | None:
    if mask is None or isinstance(mask, PIL.Image.Image):
        return mask
    try:
        return images.open_image(mask)
    except (OSError, ImageError) as error:
        raise OptionsError("mask", str(mask), "a picture that can be opened") from error


def _weights(recipe: Recipe, options: Options) -> Weights:
    def choose(asked: float | None, own: float) -> float:
        return own if asked is None else asked

    return Weights(
        content=choose(options.content_weight, recipe.content_weight)
        * strength_effect(options.strength).content,
        style=choose(options.style_weight, recipe.style_weight),
        variation=choose(options.variation_weight, recipe.variation_weight)
        * strength_effect(options.strength).variation,
    )
