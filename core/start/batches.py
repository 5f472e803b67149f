"""Pictures of any size as the batches that a stylisation works on."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import tensorflow as tf

STYLE_SIZE: Final = 256
"""Side in pixels of the square that has as many pixels as a style is seen with.

Magenta trained at 256; smaller makes bolder shapes, larger softer colour and grain."""

_MULTIPLE: Final = 4  # what Magenta's transformers, which halve a picture twice, divide sizes by
_LEAST_SIDE: Final = 32  # below this, mirrored borders and strides have nothing to stand on

ImageArray = npt.NDArray[np.float32]
"""A picture of shape (height, width, 3), sRGB from 0 to 1."""

Tensor = Any


def _resized(picture: ImageArray, scale: float) -> Tensor:
    """Returns a batch of the picture at another size, free of aliasing."""
    size = tuple(max(_LEAST_SIDE, round(side * scale)) for side in picture.shape[:2])
    batch = tf.constant(picture[np.newaxis])
    if picture.shape[:2] == size:
        return batch
    resized = tf.image.resize(batch, size, "bicubic", antialias=True)
    return tf.clip_by_value(resized, 0.0, 1.0)


def style_batch(style: ImageArray) -> Tensor:
    """Gives a style the pixels that models see it with, and keeps its proportions.

    Returns:
        (1, height, width, 3), float32 from 0 to 1.
    """
    return _resized(style, STYLE_SIZE / (style.shape[0] * style.shape[1]) ** 0.5)


def content_batch(content: ImageArray, working_size: int) -> tuple[Tensor, tuple[int, int]]:
    """Brings a content to the size and the multiples that models work on.

    Args:
        content: of any size.
        working_size: the longest side in pixels; a larger content is reduced.

    Returns:
        The batch, (1, height, width, 3), float32 from 0 to 1, continued by its
        mirror image to multiples of 4, and the height and width before that.
    """
    batch = _resized(content, min(1.0, working_size / max(content.shape[:2])))
    height, width = batch.shape[1:3]
    spare = ((0, 0), (0, -height % _MULTIPLE), (0, -width % _MULTIPLE), (0, 0))
    return tf.pad(batch, spare, "REFLECT"), (height, width)
