"""What a caller may choose about a painting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import OptionsError
from core.recipes import RECIPES

SIZES = range(32, 4097)
"""Long sides of a painting, in pixels."""

ITERATIONS = range(1, 100_001)
"""Numbers of iterations of the minimisation."""


def _about(text: str, metavar: str = "N") -> Mapping[str, str]:
    return {"help": text, "metavar": metavar}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller may choose about a painting.

    The metadata of each field are its words on the command line.

    Attributes:
        size: long side of the painting in pixels, one of `SIZES`. None: the
            recipe's own.
        iterations: iterations of the minimisation, one of `ITERATIONS`. None:
            the recipe's own.
        recipe: one of `core.recipes.RECIPES`.
        content_weight: weight of likeness to the content, 0 or more. None: the
            recipe's own.
        style_weight: weight of likeness to the style, 0 or more. None: the
            recipe's own.
        variation_weight: weight of smoothness, 0 or more. None: the recipe's
            own.
        seed: of the noise that the painting starts with, 0 or more; the same
            seed and pictures give the same painting on the same machine.
        weights: of the feature network: "shipped", "imagenet" for Keras' own
            download, or the path of a Keras weights file of VGG19.

    Raises:
        OptionsError: an option is out of its range.
    """

    size: int | None = field(default=None, metadata=_about("long side of the painting in pixels"))
    iterations: int | None = field(default=None, metadata=_about("iterations of the minimisation"))
    recipe: str = field(default="atelier", metadata=_about(f"one of {', '.join(RECIPES)}", "NAME"))
    content_weight: float | None = field(
        default=None, metadata=_about("weight of likeness to the content", "X")
    )
    style_weight: float | None = field(
        default=None, metadata=_about("weight of likeness to the style", "X")
    )
    variation_weight: float | None = field(
        default=None, metadata=_about("weight of smoothness", "X")
    )
    seed: int = field(default=0, metadata=_about("of the noise that the painting starts with"))
    weights: str = field(
        default="shipped",
        metadata=_about(
            "of the feature network: shipped, imagenet, or a Keras weights file of VGG19",
            "shipped|imagenet|FILE",
        ),
    )

    def __post_init__(self) -> None:
        if self.size is not None:
            _check_whole("size", self.size, SIZES)
        if self.iterations is not None:
            _check_whole("iterations", self.iterations, ITERATIONS)
        if self.recipe not in RECIPES:
            raise OptionsError("recipe", self.recipe, f"one of {', '.join(RECIPES)}")
        for name in ("content_weight", "style_weight", "variation_weight"):
            weight = getattr(self, name)
            if weight is not None:
                _check_weight(name, weight)
        _check_whole("seed", self.seed, range(2**63))
        if not isinstance(self.weights, str) or not self.weights:
            raise OptionsError("weights", self.weights, "shipped, imagenet or the path of a file")


def _check_whole(name: str, value: object, allowed: range) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise OptionsError(
            name, value, f"a whole number from {allowed.start} to {allowed.stop - 1}"
        )


def _check_weight(name: str, value: object) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or value < 0
    ):
        raise OptionsError(name, value, "a finite number, 0 or more")
