"""Every format and colour mode becomes RGB."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import core
from tests.core.images.samples import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    WHITE,
    assert_halves,
    encoded,
    halves,
    near,
    png,
)


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 95}),
        ("HEIF", {"quality": 95}),
        ("AVIF", {"quality": 95}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("GIF", {}),
        ("MPO", {"save_all": True, "quality": 95, "subsampling": 0}),
    ],
)
def test_every_format_is_read(format_name: str, options: dict[str, object]) -> None:
    assert_halves(core.open_image(encoded(halves(), format_name, **options)))


@pytest.mark.parametrize("mode", ["P", "RGBA", "CMYK", "YCbCr"])
def test_colour_modes_become_rgb(mode: str) -> None:
    assert_halves(core.open_image(encoded(halves(mode), "TIFF")))


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_becomes_rgb(mode: str) -> None:
    image = PIL.Image.new("L", (64, 32), 0)
    image.paste(255, (32, 0, 64, 32))
    result = core.open_image(encoded(image.convert(mode), "PNG"))
    assert result.mode == "RGB"
    assert result.getpixel((8, 16)) == BLACK
    assert result.getpixel((56, 16)) == WHITE


def test_cmyk_jpeg_keeps_its_colours() -> None:
    content = encoded(halves("CMYK"), "JPEG", quality=95, subsampling=0)
    assert_halves(core.open_image(content))


def test_transparency_is_laid_on_white() -> None:
    image = PIL.Image.new("RGBA", (64, 32), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (32, 0, 64, 32))
    image.paste((0, 0, 0, 128), (0, 0, 8, 32))
    for format_name in ("PNG", "WEBP"):
        result = core.open_image(encoded(image, format_name, lossless=True))
        assert result.getpixel((20, 16)) == WHITE
        assert result.getpixel((50, 16)) == RED
        assert near(result.getpixel((2, 16)), (127, 127, 127), 1)


def test_a_transparent_palette_entry_is_laid_on_white() -> None:
    image = halves().quantize(2)
    entry = image.getpixel((0, 0))
    result = core.open_image(encoded(image, "GIF", transparency=entry))
    assert result.getpixel((8, 16)) == WHITE
    assert result.getpixel((56, 16)) == BLUE


@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_and_not_cut_off(format_name: str) -> None:
    values = np.full((32, 64), 0x8080, np.uint16)
    values[:, 32:] = 0xFFFF
    result = core.open_image(encoded(PIL.Image.fromarray(values), format_name))
    assert result.getpixel((8, 16)) == (128, 128, 128)
    assert result.getpixel((56, 16)) == WHITE


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 255.0), (-50.0, 5000.0)])
def test_floating_point_pictures_show_their_range(low: float, high: float) -> None:
    values = np.full((32, 64), low, np.float32)
    values[:, 32:] = high
    values[0, 0] = np.nan
    result = core.open_image(encoded(PIL.Image.fromarray(values), "TIFF"))
    assert result.getpixel((8, 16)) == BLACK
    assert result.getpixel((56, 16)) == WHITE


def test_sixteen_bit_rgb() -> None:
    row = b"\0" + struct.pack(">HHH", 0xFFFF, 0x8080, 0) * 20
    result = core.open_image(png(20, 20, depth=16, colour=2, data=zlib.compress(row * 20)))
    assert result.getpixel((3, 3)) == (255, 128, 0)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_counts(format_name: str) -> None:
    later = [PIL.Image.new("RGB", (64, 32), colour) for colour in (GREEN, WHITE)]
    options: dict[str, object] = {"save_all": True, "append_images": later}
    if format_name != "TIFF":
        options["duration"] = 100
    if format_name == "WEBP":
        options["lossless"] = True
    assert_halves(core.open_image(encoded(halves(), format_name, **options)))


def test_paths_are_read_and_missing_ones_are_the_callers(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(halves(), "PNG"))
    assert_halves(core.open_image(path))
    assert_halves(core.open_image(str(path)))
    with pytest.raises(FileNotFoundError):
        core.open_image(tmp_path / "none.png")
