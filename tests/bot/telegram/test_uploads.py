"""Paintings fitted to sendPhoto and sendDocument."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, JpegImagePlugin

from bot.telegram.uploads import MAX_BYTES, MAX_SIDES, prepare, prepare_file

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


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_file_is_what_was_painted(picture: Maker, kind: str, suffix: str) -> None:
    data = picture(64, 48, kind)
    upload = prepare_file(data, "p")
    assert (upload.data, upload.filename, upload.photo) == (data, f"p.{suffix}", False)


def test_a_file_over_telegrams_limit_keeps_its_size_and_its_colours(
    picture: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = picture(200, 100, "PNG")
    monkeypatch.setattr("bot.telegram.uploads.MAX_FILE_BYTES", len(data) - 1)
    upload = prepare_file(data, "p")
    assert (upload.filename, upload.photo) == ("p.jpg", False)
    with Image.open(io.BytesIO(upload.data)) as image:
        assert (image.format, image.size) == ("JPEG", (200, 100))
        # 0 stands for 4:4:4: no channel is sampled more coarsely than another.
        assert JpegImagePlugin.get_sampling(image) == 0
