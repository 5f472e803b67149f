from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

import core
from core.palette import Palette, match_colours, prepare
from core.strength import strength_effect

Pixels = npt.NDArray[np.float64]

OPTIONS = {"size": 80, "iterations": 12}


class Painted(Protocol):
    """Paints, and returns the painting's pixels."""

    def __call__(
        self,
        content: PIL.Image.Image,
        style: PIL.Image.Image | list[PIL.Image.Image],
        **options: object,
    ) -> Pixels: ...


@pytest.fixture(scope="module")
def painted(painter: core.Painter) -> Painted:
    """Paints the same only once."""
    known: list[tuple[object, Pixels]] = []

    def paint(
        content: PIL.Image.Image,
        style: PIL.Image.Image | list[PIL.Image.Image],
        **options: object,
    ) -> Pixels:
        wanted = core.Options(**{**OPTIONS, **options})  # type: ignore[arg-type]
        key = content, style, wanted
        for earlier, pixels in known:
            if earlier == key:
                return pixels
        last = list(painter.paint(content, style, wanted))[-1]
        known.append((key, np.asarray(last.image, np.float64)))
        return known[-1][1]

    return paint


@pytest.fixture(scope="module")
def texture() -> PIL.Image.Image:
    """Red and yellow stripes, so that it is plain whose colours a painting has."""
    stripes = np.zeros((96, 96, 3), np.uint8)
    stripes[..., 0] = 220
    stripes[..., 1] = np.where(np.arange(96) // 4 % 2, 200, 20)[:, np.newaxis]
    return PIL.Image.fromarray(stripes)


def test_strength_runs_from_the_photo_to_the_style_in_steps_that_can_be_seen(
    painted: Painted, photo: PIL.Image.Image, texture: PIL.Image.Image
) -> None:
    small = np.asarray(photo.resize((80, 53), PIL.Image.Resampling.LANCZOS), np.float64)
    scale = [painted(photo, texture, strength=strength) for strength in (0, 25, 50, 100)]
    distances = [np.abs(picture - small).mean() for picture in scale]
    assert distances[0] < 1, "strength 0 is the photo"
    assert distances[1] > 2
    assert distances[2] > distances[1] + 2
    assert np.abs(scale[3] - scale[2]).mean() > 0.5


@given(first=st.floats(0, 100), second=st.floats(0, 100))
def test_more_strength_never_pulls_less(first: float, second: float) -> None:
    weaker, stronger = strength_effect(min(first, second)), strength_effect(max(first, second))
    assert weaker.mix <= stronger.mix <= 1
    assert weaker.content >= stronger.content > 0
    assert strength_effect(50).mix == strength_effect(50).content == 1


def hues(pixels: Pixels) -> Pixels:
    image = PIL.Image.fromarray(pixels.astype(np.uint8)).convert("YCbCr")
    return np.asarray(image, np.float64)[..., 1:]


def test_colours_are_kept_in_two_ways(
    painted: Painted, photo: PIL.Image.Image, texture: PIL.Image.Image
) -> None:
    small = np.asarray(photo.resize((80, 53), PIL.Image.Resampling.LANCZOS), np.float64)
    free = painted(photo, texture)
    by_light = painted(photo, texture, keep_colours="luminance")
    by_match = painted(photo, texture, keep_colours="match")
    default = painted(photo, texture, keep_colours=True)
    assert np.array_equal(default, by_light)
    off = [np.abs(hues(one) - hues(small)).mean() for one in (by_light, by_match, free)]
    assert off[0] < 2, "each place keeps its colour"
    assert min(off[1:]) > 2 * off[0]
    assert np.abs(by_light - small).mean() > 4, "but it is painted"


def test_matching_gives_a_style_the_photos_mean_and_covariance(
    photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    matched = np.asarray(match_colours(portrait, photo), np.float64).reshape(-1, 3)
    wanted = np.asarray(photo, np.float64).reshape(-1, 3)
    np.testing.assert_allclose(matched.mean(axis=0), wanted.mean(axis=0), atol=4)
    np.testing.assert_allclose(np.cov(matched.T), np.cov(wanted.T), rtol=0.25, atol=60)
    flat = PIL.Image.new("RGB", (32, 32), (9, 99, 200))
    recoloured = np.asarray(match_colours(flat, photo), np.float64)
    assert recoloured.std(axis=(0, 1)).max() == 0, "nothing is made of nothing"
    assert prepare(Palette.STYLE, photo, flat) == (photo, flat)


def test_a_mask_keeps_what_is_white_closer_to_the_photo(
    painted: Painted, photo: PIL.Image.Image, texture: PIL.Image.Image, tmp_path: Path
) -> None:
    mask = PIL.Image.new("L", (60, 40), 0)
    mask.paste(255, (0, 0, 30, 40))
    small = np.asarray(photo.resize((80, 53), PIL.Image.Resampling.LANCZOS), np.float64)
    free, kept = painted(photo, texture), painted(photo, texture, mask=mask)
    left, right = np.s_[:, :32], np.s_[:, 48:]
    off = {
        (name, side): np.abs(picture[part] - small[part]).mean()
        for name, picture in (("free", free), ("kept", kept))
        for side, part in (("left", left), ("right", right))
    }
    assert off["kept", "left"] < 0.85 * off["free", "left"]
    assert off["kept", "right"] > 0.9 * off["free", "right"]
    mask.save(tmp_path / "mask.png")
    from_file = painted(photo, texture, mask=str(tmp_path / "mask.png"))
    assert np.array_equal(from_file, kept)
    with pytest.raises(core.OptionsError, match="mask must be a picture"):
        painted(photo, texture, mask=str(tmp_path / "none.png"))


def test_styles_blend_by_their_weights(
    painted: Painted, photo: PIL.Image.Image, texture: PIL.Image.Image
) -> None:
    blue = PIL.Image.fromarray(np.asarray(texture)[..., ::-1].copy())
    alone = {"start_model": "none", "iterations": 24, "content_weight": 0.0}
    red, both, other = (
        painted(photo, [texture, blue], style_weights=weights, **alone)
        for weights in ((1, 0), None, (0, 2.5))
    )
    redness = [float((picture[..., 0] - picture[..., 2]).mean()) for picture in (red, both, other)]
    assert redness[0] > redness[1] + 4 > redness[2] + 8
    with pytest.raises(core.OptionsError, match="style_weights"):
        painted(photo, texture, style_weights=(1, 1))
    for styles in ([], [texture] * 9):
        with pytest.raises(core.OptionsError, match="style must be 1 to 8"):
            painted(photo, styles)


def test_style_size_scales_the_strokes(painted: Painted, texture: PIL.Image.Image) -> None:
    grey = PIL.Image.new("RGB", (96, 96), (128, 128, 128))

    def coarseness(size: float) -> float:
        alone = {"content_weight": 0.0, "start_model": "none", "iterations": 24}
        picture = painted(grey, texture, style_size=size, **alone).mean(axis=-1)
        fine = np.abs(np.diff(picture, axis=0)).mean()
        return float(np.abs(picture - picture.mean()).mean() / fine)

    assert coarseness(2.0) > 1.15 * coarseness(1.0)
