"""What a caller may choose about a painting."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import PIL.Image

from core.errors import OptionsError
from core.palette import Palette
from core.precision import Precision
from core.recipes import RECIPES
from core.strength import DEFAULT_STRENGTH

SIZES = range(32, 4097)
"""Long sides of a painting, in pixels."""

ITERATIONS = range(1, 100_001)
"""Numbers of iterations of the minimisation."""


STYLE_SIZES: Final = (0.25, 4.0)
"""The least and the most that brush strokes are scaled by."""

SECONDS: Final = (0.5, 86_400.0)
"""The least and the most that a painting may be told to take."""

MOST_STYLES: Final = 8
"""Styles in one painting."""

COLOURS: Final = tuple(palette.value for palette in Palette if palette is not Palette.STYLE)
"""Ways to keep the photo's colours, the default first."""


AUTOMATIC: Final = "auto"
"""The precision that is the fastest on the machine."""

PRECISIONS: Final = (AUTOMATIC, *(precision.value for precision in Precision))
"""How exactly features may be computed."""

QUALITIES: Mapping[str, float] = MappingProxyType({"quick": 0.2, "standard": 1.0, "fine": 2.5})
"""Qualities, and the factor by which each changes the recipe's own iterations."""


def _about(text: str, metavar: str = "N", **more: object) -> Mapping[str, Any]:
    """An option's words on the command line, and what else argparse needs to know."""
    return {"help": text, "metavar": metavar, **more}


