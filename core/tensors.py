"""Pictures as tensors: to size, with noise, enlarged, and back again."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import PIL.Image
import tensorflow as tf

from core import images


def tensor(image: PIL.Image.Image, size: tuple[int, int], *, nearest: bool = False) -> tf.Tensor:
    """A picture at a size: shape (1, height, width, 3), 0 to 255, float32."""
    resized = images.resize(image, size, nearest=nearest)
    return tf.constant(np.asarray(resized, np.float32)[np.newaxis])


def noise(shape: tf.TensorShape, deviation: float, seed: int) -> tf.Tensor:
    """Normal noise, the same for the same seed."""
    generator = np.random.default_rng(seed)
    return tf.constant(generator.normal(0.0, deviation, shape).astype(np.float32))


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


def at_layers(places: tf.Tensor, sizes: Mapping[str, Collection[int]]) -> dict[str, tf.Tensor]:
    """A map of places, shape (1, height, width, 1), at each layer's height and width."""
    return {
        layer: tf.image.resize(places, tuple(size), tf.image.ResizeMethod.AREA)
        for layer, size in sizes.items()
    }


def picture(point: tf.Tensor) -> PIL.Image.Image:
    """The RGB picture of a tensor of shape (1, height, width, 3), 0 to 255."""
    pixels = np.clip(np.round(np.asarray(point)[0]), 0, 255).astype(np.uint8)
    return PIL.Image.fromarray(pixels)
