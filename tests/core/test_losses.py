from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from core import losses

Array = npt.NDArray[np.float64]

RANDOM = np.random.default_rng(7)


def features(*shape: int) -> tf.Tensor:
    return tf.constant(RANDOM.normal(size=shape), tf.float64)


def test_gram_matrix_of_known_features() -> None:
    places = tf.constant([[[[1.0, 2.0], [3.0, 4.0]]]])
    np.testing.assert_allclose(losses.gram_matrix(places), [[10.0, 14.0], [14.0, 20.0]])


def test_gram_matrix_forgets_where_things_are() -> None:
    picture = RANDOM.normal(size=(1, 6, 5, 4))
    shuffled = RANDOM.permutation(picture.reshape(30, 4)).reshape(1, 5, 6, 4)
    np.testing.assert_allclose(
        losses.gram_matrix(tf.constant(picture)),
        losses.gram_matrix(tf.constant(shuffled)),
        rtol=1e-12,
    )


def test_moments_of_known_features() -> None:
    mean, covariance = losses.moments(tf.constant([[[[1.0, 2.0]], [[3.0, 6.0]]]]))
    np.testing.assert_allclose(mean, [2.0, 4.0])
    np.testing.assert_allclose(covariance, [[1.0, 2.0], [2.0, 4.0]])


def test_moments_and_gram_matrix_say_the_same() -> None:
    picture = features(1, 7, 5, 4)
    mean, covariance = losses.moments(picture)
    np.testing.assert_allclose(
        covariance + tf.tensordot(mean, mean, 0), losses.gram_matrix(picture) / 35, rtol=1e-10
    )


def test_content_losses_in_closed_form() -> None:
    target = features(1, 4, 3, 2)
    assert float(losses.content_sum(target + 2.0, target)) == pytest.approx(4 * 24)
    assert float(losses.content_sum(target, target)) == 0


def test_directions_apart_in_closed_form() -> None:
    nothing = tf.constant(0.0, tf.float64)
    target = losses.directions(features(1, 4, 3, 2), nothing, nothing)
    across = tf.reverse(target, axis=[-1]) * tf.constant([1.0, -1.0], tf.float64)
    for found, each in ((target, 0.0), (across, 1.0), (-target, 2.0)):
        assert float(losses.direction_distance(found, target)) == pytest.approx(12 * each)
    first = tf.reshape(tf.one_hot(0, 12, dtype=tf.float64), (1, 4, 3, 1))
    assert float(losses.direction_distance(-target, target, first)) == pytest.approx(2)


@given(contrast=st.floats(0.1, 10), shift=st.floats(-100, 100))
def test_directions_know_neither_contrast_nor_mean(contrast: float, shift: float) -> None:
    picture, mean = features(1, 4, 3, 5), features(5)
    floor = tf.constant(0.3, tf.float64)
    ours = losses.directions(picture, mean, floor)
    theirs = losses.directions(
        contrast * picture + shift, contrast * mean + shift, contrast**2 * floor
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-9)
    assert float(tf.reduce_max(tf.norm(ours, axis=-1))) < 1


def test_what_is_flat_has_no_direction() -> None:
    picture, floor = features(1, 4, 3, 5), tf.constant(1.0, tf.float64)
    flat = losses.directions(1e-3 * picture, tf.zeros(5, tf.float64), floor)
    assert float(tf.reduce_max(tf.norm(flat, axis=-1))) < 1e-2
    assert (
        not losses.directions(tf.zeros((1, 2, 2, 3)), tf.zeros(3), tf.constant(0.0)).numpy().any()
    )


def test_style_sum_in_closed_form() -> None:
    target = tf.constant([[1.0, 2.0], [2.0, 5.0]], tf.float64)
    found = float(losses.style_sum(target + 6.0, target, 10))
    assert found == pytest.approx(4 * 36 / (4 * 9 * 100))


def test_style_relative_in_closed_form() -> None:
    target = losses.moments(features(1, 4, 4, 3))
    nothing = tuple(tf.zeros_like(part) for part in target)
    double = tuple(2 * part for part in target)
    thrice = tuple(4 * part for part in target)
    assert float(losses.style_relative(target, target)) == 0
    assert float(losses.style_relative(nothing, target)) == pytest.approx(1.0, rel=2e-3)
    assert float(losses.style_relative(double, target)) == pytest.approx(1.0, rel=2e-3)
    assert float(losses.style_relative(thrice, target)) == pytest.approx(3.0, rel=2e-3)


