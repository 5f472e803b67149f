"""JPEG files that end early, and what decoding others takes."""

from __future__ import annotations

import PIL.Image
import pytest

import core
from core.images import jpeg
from tests.core.images.samples import PILLOW_WARNS, RED, encoded, flat, near

pytestmark = PILLOW_WARNS


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_missing_end_marker_costs_nothing(
    photo: PIL.Image.Image, mode: str, *, progressive: bool
) -> None:
    content = encoded(photo.convert(mode), "JPEG", quality=90, progressive=progressive)
    whole = core.open_image(content)
    assert content.endswith(jpeg.END)
    assert core.open_image(content[:-2]).tobytes() == whole.tobytes()
    assert core.open_image(content[:-2] + b"\0" * 50).tobytes() == whole.tobytes()


def test_of_a_cut_off_file_the_rows_that_are_there_are_taken(photo: PIL.Image.Image) -> None:
    content = encoded(photo, "JPEG", quality=90)
    whole = core.open_image(content)
    part = core.open_image(content[: len(content) * 9 // 10])
    assert part.width == whole.width
    assert whole.height * 0.75 < part.height < whole.height
    # The last rows of blocks may be damaged or half missing.
    rows = part.height - 32
    box = (0, 0, part.width, rows)
    assert part.crop(box).tobytes() == whole.crop(box).tobytes()
    with pytest.raises(core.TruncatedImageError):
        core.open_image(content[: len(content) // 2])


def test_a_grey_picture_is_not_taken_for_a_cut_off_one() -> None:
    content = encoded(flat((128, 128, 128)), "JPEG", quality=100)
    assert core.open_image(content).size == (64, 32)
    with pytest.raises(core.TruncatedImageError):
        core.open_image(content[:-2])


def test_the_end_marker_of_a_thumbnail_is_not_the_pictures() -> None:
    thumbnail = encoded(flat(RED), "JPEG")
    content = encoded(flat(RED), "JPEG", exif=b"Exif\0\0" + thumbnail)
    assert core.open_image(content[:-2]).size == (64, 32)


@pytest.mark.parametrize(
    ("mode", "options", "kept"),
    [
        ("RGB", {}, 0),
        ("RGB", {"progressive": True, "subsampling": 0}, 6),
        ("RGB", {"progressive": True, "subsampling": 2}, 3),
        ("L", {"progressive": True}, 2),
        ("CMYK", {"progressive": True}, 8),
    ],
)
def test_what_a_decoder_keeps_of_all_scans(
    mode: str, options: dict[str, object], kept: float
) -> None:
    assert jpeg.coefficients(encoded(flat(RED).convert(mode), "JPEG", **options)) == kept


def test_scans_of_single_components_are_kept_like_progressive_ones() -> None:
    content = encoded(flat(RED), "JPEG", subsampling=0)
    at = content.index(b"\xff\xda")
    one = content[: at + 4] + b"\1" + content[at + 5 :]
    assert jpeg.coefficients(one) == 6


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"\xff\xd8\xff\xc0", b"\xff\xd8\xff\xda"])
def test_markers_of_next_to_nothing(content: bytes) -> None:
    assert jpeg.coefficients(content) == 0
    assert jpeg.ended(content).startswith(content)


def test_large_pictures_are_decoded_at_a_part_of_their_size_along_the_long_side() -> None:
    content = encoded(PIL.Image.new("RGB", (16_000, 1_000), (200, 100, 50)), "JPEG")
    result = core.open_image(content)
    assert result.size == (4096, 256)
    assert near(result.getpixel((100, 100)), (200, 100, 50), 3)
