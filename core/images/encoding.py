"""Pictures as files."""

from __future__ import annotations

import io

import PIL.Image


def encode_jpeg(image: PIL.Image.Image, quality: int = 92) -> bytes:
    """The picture as a JPEG file.

    Args:
        image: an RGB picture.
        quality: 1 to 95; from 90 on colours keep their full resolution.
    """
    buffer = io.BytesIO()
    image.save(
        buffer, "JPEG", quality=quality, optimize=True, subsampling=0 if quality >= 90 else 2
    )
    return buffer.getvalue()


def encode_png(image: PIL.Image.Image) -> bytes:
    """The picture as a PNG file, without loss."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
