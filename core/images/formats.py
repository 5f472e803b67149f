"""What a file is, judged by its bytes, and how it is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import PIL.Image

from core.errors import NotAnImageError, TruncatedImageError, UnsupportedImageError
from core.images import heif, isobmff, jpeg, png, profiles, tiff
from core.images.raster import Raster
from core.images.sizes import MAX_MEGAPIXELS_REDUCED, WORKING_SIDE, fit
from core.images.source import PIXEL, Source, by_pillow, loaded, opened

_HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)

_ROWS_NEEDED: Final = 0.75
"""The least part of a cut-off JPEG file's rows with which it is taken."""

_NOT_READ: Final = ("JPEG2000", "PSD", "ICO", "ICNS", "QOI", "EPS", "DDS")
"""Formats that Pillow tells apart from noise, only to name them in the error."""

_SIGNATURES: Final = {
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL",
    b"\0\0\0\x18ftypcrx ": "CR3",
    b"FUJIFILMCCD-RAW": "RAF",
    b"IIRO": "ORF",
    b"IIU\0": "RW2",
}
"""The same for formats that Pillow does not know.

Decoders of JPEG XL are on PyPI, but none that fits this project's licence has
a wheel for each machine that it runs on.
"""


def source_of(content: bytes) -> Source:
    """Reads the header of a file.

    Args:
        content: the file.

    Raises:
        NotAnImageError: it is no picture.
        UnsupportedImageError: it is one of a kind that is not read.
        Exception: its header is damaged; which one depends on the decoder.
    """
    brands = isobmff.brands(content)
    if brands & {b"avif", b"avis"}:
        return _avif(content)
    if brands & _HEIF_BRANDS:
        return heif.read(content)
    for name, open_ in _OPENERS.items():
        if _accepts(name, content):
            return open_(content)
    for signature, name in _SIGNATURES.items():
        if content.startswith(signature):
            raise UnsupportedImageError(name)
    for name in _NOT_READ:
        if _accepts(name, content):
            raise UnsupportedImageError(name)
    if b"<svg" in content[:1024]:
        raise UnsupportedImageError("SVG")
    raise NotAnImageError


def _accepts(name: str, content: bytes) -> bool:
    accept = PIL.Image.OPEN[name][1]
    return accept is not None and bool(accept(content[:16]))


def _jpeg(content: bytes) -> Source:
    whole = jpeg.ended(content)
    image = opened("JPEG", whole)
    width, height = image.size
    image.draft(None, fit(width, height, WORKING_SIDE))

    def load() -> Raster:
        raster = loaded(image)
        if whole is content:
            return raster
        rows = jpeg.rows_decoded(image)
        if rows < image.height * _ROWS_NEEDED:
            raise TruncatedImageError
        return replace(raster, size=(image.width, rows))

    return Source(
        size=(width, height),
        megapixels=MAX_MEGAPIXELS_REDUCED,
        memory=width * height * jpeg.coefficients(content) + image.width * image.height * PIXEL,
        load=load,
    )


def _png(content: bytes) -> Source:
    plain, profile = png.read(content)
    return by_pillow("PNG", plain, profile=profile)


def _avif(content: bytes) -> Source:
    codes = isobmff.colour_codes(content)
    return by_pillow("AVIF", content, profile=profiles.of_still(*codes) if codes else None)


def _tiff(content: bytes) -> Source:
    main, orientation = tiff.main_page(content)
    return by_pillow("TIFF", main, orientation=orientation)


_OPENERS: Final[dict[str, Callable[[bytes], Source]]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": partial(by_pillow, "WEBP"),
    "TIFF": _tiff,
    "BMP": partial(by_pillow, "BMP"),
    "GIF": partial(by_pillow, "GIF"),
}
