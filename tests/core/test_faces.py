"""Faces are found, and paintings hold on to them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core.errors import WeightsError
from core.faces import Face, FaceFinder, content_weights, finder
from tests.core.conftest import DATA
from tools.convert_faces import main

EYES = (0.353, 0.316), (0.498, 0.322)
"""Of the astronaut in `portrait`, by eye."""

_PARTS = st.floats(0.0, 1.0)

Grey = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def faces() -> FaceFinder:
    return FaceFinder()


@pytest.mark.parametrize("border", [0, 200])
def test_a_face_is_found_where_it_is(
    faces: FaceFinder, portrait: PIL.Image.Image, border: int
) -> None:
    """Whatever the picture's shape."""
    whole = PIL.Image.new("RGB", (160 + border, 160), "grey")
    whole.paste(portrait, (border, 0))
    [face] = faces.find(whole)
    for (across, down), (x, y) in zip(face.parts[:2], EYES, strict=True):
        assert (across * whole.width - border) / 160 == pytest.approx(x, abs=0.03)
        assert down == pytest.approx(y, abs=0.03)
    nose, mouth = face.parts[2:]
    assert face.parts[0][1] < nose[1] < mouth[1] < face.middle[1] + face.size[1] / 2
    assert faces.find(whole) == (face,)


def test_two_faces_side_by_side(faces: FaceFinder, portrait: PIL.Image.Image) -> None:
    both = PIL.Image.new("RGB", (320, 160))
    both.paste(portrait, (0, 0))
    both.paste(portrait, (160, 0))
    assert sorted(face.middle[0] > 0.5 for face in faces.find(both)) == [False, True]


def test_nothing_else_is_a_face(faces: FaceFinder, photo: PIL.Image.Image) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (80, 300, 3), np.uint8)
    for picture in (photo, PIL.Image.new("RGB", (40, 900)), PIL.Image.fromarray(noise)):
        assert faces.find(picture) == ()


def test_a_missing_network_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "FOLDER", "nowhere")
    with pytest.raises(WeightsError, match="face finder is missing or damaged; please reinstall"):
        FaceFinder()


@settings(max_examples=30, deadline=None)
@given(
    middle=st.tuples(_PARTS, _PARTS),
    size=st.tuples(st.floats(0.1, 0.6), st.floats(0.1, 0.6)),
    pixels=st.tuples(st.integers(80, 200), st.integers(80, 200)),
    firmness=st.floats(0.0, 4.0),
)
def test_weights_rise_softly_towards_a_face(
    middle: tuple[float, float],
    size: tuple[float, float],
    pixels: tuple[int, int],
    firmness: float,
) -> None:
    face = Face(middle=middle, size=size, parts=(middle,))
    weights = content_weights([face], pixels, firmness)
    assert weights.shape == (1, pixels[1], pixels[0], 1)
    assert weights.dtype == np.float32
    assert weights.min() >= 1.0
    top = 1 + 7.5 * firmness
    assert weights.max() <= top + 1e-4
    across, down = (
        min(int(part * side), side - 1) for part, side in zip(middle, pixels, strict=True)
    )
    assert weights[0, down, across, 0] == pytest.approx(weights.max(), rel=0.3)
    for axis, radius in ((2, size[0] * pixels[0]), (1, size[1] * pixels[1])):
        steepest = np.abs(np.diff(weights, axis=axis)).max(initial=0)
        assert steepest <= 10 * (top - 1) / radius + 1e-4
    np.testing.assert_array_equal(content_weights([face, face], pixels, firmness), weights)


def test_a_painting_holds_on_to_a_face_and_to_nothing_else(
    painter: core.Painter, portrait: PIL.Image.Image, photo: PIL.Image.Image, faces: FaceFinder
) -> None:
    style = core.open_image(DATA / "chelsea.jpg").rotate(90, expand=True)

    def painted(content: PIL.Image.Image, choice: str, iterations: int) -> Grey:
        options = core.Options(size=96, iterations=iterations, start_model="none", faces=choice)
        image = core.stylize(content, style, options, painter=painter).image
        return np.asarray(image.convert("L"), np.float64)

    np.testing.assert_array_equal(painted(photo, "auto", 2), painted(photo, "off", 2))
    held, free = painted(portrait, "auto", 12), painted(portrait, "off", 12)
    place = content_weights(faces.find(portrait), (96, 96))[0, :, :, 0] > 4
    photo_there = np.asarray(portrait.convert("L").resize((96, 96)), np.float64)[place]
    held_on = np.corrcoef(photo_there, held[place])[0, 1]
    assert held_on > np.corrcoef(photo_there, free[place])[0, 1] + 0.02


def test_the_converter_refuses_another_file(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path_factory.mktemp("source") / "other.whl"
    source.write_bytes(b"not the wheel")
    out = source.with_name("model")
    assert main([str(source), "-o", str(out)]) == 2
    assert "has sha256" in capsys.readouterr().err
    assert not out.exists()
