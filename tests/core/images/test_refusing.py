"""What cannot be painted is refused by name, whatever the bytes."""

from __future__ import annotations

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core import images
from tests.core.images.cases import CASES
from tests.core.images.samples import PILLOW_WARNS, RED, encoded, halves
from tests.core.images.test_tiff import Page, document

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


@pytest.mark.parametrize(
    ("content", "format_name"),
    [
        (b"\xff\x0a" + bytes(20), "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "JPEG XL"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "CR3"),
        (b"FUJIFILMCCD-RAW 0201", "RAF"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    ],
)
def test_formats_that_pillow_does_not_know_are_named(content: bytes, format_name: str) -> None:
    with pytest.raises(core.UnsupportedImageError, match=format_name) as caught:
        core.open_image(content)
    assert caught.value.format == format_name


def test_videos_in_the_boxes_of_pictures_are_no_pictures() -> None:
    with pytest.raises(core.NotAnImageError):
        core.open_image(b"\0\0\0\x14ftypisom\0\0\2\0mp41" + bytes(100))


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
    *(
        encoded(halves(size=(40, 24)), format_name)
        for format_name in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF")
    ),
    *(
        CASES[name].make()
        for name in (
            "cicp-display-p3.png",
            "profile-grey-alpha.png",
            "gamma-and-primaries.png",
            "nclx-display-p3.avif",
            "nclx-display-p3.heic",
            "half-transparent.bmp",
        )
    ),
    encoded(halves("CMYK", size=(40, 24)), "JPEG", progressive=True, icc_profile=b"none"),
    encoded(halves("RGBA", size=(40, 24)), "WEBP", lossless=True),
    encoded(halves("F", size=(40, 24)), "TIFF", compression="tiff_lzw"),
    encoded(halves("LAB", size=(40, 24)), "TIFF"),
    encoded(halves(size=(40, 24)), "GIF", save_all=True, append_images=[halves("P")]),
    document(
        Page(size=(20, 16), colour=RED, reduced=True, parts=[Page(size=(64, 32), colour=RED)])
    ),
]


EDGES = [bytes(4), b"\xff" * 4, b"\0\0\0\1", b"\1\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\x40\0"]
"""What lengths and offsets break on."""


def assert_image_or_image_error(content: bytes) -> None:
    try:
        image = core.open_image(content)
    except core.ImageError:
        return
    assert image.mode == "RGB"
    assert min(image.size) >= images.MIN_SIDE
    assert max(image.size) <= images.WORKING_SIDE


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


@pytest.mark.parametrize("content", ENCODED, ids=lambda content: content[:12].hex())
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_damage_gives_a_picture_or_an_image_error(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged)))
        match data.draw(st.sampled_from(["set", "cut", "add", "number"])):
            case "set":
                damaged[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
            case "cut":
                del damaged[at : at + data.draw(st.integers(1, 20))]
            case "add":
                damaged[at:at] = data.draw(st.binary(max_size=20))
            case "number":
                damaged[at : at + 4] = data.draw(st.sampled_from(EDGES))
    assert_image_or_image_error(bytes(damaged))
