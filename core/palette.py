"""Keeping the photo's colours.

Gatys et al., "Preserving Color in Neural Artistic Style Transfer" (2016). Two
ways. By luminance (section 3.2): everything is painted in grey, and the photo's
own colour is laid over it; each place keeps exactly its hue. By matching
(section 3.1): the style is recoloured with the photo's colours before it is
looked at; the painting has the photo's palette, but its strokes remain free to
put each colour where the style would.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import numpy as np
import numpy.typing as npt
import PIL.Image

from core import images

Pixels = npt.NDArray[np.float64]

_FLAT: Final = 4.0
"""Standard deviation, in grey levels, below which colours count as noise."""

_STRETCH: Final = 4.0
"""The most that contrast is stretched by."""


class Palette(Enum):
    """Whose colours a painting has."""

    STYLE = "style"
    LUMINANCE = "luminance"
    MATCH = "match"


def prepare(
    palette: Palette, content: PIL.Image.Image, style: PIL.Image.Image
) -> tuple[PIL.Image.Image, PIL.Image.Image]:
    """The two pictures as they are painted from.

    Args:
        palette: whose colours the painting is to have.
        content: RGB.
        style: RGB.

    Returns:
        Content and style, RGB, in their sizes.
    """
    match palette:
        case Palette.STYLE:
            return content, style
        case Palette.LUMINANCE:
            grey = content.convert("L")
            return grey.convert("RGB"), _match_grey(style.convert("L"), grey).convert("RGB")
        case Palette.MATCH:
            return content, match_colours(style, content)


def lay_colours(painting: PIL.Image.Image, photo: PIL.Image.Image) -> PIL.Image.Image:
    """Lays a photo's colours over a painting's light and shade.

    Args:
        painting: what was painted in grey, RGB.
        photo: RGB, of any size.
    """
    _, blue, red = images.resize(photo, painting.size).convert("YCbCr").split()
    return PIL.Image.merge("YCbCr", (painting.convert("L"), blue, red)).convert("RGB")


def match_colours(picture: PIL.Image.Image, model: PIL.Image.Image) -> PIL.Image.Image:
    """Recolours a picture so that its colours have another's mean and covariance.

    Of all linear maps that do so it is the one that changes colours least
    (Pitie and Kokaram, "The linear Monge-Kantorovitch linear colour mapping for
    example-based colour transfer", 2007, section 4).

    Args:
        picture: RGB.
        model: RGB, whose colours are wanted.
    """
    ours, theirs = _colours(picture), _colours(model)
    floor = np.eye(3) * _FLAT**2
    own, wanted = np.cov(ours.T) + floor, np.cov(theirs.T) + floor
    root, inverse = _root(own), np.linalg.inv(_root(own))
    change = inverse @ _root(root @ wanted @ root) @ inverse
    strongest = float(np.linalg.eigvalsh(change)[-1])
    change *= min(1.0, _STRETCH / strongest)
    recoloured = (ours - ours.mean(axis=0)) @ change.T + theirs.mean(axis=0)
    return _picture(recoloured.reshape(picture.height, picture.width, 3))


def _match_grey(picture: PIL.Image.Image, model: PIL.Image.Image) -> PIL.Image.Image:
    """Gives a grey picture another's mean and contrast."""
    ours, theirs = np.asarray(picture, np.float64), np.asarray(model, np.float64)
    gain = min(_STRETCH, (theirs.std() + _FLAT) / (ours.std() + _FLAT))
    return _picture((ours - ours.mean()) * gain + theirs.mean())


def _colours(image: PIL.Image.Image) -> Pixels:
    return np.asarray(image, np.float64).reshape(-1, 3)


def _root(matrix: Pixels) -> Pixels:
    """The symmetric square root of a symmetric positive matrix."""
    values, vectors = np.linalg.eigh(matrix)
    root: Pixels = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def _picture(pixels: Pixels) -> PIL.Image.Image:
    return PIL.Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8))
