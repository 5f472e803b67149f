"""Pictures of any size as the batches that a stylisation works on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.errors import OptionsError

_MULTIPLE = 4  # what Magenta's transformers, which halve a picture twice, divide sizes by
_LEAST_SIDE = 32  # below this, mirrored borders and strides have nothing to stand on
_LARGEST_STYLE = 4096

ImageArray = npt.NDArray[np.float32]
Tensor = Any


def _checked(picture: ImageArray, name: str) -> ImageArray:
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise ValueError(f"{name} must be of shape (height, width, 3), not {picture.shape}")
    if not np.isfinite(picture).all():
        raise ValueError(f"{name} must have finite values")
    return np.clip(picture, 0, 1).astype(np.float32, copy=False)


def _resized(picture: ImageArray, height: int, width: int) -> Tensor:
    """Returns a batch of the picture at another size, free of aliasing."""
    batch = tf.constant(picture[np.newaxis])
    if picture.shape[:2] == (height, width):
        return batch
    resized = tf.image.resize(batch, (height, width), "bicubic", antialias=True)
    return tf.clip_by_value(resized, 0.0, 1.0)


def style_batch(style: ImageArray, style_size: int) -> Tensor:
    """Gives a style the asked number of pixels, and keeps its proportions.

    Args:
        style: (height, width, 3).
        style_size: the side in pixels of a square with that many pixels.

    Returns:
        (1, height, width, 3), float32 from 0 to 1.

    Raises:
        OptionsError: `style_size` is out of range.
        ValueError: `style` is not a picture.
    """
    if not _LEAST_SIDE <= style_size <= _LARGEST_STYLE:
        raise OptionsError(
            "style_size", style_size, f"from {_LEAST_SIDE} to {_LARGEST_STYLE} pixels"
        )
    style = _checked(style, "style")
    scale = style_size / math.sqrt(style.shape[0] * style.shape[1])
    height, width = (max(_LEAST_SIDE, round(side * scale)) for side in style.shape[:2])
    return _resized(style, height, width)


def content_batch(content: ImageArray, working_size: int) -> tuple[Tensor, int, int]:
    """Brings a content to the size and the multiples that models work on.

    Args:
        content: (height, width, 3).
        working_size: the longest side in pixels; a larger content is reduced.

    Returns:
        The batch, (1, height, width, 3), float32 from 0 to 1, continued by its
        mirror image to multiples of 4, and the height and width before that.

    Raises:
        OptionsError: `working_size` is out of range.
        ValueError: `content` is not a picture.
    """
    if working_size < _LEAST_SIDE:
        raise OptionsError("working_size", working_size, f"{_LEAST_SIDE} pixels or more")
    content = _checked(content, "content")
    scale = min(1.0, working_size / max(content.shape[:2]))
    height, width = (max(_LEAST_SIDE, round(side * scale)) for side in content.shape[:2])
    batch = _resized(content, height, width)
    spare = ((0, 0), (0, -height % _MULTIPLE), (0, -width % _MULTIPLE), (0, 0))
    return tf.pad(batch, spare, "REFLECT"), height, width
