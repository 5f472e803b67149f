"""Encoding, and the size of a painting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import core
from core import images
from tests.core.images.samples import assert_halves, halves


def test_encoding_round_trips() -> None:
    assert_halves(core.open_image(core.encode_png(halves())))
    assert_halves(core.open_image(core.encode_jpeg(halves(), quality=95)))
    rough, fine = (core.encode_jpeg(halves(), quality=quality) for quality in (10, 95))
    assert len(rough) < len(fine)


@given(st.integers(16, 5000), st.integers(16, 5000), st.integers(32, 4096))
def test_fit_keeps_the_aspect_ratio(width: int, height: int, long_side: int) -> None:
    fitted = images.fit(width, height, long_side)
    assert max(fitted) == long_side
    short = long_side * min(width, height) / max(width, height)
    assert min(fitted) == pytest.approx(max(short, 1), abs=0.51)
