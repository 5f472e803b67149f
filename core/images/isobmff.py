"""The boxes of HEIF and AVIF files (ISO 14496-12, 23008-12): brands, and colour by numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

Box = tuple[bytes, memoryview]
"""A box's type and what is in it."""

_FULL_BOX: Final = 4
"""Bytes of version and flags at the front of some boxes."""


def brands(content: bytes) -> frozenset[bytes]:
    """What a file says that it is: its major brand, and those that it is compatible with."""
    kind, inside = next(_boxes(memoryview(content)), (b"", memoryview(b"")))
    if kind != b"ftyp":
        return frozenset()
    return frozenset(bytes(inside[at : at + 4]) for at in range(0, len(inside), 4) if at != 4)


def colour_codes(content: bytes) -> tuple[int, int] | None:
    """ColourPrimaries and TransferCharacteristics (ITU-T H.273) of the file's main picture.

    Returns:
        None where the file does not tell, or is damaged.
    """
    try:
        meta = _inside(memoryview(content), b"meta")[_FULL_BOX:]
        properties = _inside(meta, b"iprp")
        own = _associated(_inside(properties, b"ipma"), _primary(_inside(meta, b"pitm")))
        for index, (kind, data) in enumerate(_boxes(_inside(properties, b"ipco")), 1):
            if index in own and kind == b"colr" and bytes(data[:4]) == b"nclx":
                primaries, transfer = struct.unpack_from(">HH", data, 4)
                return primaries, transfer
    except (struct.error, IndexError):
        return None
    return None


def _boxes(view: memoryview) -> Iterator[Box]:
    at = 0
    while at + 8 <= len(view):
        size, kind = struct.unpack_from(">I4s", view, at)
        front = 8
        if size == 1 and at + 16 <= len(view):
            (size,) = struct.unpack_from(">Q", view, at + 8)
            front = 16
        end = at + size if size else len(view)
        if end < at + front:
            return
        yield kind, view[at + front : end]
        at = end


def _inside(view: memoryview, wanted: bytes) -> memoryview:
    return next((data for kind, data in _boxes(view) if kind == wanted), view[:0])


def _primary(box: memoryview) -> int:
    """The main picture's number."""
    (item,) = struct.unpack_from(">H" if box[0] == 0 else ">I", box, _FULL_BOX)
    return int(item)


def _associated(box: memoryview, item: int) -> set[int]:
    """Numbers, from 1, of the properties that a picture has."""
    number = ">H" if box[0] == 0 else ">I"
    entry, mask = (">H", 0x7FFF) if box[3] & 1 else (">B", 0x7F)
    (count,) = struct.unpack_from(">I", box, _FULL_BOX)
    at = _FULL_BOX + 4
    for _ in range(count):
        (owner,) = struct.unpack_from(number, box, at)
        at += struct.calcsize(number)
        entries, at = box[at], at + 1
        width = struct.calcsize(entry)
        if owner == item:
            return {
                struct.unpack_from(entry, box, at + place * width)[0] & mask
                for place in range(entries)
            }
        at += entries * width
    return set()
