"""The shipped pictures: good enough as styles, and what the code in this repository paints."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.gallery.styles import PICTURES, TITLES
from tools.style_pictures.__main__ import MOST_BYTES, render
from tools.style_pictures.painters import PAINTERS

SMALL = 0.25
"""The scale of the renders that are compared with the shipped pictures."""

COARSE = (24, 24)
"""The size at which they are compared: fine grain is below it, the composition is not."""


def coarse(picture: Image.Image) -> NDArray[np.float64]:
    """The picture's colours where they are independent of its resolution, 0 to 1."""
    small = picture.convert("RGB").resize(COARSE, Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64) / 255


def alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The correlation of two pictures."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def shipped(name: str) -> Image.Image:
    with Image.open(PICTURES / f"{name}.jpg") as picture:
        return picture.convert("RGB")


def test_every_painter_has_a_title_and_a_picture_and_no_other_has() -> None:
    assert list(TITLES) == list(PAINTERS)
    assert {path.name for path in PICTURES.iterdir()} == {f"{name}.jpg" for name in PAINTERS}
    assert len(PAINTERS) >= 12


@pytest.mark.parametrize("name", PAINTERS)
def test_the_shipped_picture_is_what_the_painter_paints(name: str) -> None:
    ours, painted = coarse(shipped(name)), coarse(render(name, SMALL))
    assert np.abs((ours - painted).mean(axis=(0, 1))).max() < 0.05, "palette"
    assert alike(ours, painted) > 0.96, "composition"
    # The same picture turned round is no match: the measure can tell.
    assert alike(ours[:, ::-1], painted) < 0.9


@pytest.mark.parametrize("name", PAINTERS)
def test_the_shipped_picture_is_rich_at_every_scale(name: str) -> None:
    path = PICTURES / f"{name}.jpg"
    assert path.stat().st_size <= MOST_BYTES
    picture = shipped(name)
    assert min(picture.size) >= 640
    assert max(picture.size) <= 768
    grey = np.asarray(picture.convert("L"), dtype=np.float64) / 255
    assert grey.std() > 0.12, "contrast"
    # What is lost at each halving is the texture of that size.
    for factor in (2, 4, 8, 16):
        size = (picture.width // factor, picture.height // factor)
        reduced = picture.convert("L").resize(size, Image.Resampling.BOX)
        again = np.asarray(reduced.resize((size[0] // 2, size[1] // 2), Image.Resampling.BOX))
        lost = np.asarray(reduced)[: again.shape[0] * 2, : again.shape[1] * 2] / 255.0
        lost = lost - np.kron(again, np.ones((2, 2))) / 255
        assert lost.std() > 0.02, f"texture of {factor} pixels"
    blocks = grey[:640, :640].reshape(8, 80, 8, 80).std(axis=(1, 3))
    assert blocks.min() > 0.015, "no empty corner"


def test_a_render_is_the_same_every_time() -> None:
    first, second = (np.asarray(render("halftone", 0.2)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
