"""JPEG's markers: how large a decoder's buffers get (T.81, annex B)."""

from __future__ import annotations

from typing import Final

_COEFFICIENT: Final = 2
"""Bytes of a coefficient in a decoder that has to keep them all."""

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SCAN: Final = 0xDA


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