def _numbers(text: str) -> tuple[float, ...]:
    """Numbers with commas between them."""
    return tuple(float(part) for part in text.split(","))


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
        strength: how much of the style, from 0 (the photo) to 100, in steps of
            even visible effect; 50 is the recipe's own look.
        keep_colours: None: the style's colours; "luminance": each place keeps
            the photo's colour exactly; "match": the painting keeps the photo's
            palette. True: the default way, the first of `COLOURS`.
        style_size: scale of the brush strokes, within `STYLE_SIZES`: 2 makes
            them twice as large.
        style_weights: how much of each style, 0 or more, where several are
            given; only their proportions matter. None: all alike.
        start_model: whose picture, made in one pass, comes first: "shipped",
            the path of a SavedModel, a TF-Hub handle, or "none". None: the
            recipe's own.
        seconds: how long the painting may take, and is to, from 0.5 to 86400,
            whatever the machine; it takes the place of iterations and quality.
        quality: one of `QUALITIES`; it counts where no iterations are asked for.
            "quick" is the start model's picture, or, without one, a fifth of
            the iterations.
        mask: a picture, or the path of one, of any size: where it is white, the
            painting stays closer to the photo.
        precision: one of `PRECISIONS`, of the features; losses are float32 all
            the same. "auto" is bfloat16 on processors that have instructions
            for it, and float32 for recipes that are to be exact.

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

    start_model: str | None = field(
        default=None,
        metadata=_about(
            "whose one-pass picture comes first: shipped, none, a SavedModel or a TF-Hub handle",
            "shipped|none|HANDLE",
        ),
    )
    strength: float = field(
        default=DEFAULT_STRENGTH,
        metadata=_about("how much of the style, from 0 (the photo) to 100", kind=float),
    )
    keep_colours: str | bool | None = field(
        default=None,
        metadata=_about(
            f"keep the photo's colours, by {' or '.join(COLOURS)} ({COLOURS[0]} if none is named)",
            "|".join(COLOURS),
            kind=str,
            open="the style's",
            nargs="?",
            const=COLOURS[0],
        ),
    )
    style_size: float = field(
        default=1.0, metadata=_about("scale of the brush strokes, from 0.25 to 4", "X", kind=float)
    )
    style_weights: Sequence[float] | None = field(
        default=None,
        metadata=_about(
            "how much of each of several STYLEs", "X,X,...", open="all alike", kind=_numbers
        ),
    )
    seconds: float | None = field(
        default=None,
        metadata=_about("how long it is to take, instead of iterations and quality", open="open"),
    )
    quality: str = field(
        default="standard",
        metadata=_about(
            f"{', '.join(QUALITIES)}, where no iterations are asked for", "|".join(QUALITIES)
        ),
    )
    mask: PIL.Image.Image | str | Path | None = field(
        default=None,
        metadata=_about(
            "a picture that is white where the photo is to be kept", "FILE", open="none", kind=str
        ),
    )
    precision: str = field(
        default=AUTOMATIC,
        metadata=_about(f"of the features: {', '.join(PRECISIONS)}", "|".join(PRECISIONS)),
    )

    def __post_init__(self) -> None:
        if self.size is not None:
            _check_whole("size", self.size, SIZES)
        if self.iterations is not None:
            _check_whole("iterations", self.iterations, ITERATIONS)
        if self.recipe not in RECIPES:
            raise OptionsError("recipe", self.recipe, f"one of {', '.join(RECIPES)}")
        self._check_looks()
        for name in ("content_weight", "style_weight", "variation_weight"):
            weight = getattr(self, name)
            if weight is not None:
                _check_weight(name, weight)
        _check_whole("seed", self.seed, range(2**63))
        if self.precision not in PRECISIONS:
            raise OptionsError("precision", self.precision, f"one of {', '.join(PRECISIONS)}")
        if not isinstance(self.weights, str) or not self.weights:
            raise OptionsError("weights", self.weights, "shipped, imagenet or the path of a file")
        if self.start_model is not None and (
            not isinstance(self.start_model, str) or not self.start_model
        ):
            raise OptionsError(
                "start_model", self.start_model, "shipped, none, a path or a TF-Hub handle"
            )

    @property
    def palette(self) -> Palette:
        """Whose colours the painting is to have."""
        if not self.keep_colours:
            return Palette.STYLE
        return Palette(COLOURS[0] if self.keep_colours is True else self.keep_colours)

    def shares(self, styles: int) -> tuple[float, ...]:
        """How much of each of so many styles, adding up to 1.

        Raises:
            OptionsError: there are weights, but not one for each style.
        """
        if self.style_weights is None:
            return (1.0 / styles,) * styles
        if len(self.style_weights) != styles:
            raise OptionsError(
                "style_weights",
                self.style_weights,
                f"as many numbers as there are styles ({styles})",
            )
        whole = sum(self.style_weights)
        return tuple(weight / whole for weight in self.style_weights)

    def _check_looks(self) -> None:
        if self.seconds is not None:
            _check_between("seconds", self.seconds, *SECONDS)
        _check_between("strength", self.strength, 0, 100)
        _check_between("style_size", self.style_size, *STYLE_SIZES)
        if self.quality not in QUALITIES:
            raise OptionsError("quality", self.quality, f"one of {', '.join(QUALITIES)}")
        if self.keep_colours not in {None, True, False, *COLOURS}:
            raise OptionsError("keep_colours", self.keep_colours, f"one of {', '.join(COLOURS)}")
        if self.style_weights is not None:
            self._check_style_weights(self.style_weights)

    @staticmethod
    def _check_style_weights(weights: object) -> None:
        expected = "finite numbers, 0 or more, not all 0"
        if not isinstance(weights, Sequence) or isinstance(weights, str | bytes):
            raise OptionsError("style_weights", weights, expected)
        if not all(_is_number(weight) and weight >= 0 for weight in weights) or not sum(weights):
            raise OptionsError("style_weights", weights, expected)


def _check_whole(name: str, value: object, allowed: range) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise OptionsError(
            name, value, f"a whole number from {allowed.start} to {allowed.stop - 1}"
        )


def _check_weight(name: str, value: object) -> None:
    if not isinstance(value, int | float) or not _is_number(value) or value < 0:
        raise OptionsError(name, value, "a finite number, 0 or more")


def _check_between(name: str, value: object, least: float, most: float) -> None:
    if not isinstance(value, int | float) or not _is_number(value) or not least <= value <= most:
        raise OptionsError(name, value, f"a number from {least:g} to {most:g}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
