"""JPEG's markers: how large a decoder's buffers get, and what a cut-off file lacks (T.81, B)."""

from __future__ import annotations

from typing import Final

import PIL.Image

END: Final = b"\xff\xd9"
_COEFFICIENT: Final = 2
"""Bytes of a coefficient in a decoder that has to keep them all."""

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SCAN: Final = 0xDA
_STRIP: Final = 8
"""Rows that are looked at together; blocks are not lower."""


def coefficients(content: bytes) -> float:
    """Bytes per pixel that a decoder keeps until the last scan is read.

    Args:
        content: the file.

    Returns:
        0 if one scan holds everything, so that rows can be written as they come.
    """
    frame = _segment(content, _FRAMES)
    scan = _segment(content, {_SCAN})
    if frame is None or scan is None or len(content) < frame[1] + 10:
        return 0.0
    kind, at = frame
    components = content[at + 9]
    samplings = content[at + 11 : at + 11 + 3 * components : 3]
    areas = [(sampling >> 4) * (sampling & 15) for sampling in samplings]
    if kind not in _PROGRESSIVE and content[scan[1] + 4 : scan[1] + 5] == bytes([components]):
        return 0.0
    widest = max((sampling >> 4 for sampling in samplings), default=0)
    highest = max((sampling & 15 for sampling in samplings), default=0)
    return _COEFFICIENT * sum(areas) / max(1, widest * highest)


def ended(content: bytes) -> bytes:
    """The file with an end marker, without which Pillow takes no picture from it."""
    scan = _segment(content, {_SCAN})
    if scan is None or content.find(END, scan[1]) >= 0:
        return content
    return content + END


def rows_decoded(image: PIL.Image.Image) -> int:
    """How many rows of a cut-off file are there.

    Args:
        image: what was decoded; the decoder fills up with coefficients of 0,
            which are mid-grey.
    """
    bottom = image.height
    while bottom > 0:
        strip = image.crop((0, max(0, bottom - _STRIP), image.width, bottom))
        extrema = strip.getextrema()
        spans = extrema if isinstance(extrema[0], tuple) else (extrema,)
        if any(span not in {(127, 127), (128, 128)} for span in spans):
            break
        bottom -= strip.height
    return bottom


def _segment(content: bytes, kinds: frozenset[int] | set[int]) -> tuple[int, int] | None:
    """The first marker of some kinds, and where it stands."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if kind in kinds:
            return kind, at
        if kind == _SCAN:
            return None
        # Fill bytes come in any number before a marker.
        at += 1 if kind == 0xFF else 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None
