"""Picture files that are damaged as bytes and by their structure."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pillow_heif
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from PIL import Image

SIZE: Final = (72, 48)

_VARIANTS: Final[Mapping[str, tuple[tuple[str, dict[str, Any]], ...]]] = {
    "JPEG": (
        ("RGB", {}),
        ("RGB", {"progressive": True, "quality": 40}),
        ("L", {"restart_marker_rows": 1}),
        ("CMYK", {"icc_profile": bytes(200), "comment": b"made to break"}),
    ),
    "PNG": (
        ("RGB", {}),
        ("RGBA", {"icc_profile": bytes(200), "dpi": (72, 72)}),
        ("P", {"bits": 4}),
        ("I;16", {}),
        ("1", {}),
        ("RGB", {"save_all": True}),
    ),
    "WebP": (
        ("RGB", {"quality": 30}),
        ("RGBA", {"lossless": True}),
        ("RGB", {"save_all": True, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
    ),
    "GIF": (("P", {}), ("P", {"save_all": True, "transparency": 0}), ("L", {"interlace": 0})),
    "TIFF": (
        ("RGB", {}),
        ("RGB", {"compression": "tiff_lzw"}),
        ("RGBA", {"compression": "tiff_adobe_deflate"}),
        ("RGB", {"compression": "jpeg"}),
        ("1", {"compression": "group4"}),
        ("I;16", {"save_all": True}),
    ),
    "BMP": (("RGB", {}), ("P", {}), ("1", {}), ("RGBA", {})),
    "HEIC": (("RGB", {}), ("RGBA", {"quality": 20})),
    "AVIF": (("RGB", {}), ("RGBA", {"quality": 20}), ("RGB", {"save_all": True})),
}
KINDS: Final = tuple(_VARIANTS)

_NUMBERS: Final = (0, 1, 2, 3, 7, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000)
_LARGE: Final = (0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


@cache
def samples(kind: str) -> tuple[bytes, ...]:
    """Sound files of a kind, each of another sort."""
    made = []
    for seed, (mode, options) in enumerate(_VARIANTS[kind]):
        noise = np.random.default_rng(seed).integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8)
        image = Image.fromarray(noise)
        image = image.convert("I").convert("I;16") if mode == "I;16" else image.convert(mode)
        more = {"append_images": [image.transpose(Image.Transpose.ROTATE_180)]}
        file = io.BytesIO()
        wanted = {**options, **(more if options.get("save_all") else {})}
        if kind == "HEIC":
            pillow_heif.from_pillow(image).save(file, format="HEIF", **wanted)
        else:
            image.save(file, kind, **wanted)
        made.append(file.getvalue())
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Field:
    """A number in a file's structure: a length, a count, a dimension. `order` is struct's."""

    offset: int
    width: int
    order: str = ">"


def structure(kind: str, data: bytes) -> list[Field]:
    """The numbers by which a file of the kind is held together."""
    return [field for field in _STRUCTURES[kind](data) if field.offset + field.width <= len(data)]


def _png(data: bytes) -> Iterator[Field]:
    place = 8
    while place + 12 <= len(data):
        length, name = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        yield Field(place, 4)
        yield Field(place + 4, 4)
        yield Field(place + 8 + length, 4)
        if name == b"IHDR":
            yield from (Field(place + 8, 4), Field(place + 12, 4))
            yield from (Field(place + 16 + number, 1) for number in range(5))
        place += 12 + length


def _jpeg(data: bytes) -> Iterator[Field]:
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        yield from (Field(place + 1, 1), Field(place + 2, 2))
        yield from (Field(place + 4 + number, 1) for number in range(min(length, 12)))
        if 0xC0 <= marker <= 0xC2:
            yield from (Field(place + 5, 2), Field(place + 7, 2))
        place += 2 + length


def _riff(data: bytes) -> Iterator[Field]:
    yield Field(4, 4, "<")
    place = 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        yield from (Field(place, 4), Field(place + 4, 4, "<"))
        yield from (Field(place + 8 + number, 1) for number in range(min(length, 16)))
        place += 8 + length + length % 2


def _gif(data: bytes) -> Iterator[Field]:
    yield from (Field(6, 2, "<"), Field(8, 2, "<"), Field(10, 1), Field(11, 1))
    for place, byte in enumerate(data[:-9]):
        if byte == 0x2C:  # an image descriptor, or what looks like one
            yield from (Field(place + number, 2, "<") for number in (1, 3, 5, 7))
            yield Field(place + 9, 1)


def _tiff(data: bytes) -> Iterator[Field]:
    order = "<" if data[:2] == b"II" else ">"
    (place,) = struct.unpack_from(f"{order}I", data, 4)
    yield Field(4, 4, order)
    if place + 2 > len(data):
        return
    (count,) = struct.unpack_from(f"{order}H", data, place)
    yield Field(place, 2, order)
    for entry in range(count):
        at = place + 2 + 12 * entry
        yield from (Field(at, 2, order), Field(at + 2, 2, order))
        yield from (Field(at + 4, 4, order), Field(at + 8, 4, order))
    yield Field(place + 2 + 12 * count, 4, order)


def _bmp(data: bytes) -> Iterator[Field]:
    yield from (Field(place, 4, "<") for place in range(2, min(54, len(data)), 4))
    yield from (Field(26, 2, "<"), Field(28, 2, "<"))


def _boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Field]:
    place, end = start, len(data) if end is None else end
    while place + 8 <= end:
        length, name = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        yield from (Field(place, 4), Field(place + 4, 4))
        if name in {b"meta", b"iprp", b"ipco", b"iinf", b"iref", b"moov", b"trak"}:
            inner = place + 8 + {b"meta": 4, b"iinf": 6, b"iref": 4}.get(name, 0)
            yield from _boxes(data, inner, min(place + length, end))
        elif name != b"mdat":
            yield from (Field(place + 8 + at, 4) for at in range(0, min(length - 8, 64), 4))
        place += max(length, 8)


_STRUCTURES: Final[Mapping[str, Callable[[bytes], Iterator[Field]]]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WebP": _riff,
    "GIF": _gif,
    "TIFF": _tiff,
    "BMP": _bmp,
    "HEIC": _boxes,
    "AVIF": _boxes,
}


@st.composite
def broken(draw: DrawFn, kind: str) -> bytes:
    """A file of the kind with up to three damages, most of them such as leave it a picture."""
    data = bytearray(draw(st.sampled_from(samples(kind))))
    for _ in range(draw(st.integers(1, 3))):
        damage = draw(st.sampled_from((*_MILD, *_MILD, *_MILD, _cut, _splice)))
        damage(draw, kind, data)
    if kind == "PNG" and draw(st.booleans()):
        _mend_checksums(data)
    return bytes(data)


def _flip(draw: DrawFn, _kind: str, data: bytearray) -> None:
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        if data:
            data[place] ^= 1 << draw(st.integers(0, 7))


def _overwrite(draw: DrawFn, kind: str, data: bytearray) -> None:
    """Put another number where the file's structure has one."""
    fields = structure(kind, bytes(data)) if len(data) > 64 else []
    if not fields:
        return
    field = draw(st.sampled_from(fields))
    number = draw(st.sampled_from((*_NUMBERS, *_LARGE)) | st.integers(0, 2**32 - 1))
    order = "little" if field.order == "<" else "big"
    mask = (1 << 8 * field.width) - 1
    data[field.offset : field.offset + field.width] = (number & mask).to_bytes(
        field.width, "little" if order == "little" else "big"
    )


def _cut(draw: DrawFn, _kind: str, data: bytearray) -> None:
    half = st.integers(len(data) // 2, len(data))
    del data[draw(st.one_of(half, half, st.integers(0, len(data)))) :]


def _splice(draw: DrawFn, kind: str, data: bytearray) -> None:
    """Put a piece of this file, or of another one, in the place of a piece of it."""
    other = draw(st.sampled_from(samples(draw(st.sampled_from((kind, kind, *KINDS))))))
    begin = draw(st.integers(0, len(other)))
    piece = other[begin : begin + draw(st.integers(0, 400))]
    place = draw(st.integers(0, len(data)))
    data[place : place + draw(st.integers(0, 400))] = piece


_MILD: Final = (_flip, _overwrite, _overwrite)


def _mend_checksums(data: bytearray) -> None:
    place = 8
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4])
        if end + 4 > len(data):
            return
        data[end : end + 4] = zlib.crc32(data[place + 4 : end]).to_bytes(4)
        place = end + 4
