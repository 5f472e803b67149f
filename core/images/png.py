"""PNG's chunks: what the pixels need, and what their colours mean (W3C, PNG 3rd edition)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from core.images import profiles

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_PROFILE: Final = 16_000_000
"""Bytes of an unpacked colour profile; larger ones are left unread."""

_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_LENGTHS: Final = {b"cICP": 4, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1}
_KEY_BYTES: Final = {0: 2, 2: 6, 3: 1}
"""Least length of `tRNS` by colour type; the other types have no such chunk."""


def read(content: bytes) -> tuple[bytes, bytes | None]:
    """Takes apart a PNG file.

    Browsers pass over an ancillary chunk that is damaged, or too large, or of
    no use to them, where Pillow gives up the picture; so it is given a file
    without.

    Args:
        content: the file.

    Returns:
        A file that shows the same pixels, with the chunks that they need and
        `eXIf`; and the ICC profile of its colours, None for sRGB.
    """
    kept: list[bytes | memoryview] = [SIGNATURE]
    told: dict[bytes, bytes] = {}
    header = b""
    for kind, data, whole in _chunks(content):
        if kind == b"IHDR":
            header = bytes(data)
        if kind in _CRITICAL:
            kept.append(whole)
        elif _is_sound(whole):
            told.setdefault(kind, bytes(data))
            if kind == b"eXIf" or (kind == b"tRNS" and _is_key(header, data)):
                kept.append(whole)
    return b"".join(kept), _profile(told)


def _chunks(content: bytes) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Each chunk's type, its data, and the whole of it; the last may be cut off."""
    view = memoryview(content)
    at = len(SIGNATURE)
    while at + 8 <= len(view):
        length, kind = struct.unpack_from(">I4s", view, at)
        yield kind, view[at + 8 : at + 8 + length], view[at : at + 12 + length]
        if kind == b"IEND":
            return
        at += 12 + length


def _is_sound(whole: memoryview) -> bool:
    return len(whole) >= 12 and zlib.crc32(whole[4:-4]) == int.from_bytes(whole[-4:], "big")


def _is_key(header: bytes, data: memoryview) -> bool:
    """Whether `tRNS` can be used: Pillow cuts 16 bits to 8, which no key then fits."""
    depth, colour_type = header[8:10] if len(header) > 9 else (0, 0)
    return depth <= 8 and len(data) >= _KEY_BYTES.get(colour_type, len(data) + 1)


def _profile(told: dict[bytes, bytes]) -> bytes | None:
    """Of several tellings, the first in the standard's order of precedence."""
    facts = {kind: data for kind, data in told.items() if len(data) >= _LENGTHS.get(kind, 0)}
    if b"cICP" in facts:
        primaries, transfer, matrix, full_range = facts[b"cICP"][:4]
        if (matrix, full_range) == (0, 1):
            return profiles.of_codes(primaries, transfer)
    if (profile := _unpacked(facts.get(b"iCCP", b""))) is not None:
        return profile
    if b"sRGB" in facts or b"gAMA" not in facts:
        return None
    (gamma,) = struct.unpack(">I", facts[b"gAMA"][:4])
    if b"cHRM" not in facts:
        return profiles.of_gamma(gamma / 1e5, None)
    wx, wy, rx, ry, gx, gy, bx, by = (n / 1e5 for n in struct.unpack(">8I", facts[b"cHRM"][:32]))
    return profiles.of_gamma(gamma / 1e5, (wx, wy, rx, ry, gx, gy, bx, by))


def _unpacked(chunk: bytes) -> bytes | None:
    """The profile in an `iCCP` chunk: name, 0, method of packing (0), packed data."""
    _, _, packed = chunk.partition(b"\0")
    if packed[:1] != b"\0":
        return None
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed[1:], MAX_PROFILE)
    except zlib.error:
        return None
    return None if unpacking.unconsumed_tail else profile
