"""Small real pictures, and hostile ones, for people in the tests to send."""

import io
import struct
import zlib

import pillow_heif
from PIL import Image

from bot.demo.demonstration import CONTENT, STYLE


def photo(width: int = 160, height: int = 120, kind: str = "JPEG") -> bytes:
    """The sample photo, cut to these proportions."""
    return _encode(CONTENT.read_bytes(), width, height, kind)


def style(width: int = 150, height: int = 200, kind: str = "JPEG") -> bytes:
    """The sample style, cut to these proportions."""
    return _encode(STYLE.read_bytes(), width, height, kind)


def heic(width: int = 160, height: int = 120) -> bytes:
    """The sample photo as a telephone would keep it."""
    pillow_heif.register_heif_opener()
    return photo(width, height, "HEIF")


def bomb() -> bytes:
    """A PNG of a few bytes that declares 2.5 gigapixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0" * 9))
    )


def dot() -> bytes:
    """A picture of one pixel."""
    return _encode(CONTENT.read_bytes(), 1, 1, "PNG")


def thread() -> bytes:
    """A picture too long and thin for anything."""
    return _encode(CONTENT.read_bytes(), 4000, 20, "PNG")


def truncated() -> bytes:
    """Half of a photo."""
    whole = photo(400, 300)
    return whole[: len(whole) // 2]


def _encode(data: bytes, width: int, height: int, kind: str) -> bytes:
    buffer = io.BytesIO()
    image = Image.open(io.BytesIO(data)).convert("RGB").resize((width, height))
    image.save(buffer, kind)
    return buffer.getvalue()


def _chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)
