"""Where a painting stays closer to its photo: a mask, at every layer's resolution.

The style's statistics are taken less from the masked places, so that the style
pulls less at them and the rest of the picture carries it; the photo's features
count for more there, and so do its very pixels. Nothing is pasted: a painting
goes over from the one to the other as softly as the mask does. After the
spatial guidance of Gatys et al., "Controlling Perceptual Factors in Neural
Style Transfer" (CVPR 2017), section 4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import numpy as np
import PIL.Image
import tensorflow as tf

from core.tensors import at_layers

STYLE_KEPT: Final = 0.08
"""How much a white place counts for the style's statistics; a black one counts 1."""

CONTENT_RAISED: Final = 12.0
"""How much more than a black place a white one counts for the content's features."""

PIXEL_WEIGHT: Final = 2.0
"""Weight of the pixels' squared differences, in units of a quarter of the grey range."""


class KeepMask(NamedTuple):
    """A mask as the loss needs it.

    Attributes:
        layers: the mask at each feature layer's resolution, shape (1, height, width, 1).
        mask: shape (1, height, width, 1), 0 to 1, at the picture's size.
        photo: shape (1, height, width, 3), 0 to 255.
    """

    layers: Mapping[str, tf.Tensor]
    mask: tf.Tensor
    photo: tf.Tensor


def keep_mask(mask: tf.Tensor, photo: tf.Tensor, sizes: Mapping[str, Collection[int]]) -> KeepMask:
    """Brings a mask to the resolution of feature layers.

    Args:
        mask: shape (1, height, width, 1), 0 to 1; white, that is 1, stays close.
        photo: shape (1, height, width, 3), 0 to 255.
        sizes: height and width of each layer.
    """
    return KeepMask(at_layers(mask, sizes), mask, photo)


def content_place_weights(kept: tf.Tensor) -> tf.Tensor:
    """How much each place counts for the content: 1 where the mask is black."""
    return 1.0 + CONTENT_RAISED * kept


def style_place_weights(kept: tf.Tensor) -> tf.Tensor:
    """How much each place counts for the style's statistics: 1 where the mask is black."""
    return 1.0 - (1.0 - STYLE_KEPT) * kept


def pixel_loss(picture: tf.Tensor, keep: KeepMask) -> tf.Tensor:
    """How far the masked pixels are from the photo's, as a scalar: 0 where they are equal."""
    distance = tf.square((picture - keep.photo) / 63.75)
    return PIXEL_WEIGHT * tf.reduce_mean(keep.mask * distance)


def mask_tensor(mask: PIL.Image.Image, size: tuple[int, int]) -> tf.Tensor:
    """A mask picture at a size: shape (1, height, width, 1), 0 (black) to 1 (white)."""
    grey = mask.convert("L").resize(size, PIL.Image.Resampling.BOX)
    return tf.constant(np.asarray(grey, np.float32)[np.newaxis, :, :, np.newaxis] / 255.0)
