"""What a caller may choose about a painting."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, get_args, get_type_hints

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

FACES: Final = (AUTOMATIC, "off")
"""Whether a photo's faces are found and kept in their places, the default first."""

QUALITIES: Mapping[str, float] = MappingProxyType({"quick": 0.2, "standard": 1.0, "fine": 2.5})
"""Qualities, and the factor by which each changes the recipe's own iterations."""


_Allowed = tuple[str, Callable[[Any], bool]]
"""What an option may be: in words, and as a test."""


def _whole(allowed: range) -> _Allowed:
    words = f"a whole number from {allowed.start} to {allowed.stop - 1}"
    return words, lambda value: type(value) is int and value in allowed


def _between(least: float, most: float) -> _Allowed:
    words = f"a number from {least:g} to {most:g}"
    return words, lambda value: _is_weight(value) and least <= value <= most


def _one_of(choices: Collection[str], *more: object) -> _Allowed:
    return f"one of {', '.join(choices)}", lambda value: value in (*choices, *more)


def _is_weight(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) and value >= 0


def _are_weights(values: object) -> bool:
    if not isinstance(values, Sequence) or isinstance(values, str | bytes):
        return False
    return all(map(_is_weight, values)) and sum(values) > 0


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""


_WEIGHT: Final[_Allowed] = "a finite number, 0 or more", _is_weight

_ALLOWED: Final[Mapping[str, _Allowed]] = {
    "size": _whole(SIZES),
    "iterations": _whole(ITERATIONS),
    "recipe": _one_of(RECIPES),
    "content_weight": _WEIGHT,
    "style_weight": _WEIGHT,
    "variation_weight": _WEIGHT,
    "seed": _whole(range(2**63)),
    "weights": ("shipped, imagenet or the path of a file", _is_name),
    "start_model": ("shipped, none, a path or a TF-Hub handle", _is_name),
    "strength": _between(0, 100),
    "keep_colours": _one_of(COLOURS, True, False),
    "style_size": _between(*STYLE_SIZES),
    "style_weights": ("finite numbers, 0 or more, not all 0", _are_weights),
    "seconds": _between(*SECONDS),
    "quality": _one_of(QUALITIES),
    "mask": (
        "a picture or its path",
        lambda value: isinstance(value, str | Path | PIL.Image.Image),
    ),
    "precision": _one_of(PRECISIONS),
    "faces": _one_of(FACES),
}


def _about(text: str, metavar: str = "N", **more: object) -> Mapping[str, Any]:
    """An option's words on the command line, and what else argparse needs to know."""
    return {"help": text, "metavar": metavar, **more}


def _numbers(text: str) -> tuple[float, ...]:
    """Numbers with commas between them."""
    return tuple(float(part) for part in text.split(","))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller may choose about a painting.

    `described` has more about each, as for the command line.

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
        faces: one of `FACES`. "auto": eyes, noses and mouths stay where the
            photo has them, in the style's colours and strokes, with recipes
            that are for paintings; "off": faces are painted as all else.

    Raises:
        OptionsError: an option is out of its range.
    """

    size: Annotated[int | None, _about("long side of the painting in pixels")] = None
    iterations: Annotated[int | None, _about("iterations of the minimisation")] = None
    recipe: Annotated[str, _about(f"one of {', '.join(RECIPES)}", "NAME")] = "atelier"
    content_weight: Annotated[float | None, _about("weight of likeness to the content", "X")] = None
    style_weight: Annotated[float | None, _about("weight of likeness to the style", "X")] = None
    variation_weight: Annotated[float | None, _about("weight of smoothness", "X")] = None
    seed: Annotated[int, _about("of the noise that the painting starts with")] = 0
    weights: Annotated[
        str,
        _about(
            "of the feature network: shipped, imagenet, or a Keras weights file of VGG19",
            "shipped|imagenet|FILE",
        ),
    ] = "shipped"
    start_model: Annotated[
        str | None,
        _about(
            "whose one-pass picture comes first: shipped, none, a SavedModel or a TF-Hub handle",
            "shipped|none|HANDLE",
        ),
    ] = None
    strength: Annotated[float, _about("how much of the style, from 0 (the photo) to 100")] = (
        DEFAULT_STRENGTH
    )
    keep_colours: Annotated[
        str | bool | None,
        _about(
            f"keep the photo's colours, by {' or '.join(COLOURS)} ({COLOURS[0]} if none is named)",
            "|".join(COLOURS),
            open="the style's",
            nargs="?",
        ),
    ] = None
    style_size: Annotated[float, _about("scale of the brush strokes, from 0.25 to 4", "X")] = 1.0
    style_weights: Annotated[
        Sequence[float] | None,
        _about("how much of each of several STYLEs", "X,X,...", open="all alike", type=_numbers),
    ] = None
    seconds: Annotated[
        float | None,
        _about("how long it is to take, instead of iterations and quality", open="open"),
    ] = None
    quality: Annotated[
        str,
        _about(f"{', '.join(QUALITIES)}, where no iterations are asked for", "|".join(QUALITIES)),
    ] = "standard"
    mask: Annotated[
        str | Path | PIL.Image.Image | None,
        _about("a picture that is white where the photo is to be kept", "FILE", open="none"),
    ] = None
    precision: Annotated[
        str, _about(f"of the features: {', '.join(PRECISIONS)}", "|".join(PRECISIONS))
    ] = AUTOMATIC
    faces: Annotated[
        str, _about("auto: faces are found, and stay recognisable", "|".join(FACES))
    ] = AUTOMATIC

    def __post_init__(self) -> None:
        for option in fields(self):
            value, (words, allows) = getattr(self, option.name), _ALLOWED[option.name]
            if value is not option.default and not allows(value):
                raise OptionsError(option.name, value, words)

    @classmethod
    def described(cls) -> Iterator[tuple[str, object, dict[str, Any]]]:
        """The options' names, their defaults, and what argparse needs to know of them."""
        hints = get_type_hints(cls, include_extras=True)
        for option in fields(cls):
            hint, about = get_args(hints[option.name])
            yield option.name, option.default, {"type": (get_args(hint) or (hint,))[0], **about}

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
