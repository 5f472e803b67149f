"""Of a TIFF file's pictures the main one is opened, or none."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import pytest

import core
from core.images import tiff
from tests.core.images.samples import BLUE, GREEN, RED, encoded, halves

Colour = tuple[int, int, int]
RGB, CFA = 2, 32803


@dataclass(kw_only=True)
class Page:
    size: tuple[int, int]
    colour: Colour
    reduced: bool = False
    photometric: int = RGB
    orientation: int | None = None
    is_dng: bool = False
    parts: list[Page] = field(default_factory=list)


def document(*pages: Page, order: str = "<", big: bool = False) -> bytes:
    """A TIFF file, or a BigTIFF file, of flat pictures."""
    pointer, number = ("Q", 16) if big else ("I", 4)
    body = bytearray(
        struct.pack(order + "2sHHHQ", b"II" if order == "<" else b"MM", 43, 8, 0, 0)
        if big
        else struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 0)
    )

    def put(data: bytes) -> int:
        body.extend(data)
        return len(body) - len(data)

    def directory(page: Page) -> int:
        width, height = page.size
        samples = 3 if page.photometric == RGB else 1
        pixels = bytes(page.colour[:samples]) * width * height
        entries: dict[int, list[int]] = {
            254: [int(page.reduced)],
            256: [width],
            257: [height],
            258: [8] * samples,
            259: [1],
            262: [page.photometric],
            273: [put(pixels)],
            277: [samples],
            278: [height],
            279: [len(pixels)],
        }
        if page.orientation:
            entries[274] = [page.orientation]
        if page.parts:
            entries[330] = [directory(part) for part in page.parts]
        if page.is_dng:
            entries[50706] = [0x01040000]
        room = struct.calcsize("=" + pointer)
        fields = b""
        for tag, values in sorted(entries.items()):
            data = struct.pack(f"{order}{len(values)}{pointer}", *values)
            place = data if len(data) <= room else struct.pack(order + pointer, put(data))
            fields += struct.pack(f"{order}HH{pointer}", tag, number, len(values)) + place
        count = struct.pack(order + ("Q" if big else "H"), len(entries))
        return put(count + fields + bytes(room))

    link = 8 if big else 4
    for page in pages:
        offset = directory(page)
        struct.pack_into(order + pointer, body, link, offset)
        link = len(body) - struct.calcsize("=" + pointer)
    return bytes(body)


THUMBNAIL = Page(size=(40, 30), colour=RED, reduced=True)
RAW = Page(size=(400, 300), colour=RED, photometric=CFA)


def opened(*pages: Page, **options: object) -> tuple[tuple[int, int], Colour]:
    image = core.open_image(document(*pages, **options))  # type: ignore[arg-type]
    colour = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(colour, tuple)
    return image.size, (colour[0], colour[1], colour[2])


# Pillow reads no BigTIFF in the other order.
@pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
def test_a_scan_is_not_its_thumbnail(order: str, *, big: bool) -> None:
    scan = Page(size=(400, 300), colour=GREEN)
    wanted = ((400, 300), GREEN)
    assert opened(THUMBNAIL, scan, order=order, big=big) == wanted
    under = Page(size=(40, 30), colour=RED, reduced=True, parts=[THUMBNAIL, scan])
    assert opened(under, order=order, big=big) == wanted
    unmarked = Page(size=(40, 30), colour=RED)
    assert opened(unmarked, scan, order=order, big=big) == wanted


def test_of_pages_the_first_counts_and_of_a_pyramid_the_base() -> None:
    first, second = Page(size=(300, 200), colour=BLUE), Page(size=(320, 200), colour=GREEN)
    assert opened(first, second) == ((300, 200), BLUE)
    assert opened(second, THUMBNAIL, THUMBNAIL) == ((320, 200), GREEN)
    assert opened(THUMBNAIL) == ((40, 30), RED)


def test_a_raw_picture_is_its_preview_if_that_will_do() -> None:
    preview = Page(size=(300, 225), colour=GREEN, reduced=True)
    thumbnail = Page(size=(40, 30), colour=RED, reduced=True, is_dng=True, parts=[RAW, preview])
    assert opened(thumbnail) == ((300, 225), GREEN)
    large = Page(size=(1024, 64), colour=GREEN, reduced=True)
    vast = Page(size=(1024, 300), colour=RED, photometric=CFA)
    assert opened(Page(size=(40, 30), colour=RED, reduced=True, parts=[vast, large]))[1] == GREEN


def test_a_raw_picture_without_one_is_refused_by_name() -> None:
    thumbnail = Page(size=(40, 30), colour=RED, reduced=True, is_dng=True, parts=[RAW])
    with pytest.raises(core.UnsupportedImageError, match="DNG"):
        core.open_image(document(thumbnail))
    with pytest.raises(core.UnsupportedImageError, match="raw TIFF"):
        core.open_image(document(RAW))


def test_orientation_is_applied_once_also_where_the_first_picture_tells_it() -> None:
    assert opened(Page(size=(64, 32), colour=RED, orientation=6))[0] == (32, 64)
    scan = Page(size=(64, 32), colour=RED)
    first = Page(size=(20, 16), colour=RED, reduced=True, orientation=6, parts=[scan])
    assert opened(first)[0] == (32, 64)
    scan.orientation = 6
    assert opened(first)[0] == (32, 64)


def test_directories_that_go_round_or_astray_end() -> None:
    content = document(Page(size=(64, 32), colour=RED))
    (start,) = struct.unpack_from("<I", content, 4)
    for after in (struct.pack("<I", start), b"\xff" * 4):
        astray = content[:-4] + after
        assert tiff.main_page(astray) == (astray, 1)
    whole = encoded(halves(), "TIFF")
    for length in range(len(whole)):
        cut = whole[:length]
        try:
            assert tiff.main_page(cut) == (cut, 1)
        except core.UnsupportedImageError:
            continue
