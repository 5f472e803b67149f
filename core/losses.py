"""Content, style and variation losses: pure functions of tensors.

Two families. The sums are those of Chollet, "Deep Learning with Python",
section 8.3, after Gatys et al., "A Neural Algorithm of Artistic Style" (2015),
equations 1 to 5. The relative ones divide by the target's own size: 0 is a
perfect likeness, 1 about that of a grey picture, whatever the layer, the style
and the picture's size. All are differentiable and work in the tensors' own
floating-point type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import tensorflow as tf

CHANNELS: Final = 3
_LEAST_SHARE: Final = 0.02
_EIGEN_POWER: Final = 1.25
_TINY: Final = 1e-12
_ROUND: Final = 1e-6


class EigenWeights(NamedTuple):
    """How differences from a wanted Gram matrix are to count, beside their squares.

    Attributes:
        vectors: the wanted matrix's eigenvectors as columns, shape (channels, channels).
        weights: of the squared difference between each two of them, the same shape.
    """

    vectors: tf.Tensor
    weights: tf.Tensor


def gram_matrix(features: tf.Tensor, weights: tf.Tensor | None = None) -> tf.Tensor:
    """Inner products of the channels over all places (Gatys et al., equation 3).

    Args:
        features: shape (1, height, width, channels).
        weights: how much each place counts, shape (1, height, width, 1); alike
            if left out. Only their proportions matter.

    Returns:
        Shape (channels, channels), symmetric, not normalised.
    """
    places = tf.reshape(features, [-1, tf.shape(features)[-1]])
    if weights is None:
        return _products(places)
    counted = places * tf.reshape(weights / tf.reduce_mean(weights), [-1, 1])
    return tf.matmul(places, counted, transpose_a=True)


def moments(features: tf.Tensor, weights: tf.Tensor | None = None) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and covariance of the features over all places.

    Together they say what the Gram matrix says, but apart: in the Gram matrix
    of rectified features the means outweigh everything, and a picture can come
    near to it by its colours alone.

    Args:
        features: shape (1, height, width, channels).
        weights: how much each place counts, shape (1, height, width, 1); alike
            if left out. Only their proportions matter.

    Returns:
        The mean, of shape (channels,), and the covariance, of shape
        (channels, channels).
    """
    places = tf.reshape(features, [-1, tf.shape(features)[-1]])
    if weights is None:
        mean = tf.reduce_mean(places, axis=0)
        centred = places - mean
        count = tf.cast(tf.shape(places)[0], features.dtype)
        return mean, _products(centred) / count
    shares = tf.reshape(weights / tf.reduce_sum(weights), [-1, 1])
    mean = tf.reduce_sum(places * shares, axis=0)
    centred = places - mean
    return mean, tf.matmul(centred, centred * shares, transpose_a=True)


