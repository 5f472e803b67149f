"""Palettes and colour arithmetic in Oklab (Ottosson 2020), where even steps look even."""

import numpy as np

from tools.style_pictures.canvas import Array, Colour, Mask

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB = np.linalg.inv(_TO_LAB)
_FROM_LMS = np.linalg.inv(_TO_LMS)


def palette(*codes: str) -> Array:
    """Colours (N, 3), 0 to 1, from codes such as `1b3a6f`."""
    return np.array([[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes])


def oklab(rgb: Colour) -> Array:
    """SRGB (..., 3), 0 to 1, as Oklab lightness, green-red and blue-yellow."""
    c = np.clip(np.asarray(rgb, dtype=np.float64), 0, 1)
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T)


def srgb(lab: Array) -> Array:
    """Oklab (..., 3) as sRGB, clipped to 0 to 1."""
    linear = np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T, 0, 1)
    return np.asarray(
        np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    )


def either(where: Mask, first: str, second: str) -> Array:
    """Two colours over a sheet (H, W): the first where it is true, else the second."""
    one, other = palette(first, second)
    return np.asarray(np.where(where[..., None], one, other))


def ramp(colours: Array, t: Array) -> Array:
    """The colour at `t`, 0 to 1, along a palette (N, 3): even steps in Oklab."""
    lab = oklab(colours)
    place = np.clip(t, 0, 1) * (len(lab) - 1)
    stops = np.arange(len(lab))
    return srgb(np.stack([np.interp(place, stops, lab[:, c]) for c in range(3)], axis=-1))


def varied(
    rng: np.random.Generator, colours: Array, lightness: float, chroma: float, boost: float = 1.0
) -> Array:
    """Colours (N, 3), each pushed off by chance in lightness and hue; `boost` the chroma."""
    lab = oklab(colours)
    lab = lab * np.array([1.0, boost, boost])
    lab = lab + rng.normal(0, 1, lab.shape) * np.array([lightness, chroma, chroma])
    return srgb(lab)


def nearest(colours: Array, choices: Array) -> Array:
    """Each of the colours (..., 3) replaced by the nearest of `choices` (N, 3)."""
    distance = ((oklab(colours)[..., None, :] - oklab(choices)) ** 2).sum(axis=-1)
    return np.asarray(choices[distance.argmin(axis=-1)])
