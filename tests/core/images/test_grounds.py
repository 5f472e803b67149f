"""What shows through transparent pictures."""

from __future__ import annotations

import PIL.Image
import pytest

import core
from tests.core.images.samples import BLACK, RED, WHITE, encoded


def drawing(colour: tuple[int, int, int], *, mode: str = "RGBA") -> PIL.Image.Image:
    image = PIL.Image.new("RGBA", (64, 32), (*colour, 0))
    image.paste((*colour, 255), (16, 8, 48, 24))
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_white_drawings_are_laid_on_black(mode: str, format_name: str) -> None:
    image = core.open_image(encoded(drawing(WHITE, mode=mode), format_name))
    assert image.getpixel((4, 4)) == BLACK
    assert image.getpixel((32, 16)) == WHITE


def test_what_is_seen_on_white_is_laid_on_white() -> None:
    for colour in (RED, BLACK, (220, 220, 220)):
        image = core.open_image(encoded(drawing(colour), "PNG"))
        assert image.getpixel((4, 4)) == WHITE
        assert image.getpixel((32, 16)) == colour
    outlined = drawing(WHITE)
    outlined.paste((*BLACK, 255), (16, 8, 48, 9))
    assert core.open_image(encoded(outlined, "PNG")).getpixel((4, 4)) == WHITE


def test_white_pictures_without_a_hole_stay() -> None:
    image = PIL.Image.new("RGBA", (64, 32), (255, 255, 255, 255))
    assert core.open_image(encoded(image, "PNG")).getpixel((4, 4)) == WHITE


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "TIFF"])
def test_alpha_that_is_nowhere_above_0_says_nothing(format_name: str) -> None:
    options = {"lossless": True, "exact": True} if format_name == "WEBP" else {}
    image = PIL.Image.new("RGBA", (64, 32), (*RED, 0))
    assert core.open_image(encoded(image, format_name, **options)).getpixel((4, 4)) == RED


def test_large_transparent_pictures_have_clean_edges() -> None:
    image = PIL.Image.new("RGBA", (6000, 400), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (3000, 0, 6000, 400))
    result = core.open_image(encoded(image, "PNG"))
    assert result.size[0] == 4096
    assert {result.getpixel((x, 100)) for x in (0, 1000, 2040)} == {WHITE}
    assert {result.getpixel((x, 100)) for x in (2056, 4095)} == {RED}
    # Lanczos' filter may ring, but none of the hidden green comes through.
    reds, greens, _ = result.crop((2040, 0, 2056, 10)).split()
    assert reds.getextrema() == (255, 255)
    assert greens.getextrema() == (0, 255)