def _forward_and_back(places: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    def back(slope: tf.Tensor) -> tf.Tensor:
        return tf.matmul(places, slope + tf.transpose(slope))

    return tf.matmul(places, places, transpose_a=True), back


_products: Final[Callable[[tf.Tensor], tf.Tensor]] = tf.custom_gradient(_forward_and_back)
"""Inner products of the columns, (n, channels) to (channels, channels).

`tf.matmul` knows nothing of their symmetry, and makes two products of the gradient for one.
"""


def content_sum(
    features: tf.Tensor, target: tf.Tensor, weights: tf.Tensor | float = 1.0
) -> tf.Tensor:
    """Sum of squared differences of features.

    Args:
        features: any shape.
        target: the same shape.
        weights: how much each place counts, of a shape that fits theirs.

    Returns:
        A scalar.
    """
    return tf.reduce_sum(weights * tf.square(features - target))


def directions(features: tf.Tensor, mean: tf.Tensor, floor: tf.Tensor) -> tf.Tensor:
    """Where the features of each place point from a mean, however far they go.

    What is at a place is told by which channels are above their mean and which
    below; how far above is a matter of contrast, and the mean one of palette and
    paint, which are the style's. The length is taken out as in LPIPS (Zhang et al.,
    2018, section 3), the mean as in the domain-invariant perceptual loss of MUNIT
    (Huang et al., 2018, section 5.1).

    Args:
        features: shape (1, height, width, channels).
        mean: of a shape that fits theirs.
        floor: squared distance from the mean below which a place hardly counts,
            as a scalar: what is nearly flat has no direction but its noise.

    Returns:
        The features' shape; vectors of length 0 to 1.
    """
    away = features - mean
    square = tf.reduce_sum(tf.square(away), axis=-1, keepdims=True)
    return away * tf.math.rsqrt(square + floor + _TINY)


def direction_distance(
    found: tf.Tensor, target: tf.Tensor, weights: tf.Tensor | float = 1.0
) -> tf.Tensor:
    """Half the squared distances of directions, summed over all places.

    Args:
        found: directions, shape (1, height, width, channels).
        target: the photo's, of the same shape.
        weights: how much each place counts, shape (1, height, width, 1).

    Returns:
        A scalar; for each place 0 where both point the same way, 1 where they
        have nothing in common, 2 where they are opposites.
    """
    return tf.reduce_sum(weights * tf.square(found - target)) / 2.0


def style_sum(
    gram: tf.Tensor,
    target: tf.Tensor,
    pixels: tf.Tensor | int,
    eigen: EigenWeights | None = None,
) -> tf.Tensor:
    """Squared differences of unnormalised Gram matrices, as in Chollet's listing.

    Args:
        gram: shape (channels, channels).
        target: the same shape.
        pixels: height times width of the picture (not of the features).
        eigen: if given, squares weighted between eigenvectors are added; see `eigen_weights`.

    Returns:
        A scalar: sum((gram - target)^2) / (4 * 3^2 * pixels^2).
    """
    size = tf.cast(pixels, gram.dtype)
    difference = gram - target
    total = tf.reduce_sum(tf.square(difference))
    if eigen is not None:
        turned = tf.matmul(eigen.vectors, difference, transpose_a=True)
        between = tf.matmul(turned, eigen.vectors)
        total += tf.reduce_sum(eigen.weights * tf.square(between))
    return total / (4.0 * CHANNELS**2 * size**2)


def eigen_weights(target: tf.Tensor, weight: float) -> EigenWeights:
    """What makes the loss as steep along all features, whatever their spread.

    A Gram matrix of rectified features has a few eigenvalues beside which the others are
    nothing, so its loss is long and narrow, and a minimiser creeps along it. Between the
    target's eigenvectors of eigenvalues x and y the squared difference is as steep in the
    features as x + y is large; divided by that it is as steep along all pairs, and the
    whole is, close to the target, the Wasserstein distance of two Gaussians (Bhatia, Jain
    and Lim, "On the Bures-Wasserstein distance between positive definite matrices", 2019).
    A power of 1.25 measured better than that, and pairs that add next to nothing to the
    loss are not to count for more and more; see docs/engine.md.

    Args:
        target: the Gram matrix that is wanted, shape (channels, channels).
        weight: of the weighted squares beside the plain ones.

    Returns:
        Tensors of the target's type.
    """
    values, vectors = tf.linalg.eigh(target)
    shares = values / tf.maximum(values[-1], _TINY)
    sizes = (shares[:, tf.newaxis] + shares) / 2.0
    return EigenWeights(vectors, weight * (tf.maximum(sizes, 0.0) + _LEAST_SHARE) ** -_EIGEN_POWER)


def style_relative(found: tuple[tf.Tensor, ...], target: tuple[tf.Tensor, ...]) -> tf.Tensor:
    """Distance of statistics as a part of the target's own length.

    It is not squared: a squared one cares most for what is farthest off, and
    hardly any more for a layer that has come half-way near.

    Args:
        found: statistics of a picture's features, of any shapes.
        target: the style's, of the same shapes.

    Returns:
        A scalar; 1 for features that are 0 everywhere.
    """
    parts = [
        tf.reduce_sum(tf.square(ours - theirs)) / (tf.reduce_sum(tf.square(theirs)) + _TINY)
        for ours, theirs in zip(found, target, strict=True)
    ]
    # Rounded at the bottom, where the root has no slope.
    return tf.sqrt(tf.add_n(parts) / len(parts) + _ROUND) - _ROUND**0.5


def _slopes(pictures: tf.Tensor) -> tf.Tensor:
    """Squared differences to the pixel below and the pixel to the right, added.

    Shape (1, height, width, 3) to (1, height - 1, width - 1, 3).
    """
    corner = pictures[:, :-1, :-1]
    return tf.square(corner - pictures[:, 1:, :-1]) + tf.square(corner - pictures[:, :-1, 1:])


def variation_sum(pictures: tf.Tensor) -> tf.Tensor:
    """Total variation as in Chollet's listing.

    Args:
        pictures: shape (1, height, width, 3).

    Returns:
        A scalar: sum((dx^2 + dy^2)^1.25).
    """
    return tf.reduce_sum(tf.pow(_slopes(pictures), 1.25))


def variation_relative(pictures: tf.Tensor) -> tf.Tensor:
    """Mean squared slope in units of a tenth of the grey range.

    Args:
        pictures: shape (1, height, width, 3), 0 to 255.

    Returns:
        A scalar; 1 where every pixel differs from both neighbours by 18.
    """
    return tf.reduce_mean(_slopes(pictures)) / 25.5**2
