from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from core.preconditioner import FrequencyPreconditioner

sides = st.integers(2, 40)


def noise(height: int, width: int, seed: int) -> tf.Tensor:
    generator = np.random.default_rng(seed)
    return tf.constant(generator.normal(size=(1, height, width, 3)).astype(np.float32))


def waves(height: int, width: int, *, halves: int) -> npt.NDArray[np.float32]:
    """A picture of cosines from left to right, so many half periods of them."""
    line = np.cos(np.pi * halves * (np.arange(width) + 0.5) / width).astype(np.float32)
    return np.broadcast_to(line[:, np.newaxis], (1, height, width, 3))


@given(sides, sides)
def test_it_is_symmetric_and_positive(height: int, width: int) -> None:
    scale = FrequencyPreconditioner(height, width)
    one, other = noise(height, width, 1), noise(height, width, 2)
    here = float(tf.reduce_sum(one * scale(other)))
    there = float(tf.reduce_sum(other * scale(one)))
    assert here == pytest.approx(there, abs=1e-2)
    assert float(tf.reduce_sum(one * scale(one))) > 0


@given(sides, sides)
def test_it_is_linear(height: int, width: int) -> None:
    scale = FrequencyPreconditioner(height, width)
    one, other = noise(height, width, 1), noise(height, width, 2)
    np.testing.assert_allclose(
        scale(2.0 * one - other), 2.0 * scale(one) - scale(other), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("halves", [0, 1, 5, 23])
def test_each_wave_is_scaled_as_a_whole(halves: int) -> None:
    picture = waves(16, 24, halves=halves)
    gain = (halves / 24 + 0.03) ** -0.5
    np.testing.assert_allclose(FrequencyPreconditioner(16, 24)(picture), gain * picture, atol=1e-4)


def test_rows_and_columns_are_treated_alike() -> None:
    picture = noise(20, 31, 3)
    turned = tf.transpose(picture, [0, 2, 1, 3])
    np.testing.assert_allclose(
        FrequencyPreconditioner(31, 20)(turned),
        tf.transpose(FrequencyPreconditioner(20, 31)(picture), [0, 2, 1, 3]),
        atol=1e-4,
    )
