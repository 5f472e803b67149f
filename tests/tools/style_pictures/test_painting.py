"""The command that paints the style pictures, and the means that its painters share."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tools.style_pictures.__main__ import MOST_BYTES, encode, main
from tools.style_pictures.canvas import Canvas, grid, sample
from tools.style_pictures.colour import nearest, oklab, palette, ramp, srgb
from tools.style_pictures.noise import Noise, owners, relaxed, scattered
from tools.style_pictures.strokes import traced

UNIT = st.floats(0, 1)


def test_the_command_writes_the_named_style(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["halftone", "--out", str(tmp_path / "new")]) == 0
    path = tmp_path / "new" / "halftone.jpg"
    assert str(path) in capsys.readouterr().out
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("JPEG", (640, 768))


def test_the_command_names_what_it_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["halftone", "fresco", "--out", str(tmp_path)])
    assert stop.value.code == 2
    assert "no such style: fresco" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_picture_is_encoded_as_well_as_fits() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    data = encode(Image.fromarray(noise))
    assert MOST_BYTES * 0.9 < len(data) <= MOST_BYTES
    with Image.open(BytesIO(encode(Image.new("RGB", (400, 400), "navy")))) as flat:
        assert flat.size == (400, 400)


def test_a_picture_that_cannot_fit_is_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1600, 1600, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match="1600 x 1600 does not fit 150000 bytes"):
        encode(Image.fromarray(noise))


@given(st.tuples(UNIT, UNIT, UNIT))
def test_oklab_and_back_is_the_same_colour(colour: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(srgb(oklab(colour)), colour, atol=2e-4)


def test_oklab_of_known_colours() -> None:
    # Ottosson's page gives white (1, 0, 0); a grey has no chroma.
    np.testing.assert_allclose(oklab((1, 1, 1)), (1, 0, 0), atol=1e-4)
    np.testing.assert_allclose(oklab((0.4, 0.4, 0.4))[1:], (0, 0), atol=1e-4)


def test_a_ramp_passes_through_its_colours() -> None:
    colours = palette("102030", "c04020", "f0f0e0")
    np.testing.assert_allclose(ramp(colours, np.array([0.0, 0.5, 1.0])), colours, atol=1e-6)
    np.testing.assert_array_equal(nearest(colours + 0.01, colours), colours)


@given(st.integers(0, 2**32 - 1), st.floats(2, 200))
@settings(max_examples=20)
def test_noise_is_smooth_bounded_and_independent_of_resolution(seed: int, period: float) -> None:
    noise = Noise(seed)
    x, y = grid(64, 48, 1.0)
    coarse = noise.at(x, y, period)
    assert np.abs(coarse).max() <= 1.5
    step = period * 1e-4
    assert np.abs(noise.at(x + step, y, period) - coarse).max() < 0.002
    fine_x, fine_y = grid(64, 48, 3.0)
    fine = noise.at(fine_x, fine_y, period)
    np.testing.assert_allclose(fine[1::3, 1::3], coarse, atol=1e-9)


def test_scattered_points_cover_the_sheet_evenly() -> None:
    points = scattered(np.random.default_rng(1), 300, 200, 10)
    x, y = grid(300, 200, 0.2)
    distance, number = owners(points, x, y)
    assert distance[..., 0].max() < 12
    assert (distance[..., 0] <= distance[..., 1]).all()
    assert (number >= 0).all()
    assert (number < len(points)).all()
    before = distance[..., 0].max()
    after, _ = owners(relaxed(points, 300, 200, 5), x, y)
    assert after[..., 0].max() < before


def test_a_path_follows_the_field() -> None:
    x, y = grid(200, 200)
    whirl = np.arctan2(y - 100, x - 100) + np.pi / 2
    path = traced(whirl, np.array([[150.0, 100.0]]), 60, points=31)[0]
    radius = np.hypot(*(path - 100).T)
    np.testing.assert_allclose(radius, 50, atol=1.5)
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).sum() == pytest.approx(60, rel=1e-6)


def test_what_is_drawn_is_where_it_should_be_at_any_scale() -> None:
    for scale in (0.5, 1.0, 2.0):
        canvas = Canvas(100, 60, scale, (0, 0, 0))
        canvas.polygon(np.array([[10, 10], [60, 10], [60, 40], [10, 40]]), (1, 0.5, 0), 0.5)
        pixels, relief = canvas.pixels(), canvas.relief()
        assert pixels.shape == (60 * scale, 100 * scale, 3)
        assert (pixels[..., 0].mean() * 6000) == pytest.approx(1500, rel=0.06)
        assert relief.max() == pytest.approx(0.5, abs=0.01)
        x, y = grid(100, 60, scale)
        assert (pixels[(x > 12) & (x < 58) & (y > 12) & (y < 38)][:, 0] == 1).all()


def test_sampling_between_units_is_linear() -> None:
    x, _ = grid(10, 10)
    where = np.array([2.5, 3.0, 4.25])
    np.testing.assert_allclose(sample(x, where, np.full(3, 5.0)), where)
