"""Work in bands comes out as work on the whole picture would."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.images import raster
from core.images.raster import raster_of


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_bands_fit_together(data: st.DataObject) -> None:
    width, height = (data.draw(st.integers(1, 90)) for _ in range(2))
    size = (data.draw(st.integers(1, width)), data.draw(st.integers(1, height)))
    rows = data.draw(st.integers(1, 20))
    seed = data.draw(st.integers(0, 1000))
    # Without extremes: what Pillow cuts off between its two passes depends on their order.
    noise = np.random.default_rng(seed).integers(96, 160, (height, width, 3), np.uint8)
    image = PIL.Image.fromarray(noise)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raster, "BAND", rows * width)
        ours = raster_of(image).scaled(size, lambda band: band)
        assert sum(band.height for band in raster_of(image).bands()) == height
    whole = image.resize(size, PIL.Image.Resampling.LANCZOS)
    difference = np.asarray(ours, np.int16) - np.asarray(whole, np.int16)
    assert abs(difference).max() <= 2
