"""TIFF's directories: which of a file's pictures is the one that is meant (TIFF 6.0; DNG 1.7)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from core.errors import UnsupportedImageError

MOST_PAGES: Final = 100
MOST_FIELDS: Final = 1000
_KIND, _WIDTH, _HEIGHT, _PHOTOMETRIC, _ORIENTATION = 254, 256, 257, 262, 274
_PARTS, _DNG = 330, 50706
_READ: Final = frozenset({_KIND, _WIDTH, _HEIGHT, _PHOTOMETRIC, _ORIENTATION, _PARTS, _DNG})
_REDUCED: Final = 1
"""Bit of NewSubfileType: this is another picture of the file, made smaller."""

_READABLE: Final = frozenset({0, 1, 2, 3, 5, 6, 8})
"""PhotometricInterpretations that are pictures, and neither masks nor what a sensor measured."""

_FORMATS: Final = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Types of fields that hold whole numbers, as `struct` names them."""

_FULL: Final = 4
"""A picture of more than this many times the pixels of another makes that one a preview."""

_PREVIEW_SIDE: Final = 1024
"""Previews of what cannot be read are taken from this long side on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How a file counts: byte order, and the widths that BigTIFF doubles."""

    order: str
    pointer: str
    count: str
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    offset: int
    fields: dict[int, tuple[int, ...]] = field(repr=False)

    def one(self, tag: int, default: int = 0) -> int:
        return (self.fields.get(tag) or (default,))[0]

    @property
    def readable(self) -> bool:
        return self.one(_PHOTOMETRIC) in _READABLE


def main_page(content: bytes) -> tuple[bytes, int]:
    """The file, begun at its main picture instead of at a thumbnail.

    The main picture is the first that is not marked as reduced; but not one
    of which another is much larger.

    Args:
        content: the file.

    Returns:
        A file of which the main picture is the first; and the orientation, as
        in EXIF, that it has from the file's first picture, as in a DNG. Its
        own, if it has one, is for whoever decodes it.

    Raises:
        UnsupportedImageError: the main picture is raw, and has no preview that would do.
    """
    try:
        layout = _layout(content)
        pages = list(_pages(content, layout))
    except (struct.error, KeyError, OverflowError):
        return content, 1
    readable = [page for page in pages if page.readable]
    full = [page for page in readable if not page.one(_KIND) & _REDUCED]
    best = max(readable, key=_area, default=None)
    if best and full and _area(full[0]) * _FULL >= _area(best):
        best = full[0]
    if best is None or not _will_do(best, pages):
        raise UnsupportedImageError("DNG" if pages and _DNG in pages[0].fields else "raw TIFF")
    if best is pages[0]:
        return content, 1
    orientation = 1 if best.one(_ORIENTATION) else pages[0].one(_ORIENTATION, 1)
    pointer = struct.pack(layout.order + layout.pointer, best.offset)
    return content[: layout.first] + pointer + content[layout.first + len(pointer) :], orientation


def _will_do(best: _Page, pages: list[_Page]) -> bool:
    """Whether the file's best readable picture is no mere thumbnail of another."""
    if max(best.one(_WIDTH), best.one(_HEIGHT)) >= _PREVIEW_SIDE:
        return True
    return max(map(_area, pages)) <= _area(best) * _FULL


def _area(page: _Page) -> int:
    return page.one(_WIDTH) * page.one(_HEIGHT)


def _layout(content: bytes) -> _Layout:
    order = {b"II": "<", b"MM": ">"}[content[:2]]
    (version,) = struct.unpack_from(order + "H", content, 2)
    return {
        42: _Layout(order=order, pointer="I", count="H", first=4),
        43: _Layout(order=order, pointer="Q", count="Q", first=8),
    }[version]


def _pages(content: bytes, layout: _Layout) -> Iterator[_Page]:
    """The file's pictures with those that are filed under them, thumbnails and all."""
    waiting = list(struct.unpack_from(layout.order + layout.pointer, content, layout.first))
    seen: set[int] = set()
    while waiting and len(seen) < MOST_PAGES:
        offset = waiting.pop(0)
        if offset in seen or not 0 < offset < len(content):
            continue
        seen.add(offset)
        page, after = _page(content, layout, offset)
        yield page
        waiting.append(after)
        waiting.extend(page.fields.get(_PARTS, ())[:MOST_PAGES])


def _page(content: bytes, layout: _Layout, offset: int) -> tuple[_Page, int]:
    """A directory, and where the next is."""
    order, room = layout.order, struct.calcsize("=" + layout.pointer)
    (count,) = struct.unpack_from(order + layout.count, content, offset)
    at = offset + struct.calcsize("=" + layout.count)
    head = f"{order}HH{layout.pointer}"
    step = struct.calcsize(head) + room
    fields: dict[int, tuple[int, ...]] = {}
    for entry in range(at, at + count * step, step)[:MOST_FIELDS]:
        tag, kind, number = struct.unpack_from(head, content, entry)
        if tag not in _READ:
            continue
        value = f"{order}{min(number, MOST_PAGES)}{_FORMATS.get(kind, 's')}"
        place = entry + step - room
        if struct.calcsize(value) > room:
            (place,) = struct.unpack_from(order + layout.pointer, content, place)
        numbers = struct.unpack_from(value, content, place)
        fields[tag] = numbers if kind in _FORMATS else ()
    (after,) = struct.unpack_from(order + layout.pointer, content, at + count * step)
    return _Page(offset=offset, fields=fields), after
