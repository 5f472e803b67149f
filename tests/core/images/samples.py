"""Pictures made for the tests of reading, and what is to be seen in them."""

from __future__ import annotations

import io
import struct
import zlib

import PIL.Image
import pillow_heif
import pytest

pillow_heif.register_heif_opener()

PILLOW_WARNS = [
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]
"""Marks of tests in which Pillow warns of damage that it can read past."""

RED, GREEN, BLUE, WHITE, BLACK = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 255, 255),
    (0, 0, 0),
)


def encoded(image: PIL.Image.Image, format_name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def halves(mode: str = "RGB", size: tuple[int, int] = (64, 32)) -> PIL.Image.Image:
    """Left half red, right half blue."""
    image = PIL.Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def near(found: object, wanted: tuple[int, int, int], tolerance: int = 12) -> bool:
    assert isinstance(found, tuple)
    return all(abs(ours - theirs) <= tolerance for ours, theirs in zip(found, wanted, strict=True))


def assert_halves(image: PIL.Image.Image, tolerance: int = 12) -> None:
    assert image.mode == "RGB"
    assert image.size == (64, 32)
    assert near(image.getpixel((8, 16)), RED, tolerance)
    assert near(image.getpixel((56, 16)), BLUE, tolerance)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int, colour: int, data: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", data)
        + png_chunk(b"IEND", b"")
    )


def flat(colour: int | tuple[int, int, int], *, mode: str = "RGB") -> PIL.Image.Image:
    return PIL.Image.new(mode, (64, 32), colour)


def with_chunk(content: bytes, kind: bytes, data: bytes) -> bytes:
    """A PNG file with one more chunk, before the palette and the pixels."""
    return content[:33] + png_chunk(kind, data) + content[33:]


def damaged(content: bytes, kind: bytes) -> bytes:
    """A PNG file with a wrong checksum in a chunk."""
    at = content.index(kind)
    end = at + 4 + int.from_bytes(content[at - 4 : at], "big")
    return content[:end] + bytes([content[end] ^ 1]) + content[end + 1 :]


def with_nclx(content: bytes, primaries: int, transfer: int) -> bytes:
    """A HEIF or AVIF file whose colours are told by other code points."""
    at = content.index(b"nclx") + 4
    return content[:at] + struct.pack(">HH", primaries, transfer) + content[at + 4 :]
