"""Which changes of a picture the loss resists least: long waves rather than short ones."""

from __future__ import annotations

from typing import Final

import tensorflow as tf

_FALL: Final = 0.5
"""Power of the frequency by which shorter waves are changed less."""

_LONGEST: Final = 0.03
"""Part of the highest frequency below which waves count as of one length."""


class FrequencyPreconditioner:
    """A guess of the inverse of a style transfer loss's curvature, as a preconditioner.

    A picture is taken apart into waves by the cosine transform, and each is
    scaled by 1 / sqrt(frequency). That is to paint the transform's coefficients
    instead of pixels, in units of frequency^(-1/4), where Olah et al., "Feature
    Visualization" (2017), section "Preconditioning and Parameterization", take
    1 / frequency.

    As a function of a picture it is linear, symmetric and positive.
    """

    def __init__(self, height: int, width: int) -> None:
        """For pictures of shape (1, height, width, 3)."""
        self._rows = _cosines(height)
        self._columns = _cosines(width)
        down = tf.range(height, dtype=tf.float32)[:, tf.newaxis] / height
        across = tf.range(width, dtype=tf.float32) / width
        frequency = tf.sqrt(tf.square(down) + tf.square(across))
        self._gains = (frequency + _LONGEST) ** -_FALL

    def __call__(self, picture: tf.Tensor) -> tf.Tensor:
        """The same picture with shorter waves made fainter; shape (1, height, width, 3)."""
        return _scaled(picture, self._gains, self._rows, self._columns)


def _cosines(length: int) -> tf.Tensor:
    """Waves of a line of pixels, one in each column, orthonormal."""
    return tf.signal.dct(tf.eye(length), norm="ortho")


def _scaled_waves(
    picture: tf.Tensor, gains: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor
) -> tf.Tensor:
    # As products with the waves: up to some 1000 pixels sooner than `tf.signal.dct` does it.
    colours = tf.transpose(picture, [0, 3, 1, 2])
    waves = tf.matmul(tf.matmul(rows, colours, transpose_a=True), columns)
    scaled = tf.matmul(tf.matmul(rows, waves * gains), columns, transpose_b=True)
    return tf.transpose(scaled, [0, 2, 3, 1])


_scaled: Final = tf.function(_scaled_waves, reduce_retracing=True)
