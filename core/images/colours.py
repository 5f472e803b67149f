"""Any way of storing colour -> 8-bit RGB as a screen would show it."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import PIL.Image
import PIL.ImageCms

BACKGROUND: Final = (255, 255, 255)
"""What shows through transparent pictures: white, as in a chat."""

_PROFILED: Final = frozenset({"RGB", "CMYK", "LAB", "L"})
_TRANSPARENT: Final = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})


def to_rgb(image: PIL.Image.Image) -> PIL.Image.Image:
    """Converts a picture of any mode.

    Args:
        image: any picture.

    Returns:
        A new RGB picture without metadata.

    Raises:
        ValueError: Pillow cannot convert the mode.
    """
    profile = image.info.get("icc_profile")
    if image.mode in _TRANSPARENT or "transparency" in image.info:
        plain = _on_background(image)
    elif image.mode.startswith("I") or image.mode == "F":
        plain = _from_wide(image)
    else:
        plain = image
    rgb = _profiled(plain, profile) if profile else None
    if rgb is None:
        rgb = plain.convert("RGB")
    clean = PIL.Image.new("RGB", rgb.size)
    clean.paste(rgb)
    return clean


def _on_background(image: PIL.Image.Image) -> PIL.Image.Image:
    if image.mode.startswith("I"):
        # A single 16-bit grey value stands for transparency: no photo uses it.
        return _from_wide(image)
    layer = image.convert("RGBA")
    plain = PIL.Image.new("RGB", image.size, BACKGROUND)
    plain.paste(layer, mask=layer.getchannel("A"))
    return plain


def _from_wide(image: PIL.Image.Image) -> PIL.Image.Image:
    """Brings integers beyond 8 bits, and floats, into 0 to 255.

    Integers mean 16 bits if any is above 255. Floats mean 0 to 1 unless one is
    above 1. What leaves its range is spread from its least to its most.
    """
    values = np.asarray(image, dtype=np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode == "F":
        full = 1.0 if high <= 1 else 255.0
    else:
        full = 65535.0 if image.mode != "I" or high > 255 else 255.0
    if low < 0 or high > full:
        spread = high - low or 1.0
        values = (values - low) / spread
    else:
        values = values / full
    return PIL.Image.fromarray(np.round(values * 255).astype(np.uint8))


def _profiled(image: PIL.Image.Image, profile: bytes) -> PIL.Image.Image | None:
    """Applies an embedded profile; None where it does not fit the picture."""
    if image.mode not in _PROFILED:
        return None
    try:
        return PIL.ImageCms.profileToProfile(
            image,
            PIL.ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            PIL.ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (PIL.ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A damaged or foreign profile: the bare numbers are the best there is.
        return None
