"""Any way of storing colour -> 8-bit RGB as a screen would show it."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Final

import numpy as np
import PIL.Image
import PIL.ImageCms

from core.images.raster import Raster, raster_of

PAPER: Final = (255, 255, 255)
"""What shows through transparent pictures: white, as in a chat."""

BLACKBOARD: Final = (0, 0, 0)
"""What shows through those that would be a blank sheet on white."""

_NEARLY_WHITE: Final = 240
_SOLID: Final = 16
"""Alpha from which a pixel counts as drawn, of 255."""

_DRAWN_ON_WHITE: Final = 0.01
"""The least part of what is drawn that has to be seen on white."""

_TRANSPARENT: Final = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
_MODES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
"""Pillow's modes by ICC's signatures of colour spaces."""

Convert = Callable[[PIL.Image.Image], PIL.Image.Image]


def to_rgb(image: PIL.Image.Image) -> PIL.Image.Image:
    """Converts a picture of any mode.

    Args:
        image: any picture.

    Returns:
        A new RGB picture without metadata.

    Raises:
        ValueError: Pillow cannot convert the mode.
    """
    raster = raster_of(image, profile=image.info.get("icc_profile"))
    return on_ground(at_size(raster, raster.size))


def at_size(raster: Raster, size: tuple[int, int]) -> PIL.Image.Image:
    """The picture in sRGB, with its alpha channel if it has one.

    Args:
        raster: what was decoded.
        size: width and height in pixels, at most those of the raster.

    Returns:
        A picture of mode RGB or RGBA.
    """
    span = _span(raster)
    transforms: dict[str, tuple[str, PIL.ImageCms.ImageCmsTransform] | None] = {}

    def convert(band: PIL.Image.Image) -> PIL.Image.Image:
        alpha = None
        if _is_wide(band):
            band = _narrowed(band, *span)
        elif band.mode in _TRANSPARENT or "transparency" in band.info:
            band, alpha = _parted(band)
        if band.mode not in _MODES.values():
            band = band.convert("L" if band.mode == "1" else "RGB")
        if band.mode not in transforms:
            transforms[band.mode] = _transform(raster.profile, band.mode)
        rgb = _applied(transforms[band.mode], band)
        if alpha is not None:
            rgb.putalpha(alpha)
        return rgb

    return raster.scaled(size, convert)


def on_ground(image: PIL.Image.Image) -> PIL.Image.Image:
    """Lays a picture on white; a white drawing, which would not be seen there, on black.

    Args:
        image: a picture of mode RGB or RGBA.

    Returns:
        A picture of mode RGB.
    """
    if image.mode == "RGB":
        return image
    alpha = image.getchannel("A")
    plain = PIL.Image.new("RGB", image.size, PAPER)
    plain.paste(image, mask=alpha)
    opacities = alpha.histogram()
    empty, drawn = sum(opacities[:_SOLID]), sum(opacities[_SOLID:])
    seen = sum(plain.convert("L").histogram()[:_NEARLY_WHITE])
    if empty and seen < drawn * _DRAWN_ON_WHITE:
        plain.paste(BLACKBOARD, (0, 0, *image.size))
        plain.paste(image, mask=alpha)
    return plain


def _is_wide(image: PIL.Image.Image) -> bool:
    return image.mode == "F" or image.mode.startswith("I")


def _span(raster: Raster) -> tuple[float, float]:
    """The values that become 0 and 255 where there are more than 8 bits.

    Integers mean 16 bits if any is above 255. Floats mean 0 to 1 unless one is
    above 1. What leaves its range is spread from its least to its most.
    """
    mode = raster.rows(0, 1).mode
    if mode not in {"I", "F"}:
        return 0.0, 65535.0
    low, high = math.inf, -math.inf
    for band in raster.bands():
        values = _finite(band)
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    small, large = (1.0, 255.0) if mode == "F" else (255.0, 65535.0)
    full = small if high <= small else large
    if low < 0 or high > full:
        return low, high if high > low else low + 1.0
    return 0.0, full


def _narrowed(band: PIL.Image.Image, low: float, high: float) -> PIL.Image.Image:
    values = (_finite(band) - low) / (high - low)
    return PIL.Image.fromarray(np.round(values * 255).clip(0, 255).astype(np.uint8))


def _finite(band: PIL.Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    values = np.asarray(band, dtype=np.float64)
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def _parted(band: PIL.Image.Image) -> tuple[PIL.Image.Image, PIL.Image.Image]:
    """Colours and alpha."""
    grey = band.mode in {"1", "L", "LA", "La"}
    whole = band.convert("LA" if grey else "RGBA")
    return whole.convert("L" if grey else "RGB"), whole.getchannel("A")


def _transform(
    profile: bytes | None, mode: str
) -> tuple[str, PIL.ImageCms.ImageCmsTransform] | None:
    """What takes a mode by a profile to sRGB, and the mode that it takes.

    None where there is no profile, or it is damaged or foreign: the bare
    numbers are the best there is.
    """
    if profile is None and mode != "LAB":
        return None
    try:
        if profile is None:
            source = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("LAB"))
        else:
            source = PIL.ImageCms.ImageCmsProfile(io.BytesIO(profile))
        taken = _MODES.get(source.profile.xcolor_space.strip())
        if taken is None or (taken != mode and (taken, mode) != ("RGB", "L")):
            return None
        screen = PIL.ImageCms.createProfile("sRGB")
        return taken, PIL.ImageCms.buildTransform(source, screen, taken, "RGB")
    except (PIL.ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _applied(
    transform: tuple[str, PIL.ImageCms.ImageCmsTransform] | None, band: PIL.Image.Image
) -> PIL.Image.Image:
    if transform is None:
        return band.convert("RGB")
    taken, by = transform
    rgb = PIL.ImageCms.applyTransform(band.convert(taken), by)
    if rgb is None:
        raise ValueError("a transform in place")
    return rgb
