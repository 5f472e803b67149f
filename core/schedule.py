"""A recipe's schedule for two pictures: sizes and iterations of each stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core import images
from core.options import QUALITIES, SIZES, Options
from core.recipes import Fit, Recipe, Stage

BEYOND: Final = (8, 5, 4)
"""Iterations at each doubling beyond a recipe's own size."""

_DOUBLING: Final = 2**0.5
"""Factor in size from which on a further stage is worth its start."""

SHORTEST: Final = 32
"""Pixels on the short side that a stage works on at least, for the network's sake."""


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage.

    Attributes:
        size: width and height of the picture in pixels.
        style_sizes: width and height of each style.
        iterations: iterations of the minimisation, at least 1.
        eigen_weight: as in `core.recipes.Stage`.
    """

    size: tuple[int, int]
    style_sizes: tuple[tuple[int, int], ...]
    iterations: int
    eigen_weight: float = 0.0

    @property
    def pixels(self) -> int:
        """Of the picture: what an evaluation costs, in an arbitrary unit."""
        return self.size[0] * self.size[1]

    @property
    def work(self) -> int:
        """What its iterations cost, in that unit."""
        return self.iterations * self.pixels


@dataclass(frozen=True, slots=True)
class Plan:
    """A painting's stages.

    Attributes:
        size: width and height of the finished painting in pixels.
        stages: at least one, the smallest first. The last has the painting's
            size, but where that is too thin to work on.
        iterations: those of all stages.
    """

    size: tuple[int, int]
    stages: tuple[StagePlan, ...]
    iterations: int

    @property
    def work(self) -> int:
        """What all stages cost, in the unit of `StagePlan.pixels`."""
        return sum(stage.work for stage in self.stages)


def plan(
    recipe: Recipe, options: Options, content: tuple[int, int], *styles: tuple[int, int]
) -> Plan:
    """Lays out the stages.

    Args:
        recipe: the one that the options name.
        options: size, iterations, quality and style_size are used.
        content: width and height of the photo in pixels.
        styles: the same of each style.
    """
    painting = _painting_size(recipe, options, content)
    scales = _scales(recipe, max(painting))
    sizes = [_working_size(painting, stage.scale) for stage in scales]
    own = [stage.iterations for stage in scales]
    shares = share(_iterations(sum(own), options), own)
    merged: dict[tuple[tuple[int, int], float], int] = {}
    for size, stage, iterations in zip(sizes, scales, shares, strict=True):
        if iterations:
            key = size, stage.eigen_weight
            merged[key] = merged.get(key, 0) + iterations
    stages = tuple(
        StagePlan(
            size,
            tuple(_style_size(recipe.fit, size, style, options.style_size) for style in styles),
            iterations,
            eigen_weight,
        )
        for (size, eigen_weight), iterations in merged.items()
    )
    return Plan(painting, stages, sum(stage.iterations for stage in stages))


def _scales(recipe: Recipe, long_side: int) -> list[Stage]:
    """The recipe's stages for a painting of that long side.

    What a painting looks like is decided where a stroke is as large, in pixels,
    as at the recipe's own size. So a larger one is first painted at that size,
    and each doubling after it only has to bring finer detail to what is there.
    """
    if len(recipe.stages) == 1 or long_side < recipe.size * _DOUBLING:
        return list(recipe.stages)
    look = recipe.size / long_side
    stages = [replace(stage, scale=stage.scale * look) for stage in recipe.stages]
    beyond = list(BEYOND)
    side = recipe.size * 2
    while side * _DOUBLING <= long_side:
        stages.append(Stage(side / long_side, beyond.pop(0) if len(beyond) > 1 else beyond[0]))
        side *= 2
    stages.append(Stage(1.0, beyond[0]))
    return stages


def _iterations(own: int, options: Options) -> int:
    if options.iterations is not None:
        return options.iterations
    return max(1, round(own * QUALITIES[options.quality]))


def shrunk(stage: StagePlan, long_side: int) -> StagePlan:
    """A stage at a smaller size, pictures and styles alike."""
    factor = long_side / max(stage.size)
    if factor >= 1.0:
        return stage
    return replace(
        stage,
        size=_scaled(stage.size, factor),
        style_sizes=tuple(_scaled(size, factor) for size in stage.style_sizes),
    )


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    """A size made smaller, but not too small for the network."""
    factor = max(factor, min(1.0, SHORTEST / min(size)))
    return round(size[0] * factor), round(size[1] * factor)


def share(total: int, weights: list[int]) -> list[int]:
    """Shares out a total in proportion, to whole numbers, the last part first.

    Args:
        total: 1 or more.
        weights: the parts' weights.

    Returns:
        One number for each weight, adding up to the total; the last is at
        least 1, so that a painting always ends at its full size.
    """
    parts = [total * weight // sum(weights) for weight in weights]
    parts[-1] += total - sum(parts)
    return parts


def _painting_size(recipe: Recipe, options: Options, content: tuple[int, int]) -> tuple[int, int]:
    if options.size is not None:
        return images.fit(*content, options.size)
    if recipe.height is None:
        return images.fit(*content, recipe.size)
    width = int(content[0] * recipe.height / content[1])
    return images.fit(width, recipe.height, min(max(width, recipe.height), SIZES[-1]))


def _working_size(painting: tuple[int, int], scale: float) -> tuple[int, int]:
    scale = max(scale, SHORTEST / min(painting))
    width, height = painting
    return round(width * scale), round(height * scale)


def _style_size(
    fit: Fit, size: tuple[int, int], style: tuple[int, int], factor: float
) -> tuple[int, int]:
    if fit is Fit.STRETCH:
        style = size
    width, height = style
    scale = factor * (size[0] * size[1] / (width * height)) ** 0.5
    scale = max(scale, SHORTEST / min(style))
    return round(width * scale), round(height * scale)
