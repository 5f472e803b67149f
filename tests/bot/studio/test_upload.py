"""Paintings fitted to sendPhoto."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from bot.studio.upload import MAX_BYTES, MAX_SIDES, prepare

Maker = Callable[..., bytes]


def encoded(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", "jpg"), ("PNG", "png")])
def test_what_fits_stays_as_it_is(picture: Maker, kind: str, suffix: str) -> None:
    data = picture(64, 48, kind)
    upload = prepare(data, "p")
    assert (upload.data, upload.filename, upload.photo) == (data, f"p.{suffix}", True)


def test_other_formats_become_jpeg(picture: Maker) -> None:
    upload = prepare(picture(64, 48, "BMP"), "p")
    with Image.open(io.BytesIO(upload.data)) as image:
        assert (image.format, image.size) == ("JPEG", (64, 48))
    assert upload.filename == "p.jpg"


def test_too_many_bytes_become_fewer(picture: Maker) -> None:
    data = picture(2100, 1700, "PNG")
    assert len(data) > MAX_BYTES
    upload = prepare(data, "p")
    assert len(upload.data) <= MAX_BYTES
    with Image.open(io.BytesIO(upload.data)) as image:
        assert image.size == (2100, 1700)


def test_too_many_pixels_become_fewer() -> None:
    data = encoded(Image.new("RGB", (9600, 600), "teal"), "PNG")
    with Image.open(io.BytesIO(prepare(data, "p").data)) as image:
        assert sum(image.size) <= MAX_SIDES
        assert image.width / image.height == pytest.approx(16, rel=0.01)


def test_a_ribbon_goes_as_a_file() -> None:
    data = encoded(Image.new("RGB", (2100, 100), "teal"), "PNG")
    upload = prepare(data, "p")
    assert (upload.data, upload.photo) == (data, False)


def test_what_is_no_picture_is_an_error() -> None:
    with pytest.raises(OSError, match="identify"):
        prepare(b"no picture", "p")