def test_variation_losses_in_closed_form() -> None:
    slope = tf.constant(
        np.broadcast_to(3.0 * np.arange(5)[:, None, None], (1, 5, 4, 3)), tf.float64
    )
    slope += tf.constant(np.broadcast_to(4.0 * np.arange(4)[:, None], (1, 5, 4, 3)))
    assert float(losses.variation_sum(slope)) == pytest.approx(4 * 3 * 3 * 25**1.25)
    assert float(losses.variation_relative(slope)) == pytest.approx(25 / 25.5**2)
    assert float(losses.variation_sum(tf.ones((1, 5, 4, 3)))) == 0


def _content_sum(values: tf.Tensor) -> tf.Tensor:
    return losses.content_sum(values, tf.ones_like(values))


def _content_apart(values: tf.Tensor) -> tf.Tensor:
    mean, floor = tf.ones(3, tf.float64), tf.constant(0.5, tf.float64)
    target = tf.reshape(tf.range(60, dtype=tf.float64), values.shape)
    return losses.direction_distance(
        losses.directions(values, mean, floor), losses.directions(target, 7 * mean, floor)
    )


def _style_sum(values: tf.Tensor) -> tf.Tensor:
    gram = losses.gram_matrix(values)
    return losses.style_sum(gram, tf.ones_like(gram), 20)


def _style_relative(values: tf.Tensor) -> tf.Tensor:
    target = (tf.ones([3], tf.float64), 2 * tf.ones([3, 3], tf.float64))
    return losses.style_relative(losses.moments(values), target)


@pytest.mark.parametrize(
    "loss",
    [
        _content_sum,
        _content_apart,
        _style_sum,
        _style_relative,
        losses.variation_sum,
        losses.variation_relative,
    ],
)
def test_gradients_agree_with_finite_differences(loss: Callable[[tf.Tensor], tf.Tensor]) -> None:
    values = features(1, 5, 4, 3)
    with tf.GradientTape() as tape:
        tape.watch(values)
        value = loss(values)
    gradient = tape.gradient(value, values).numpy().ravel()
    step = 1e-6
    for index in range(60):
        change = np.zeros(60)
        change[index] = step
        change = change.reshape(values.shape)
        slope = (float(loss(values + change)) - float(loss(values - change))) / (2 * step)
        assert gradient[index] == pytest.approx(slope, rel=1e-5, abs=1e-7)


def test_eigen_weights_make_the_loss_as_steep_along_all_features() -> None:
    """Seen from features that have what is wanted, by steps that change the Gram matrix most."""
    places, _ = np.linalg.qr(RANDOM.normal(size=(20, 4)))
    channels, _ = np.linalg.qr(RANDOM.normal(size=(4, 4)))
    lengths = np.sqrt([1000.0, 300.0, 100.0, 50.0])
    wanted = (places * lengths) @ channels.T
    target = losses.gram_matrix(tf.constant(wanted.reshape(1, 5, 4, 4)))
    eigen = losses.eigen_weights(target, 1e6)
    plain, weighted = [], []
    for first in range(4):
        for second in range(first + 1):
            step = lengths[first] * np.outer(places[:, first], channels[:, second])
            step += lengths[second] * np.outer(places[:, second], channels[:, first])
            step *= 1e-3 / np.linalg.norm(step)
            gram = losses.gram_matrix(tf.constant((wanted + step).reshape(1, 5, 4, 4)))
            plain.append(float(losses.style_sum(gram, target, 20)))
            weighted.append(float(losses.style_sum(gram, target, 20, eigen)))
    assert max(plain) / min(plain) == pytest.approx(1000 / 50, rel=0.01)
    assert max(weighted) / min(weighted) < 2


def test_eigen_weighted_squares_add_to_the_plain_squares() -> None:
    found, target = (losses.gram_matrix(features(1, 5, 4, 3)) for _ in range(2))
    plain = float(losses.style_sum(found, target, 20))
    weighted = [losses.eigen_weights(target, weight) for weight in (0, 1, 2)]
    sums = [float(losses.style_sum(found, target, 20, eigen)) for eigen in weighted]
    assert sums[0] == pytest.approx(plain)
    assert sums[2] - sums[1] == pytest.approx(sums[1] - sums[0])
    assert sums[1] > 1.5 * plain


def test_eigen_weights_survive_a_gram_matrix_of_nothing() -> None:
    eigen = losses.eigen_weights(tf.zeros((3, 3)), 0.1)
    assert np.isfinite(eigen.vectors).all()
    assert np.isfinite(eigen.weights).all()


def test_the_gradient_of_a_gram_matrix_is_that_of_two_products() -> None:
    picture, weights = features(1, 5, 4, 3), features(3, 3)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(picture)
        ours = tf.reduce_sum(weights * losses.gram_matrix(picture))
        places = tf.reshape(picture, [-1, 3])
        theirs = tf.reduce_sum(weights * tf.matmul(places, places, transpose_a=True))
    np.testing.assert_allclose(
        tape.gradient(ours, picture), tape.gradient(theirs, picture), rtol=1e-12
    )
