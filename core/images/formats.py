"""What a file is, judged by its bytes, and how it is decoded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import PIL.Image
import pillow_heif

from core.errors import NotAnImageError, UnsupportedImageError
from core.images import heif, jpeg
from core.images.sizes import MAX_MEGAPIXELS_REDUCED, WORKING_SIDE, fit
from core.images.source import PIXEL, Source, by_pillow, loaded, opened

pillow_heif.register_heif_opener()

_NOT_READ: Final = ("JPEG2000", "PSD", "ICO", "ICNS", "QOI", "EPS", "DDS")
"""Formats that Pillow tells apart from noise, only to name them in the error."""


def source_of(content: bytes) -> Source:
    """Reads the header of a file.

    Args:
        content: the file.

    Raises:
        NotAnImageError: it is no picture.
        UnsupportedImageError: it is one of a kind that is not read.
        Exception: its header is damaged; which one depends on the decoder.
    """
    for name, open_ in _OPENERS.items():
        if _accepts(name, content):
            return open_(content)
    for name in _NOT_READ:
        if _accepts(name, content):
            raise UnsupportedImageError(name)
    raise NotAnImageError


def _accepts(name: str, content: bytes) -> bool:
    accept = PIL.Image.OPEN[name][1]
    return accept is not None and bool(accept(content[:16]))


def _jpeg(content: bytes) -> Source:
    image = opened("JPEG", content)
    width, height = image.size
    image.draft(None, fit(width, height, WORKING_SIDE))
    return Source(
        size=(width, height),
        megapixels=MAX_MEGAPIXELS_REDUCED,
        memory=width * height * jpeg.coefficients(content) + image.width * image.height * PIXEL,
        load=lambda: loaded(image),
    )


_OPENERS: Final[dict[str, Callable[[bytes], Source]]] = {
    "HEIF": heif.read,
    "AVIF": partial(by_pillow, "AVIF"),
    "JPEG": _jpeg,
    "PNG": partial(by_pillow, "PNG"),
    "WEBP": partial(by_pillow, "WEBP"),
    "TIFF": partial(by_pillow, "TIFF"),
    "BMP": partial(by_pillow, "BMP"),
    "GIF": partial(by_pillow, "GIF"),
}
