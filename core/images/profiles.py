"""ICC profiles for colours that are told by numbers: code points, or gamma and primaries.

Code points are those of ITU-T H.273, as in `nclx` boxes (ISO 14496-12) and
PNG's `cICP`. A profile is a matrix and a curve (ICC.1:2022, 8.3).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""x and y of white, red, green and blue, in CIE 1931."""

_UNSPECIFIED: Final = 2
_SRGB: Final = 13
"""The code point of sRGB's transfer function."""

_BT709_CURVES: Final = frozenset({1, 6, 11, 14, 15})
"""Code points of BT.709's transfer function, which video has in common."""

_D65: Final = (0.3127, 0.3290)
_C: Final = (0.310, 0.316)
_BT709: Final = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: Final[dict[int, Chromaticities]] = {
    1: _BT709,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}

_WHITE: Final = 203.0
"""Luminance of white paper in HDR pictures, in cd/m² (ITU-R BT.2408)."""

_BRIGHTEST: Final = 1000.0
"""Luminance that becomes the screen's white, in cd/m²."""

_D50: Final = np.array([0.9642, 1.0, 0.8249])
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)

Array = NDArray[np.float64]


def of_codes(primaries: int, transfer: int) -> bytes | None:
    """The profile that code points mean.

    Args:
        primaries: ColourPrimaries; 2, unspecified, is read as sRGB's.
        transfer: TransferCharacteristics.

    Returns:
        An ICC profile; None for sRGB, and for what is not known or not told.
    """
    colours = _PRIMARIES.get(1 if primaries == _UNSPECIFIED else primaries)
    curve = _curve(transfer)
    if colours is None or curve is None or (colours == _BT709 and transfer == _SRGB):
        return None
    return _profile(colours, curve)


def of_still(primaries: int, transfer: int) -> bytes | None:
    """The same for HEIF and AVIF, whose writers say video's curve and mean a screen's."""
    if transfer in _BT709_CURVES or transfer == _UNSPECIFIED:
        transfer = _SRGB
    return of_codes(primaries, transfer)


def of_gamma(exponent: float, chromaticities: Chromaticities | None) -> bytes | None:
    """The profile that a file gamma and primaries mean, as in PNG's `gAMA` and `cHRM`.

    Args:
        exponent: what light was raised to in the file: 0.45455 for most.
        chromaticities: white and primaries; sRGB's where there are none.

    Returns:
        An ICC profile; None for what is sRGB's or makes no sense.
    """
    if not 0.05 < exponent < 20 or (chromaticities is None and abs(exponent * 2.2 - 1) < 0.02):
        return None
    colours = chromaticities or _BT709
    if any(y <= 0 for y in colours[1::2]):
        return None
    return _profile(colours, _parametric(1 / exponent))


def _curve(transfer: int) -> bytes | None:
    if transfer in _BT709_CURVES:
        return _parametric(2.4)
    curves: dict[int, Callable[[], bytes]] = {
        4: lambda: _parametric(2.2),
        5: lambda: _parametric(2.8),
        7: lambda: _parametric(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
        8: lambda: _parametric(1.0),
        _SRGB: lambda: _parametric(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
        16: lambda: _sampled(_perceptual_quantiser),
        18: lambda: _sampled(_hybrid_log_gamma),
    }
    return curves[transfer]() if transfer in curves else None


def _parametric(*numbers: float) -> bytes:
    """ICC's curve of type 0, x**g, or of type 3: (a x + b)**g from d on, c x below."""
    kind = 0 if len(numbers) == 1 else 3
    return struct.pack(">4sIHH", b"para", 0, kind, 0) + b"".join(map(_fixed, numbers))


def _sampled(luminance: Callable[[Array], Array]) -> bytes:
    """A curve for HDR: each channel's luminance, with what is above white rolled off.

    Up to white it is halved, which leaves room for what is brighter; from there
    to `_BRIGHTEST` it bends over. So Chromium shows HDR on screens without it.
    """
    light = luminance(np.linspace(0, 1, 1024)) / _WHITE
    beyond = np.log(np.clip(light, 1, _BRIGHTEST / _WHITE)) / np.log(_BRIGHTEST / _WHITE)
    shown = np.where(light < 1, light / 2, 1 - (1 - beyond) ** 1.2 / 2)
    table = np.round(shown * 65535).astype(">u2").tobytes()
    return struct.pack(">4sII", b"curv", 0, len(table) // 2) + table


def _perceptual_quantiser(signal: Array) -> Array:
    """Luminance in cd/m² (SMPTE ST 2084)."""
    root = signal ** (32 / 2523)
    return np.asarray(
        10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (16384 / 2610)
    )


def _hybrid_log_gamma(signal: Array) -> Array:
    """Luminance in cd/m² on a display of 1000 (ITU-R BT.2100), each channel by itself."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return np.asarray(1000 * scene**1.2)


def _profile(colours: Chromaticities, curve: bytes) -> bytes:
    def tristimulus(xyz: Array) -> bytes:
        return struct.pack(">4sI", b"XYZ ", 0) + b"".join(map(_fixed, xyz))

    matrix = _matrix(colours)
    values = [tristimulus(column) for column in (*matrix.T, _D50)] + [curve]
    start = 128 + 4 + 7 * 12
    offsets = [start + sum(map(_padded, values[:index])) for index in range(len(values))]
    names = {b"rXYZ": 0, b"gXYZ": 1, b"bXYZ": 2, b"wtpt": 3, b"rTRC": 4, b"gTRC": 4, b"bTRC": 4}
    table = b"".join(
        struct.pack(">4sII", name, offsets[index], len(values[index]))
        for name, index in names.items()
    )
    body = b"".join(value.ljust(_padded(value), b"\0") for value in values)
    return _header(start + len(body)) + struct.pack(">I", len(names)) + table + body


def _header(length: int) -> bytes:
    """ICC.1:2022, 7.2: version 4.3, a display's profile from RGB to XYZ."""
    front = struct.pack(">I4sI4s4s4s", length, b"", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    illuminant = b"".join(map(_fixed, _D50))
    return (front.ljust(36, b"\0") + b"acsp").ljust(68, b"\0") + illuminant + b"\0" * 48


def _matrix(colours: Chromaticities) -> Array:
    """RGB to XYZ, adapted from the picture's white to D50 by Bradford's method."""
    white, *primaries = (
        np.array([x / y, 1.0, (1 - x - y) / y])
        for x, y in zip(colours[::2], colours[1::2], strict=True)
    )
    columns = np.stack(primaries, axis=1)
    matrix = columns * np.linalg.solve(columns, white)
    gain = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    return np.asarray(np.linalg.inv(_BRADFORD) @ gain @ _BRADFORD @ matrix)


def _fixed(number: float) -> bytes:
    """ICC's s15Fixed16Number."""
    return struct.pack(">i", round(number * 65536))


def _padded(value: bytes) -> int:
    return -(-len(value) // 4) * 4
