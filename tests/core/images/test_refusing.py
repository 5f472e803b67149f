"""What cannot be painted is refused by name, whatever the bytes."""

from __future__ import annotations

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core import images
from tests.core.images.samples import PILLOW_WARNS, encoded, halves

pytestmark = PILLOW_WARNS


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<html></html>", b"%PDF-1.7", b"\0" * 4096, bytes(range(256))]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(core.NotAnImageError, match="not a picture"):
        core.open_image(content)


@pytest.mark.parametrize("format_name", ["JPEG2000", "ICO"])
def test_pictures_of_other_formats_are_named(format_name: str) -> None:
    with pytest.raises(core.UnsupportedImageError) as caught:
        core.open_image(encoded(halves(), format_name))
    assert caught.value.format == format_name


def test_pillow_formats_beyond_the_list_are_refused() -> None:
    for format_name in ("PPM", "TGA", "PCX", "EPS", "SGI"):
        with pytest.raises((core.NotAnImageError, core.UnsupportedImageError)):
            core.open_image(encoded(halves(), format_name))


@pytest.mark.parametrize(
    "format_name", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF"]
)
def test_truncated_files_are_told_apart(format_name: str, photo: PIL.Image.Image) -> None:
    content = encoded(photo, format_name)
    with pytest.raises(core.TruncatedImageError):
        core.open_image(content[: len(content) // 2])


def test_one_pixel_is_too_small() -> None:
    with pytest.raises(core.ImageTooSmallError) as caught:
        core.open_image(encoded(PIL.Image.new("RGB", (1, 1)), "PNG"))
    assert (caught.value.width, caught.value.height) == (1, 1)
    assert caught.value.minimum == images.MIN_SIDE
    assert str(caught.value) == (
        "That picture is 1 x 1 pixels; please send one with at least 16 pixels on each side."
    )


def test_absurd_aspect_ratios_are_refused_and_long_panoramas_are_not() -> None:
    with pytest.raises(core.AspectRatioError) as caught:
        core.open_image(encoded(PIL.Image.new("RGB", (2000, 16)), "PNG"))
    assert caught.value.limit == images.MAX_ASPECT_RATIO
    assert core.open_image(encoded(PIL.Image.new("RGB", (16, 320)), "PNG")).size == (16, 320)


ENCODED = [
    encoded(halves(size=(40, 24)), format_name)
    for format_name in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF")
]


def assert_image_or_image_error(content: bytes) -> None:
    try:
        image = core.open_image(content)
    except core.ImageError:
        return
    assert image.mode == "RGB"
    assert min(image.size) >= images.MIN_SIDE
    image.tobytes()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_picture_or_an_image_error(content: bytes) -> None:
    assert_image_or_image_error(content)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(ENCODED), st.data())
def test_any_truncation_gives_a_picture_or_an_image_error(
    content: bytes, data: st.DataObject
) -> None:
    assert_image_or_image_error(content[: data.draw(st.integers(0, len(content)))])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ENCODED), st.data())
def test_any_damage_gives_a_picture_or_an_image_error(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert_image_or_image_error(bytes(damaged))
