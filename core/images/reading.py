"""Pictures from strangers: hostile bytes in, clean RGB out.

A picture is judged by its header before a pixel of it is decoded, so a file
that declares more than will be opened costs no memory.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import PIL.Image
import PIL.ImageOps
import pillow_heif

from core.errors import (
    ImageTooLargeError,
    NotAnImageError,
    TruncatedImageError,
    UnsupportedImageError,
)
from core.images.colours import to_rgb
from core.images.sizes import (
    MAX_MEGABYTES,
    MAX_MEGAPIXELS,
    MAX_MEGAPIXELS_REDUCED,
    WORKING_SIDE,
    check_size,
    fit,
)

FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF")
"""Formats that are read, by Pillow's names."""

_AVERAGED: Final = frozenset({"RGB", "RGBA", "L", "LA", "CMYK", "YCbCr"})

_NOT_READ: Final = ("JPEG2000", "PSD", "ICO", "ICNS", "QOI", "EPS", "DDS")
"""Formats that are told apart from noise, only to name them in the error."""

pillow_heif.register_heif_opener()
PIL.Image.init()


def open_image(source: bytes | str | Path) -> PIL.Image.Image:
    """Opens a picture of unknown origin.

    The first frame counts. EXIF's orientation and embedded colour profiles are
    applied; transparency is laid on white; grey, palette, CMYK, 16-bit and
    floating-point pictures become 8-bit RGB.

    Args:
        source: the file's bytes, or its path.

    Returns:
        An RGB picture of at most `WORKING_SIDE` pixels on its long side, with
        no tie to the source.

    Raises:
        ImageError: one of its subclasses says what is wrong with the picture.
        OSError: `source` is a path that cannot be read.
    """
    content = _read(source)
    image = _open(content)
    _judge(image)
    try:
        if image.format in {"JPEG", "MPO"}:
            image.draft(None, (WORKING_SIDE, WORKING_SIDE))
        image.load()
        return _shrink(to_rgb(_shrink(_upright(image))))
    except MemoryError:
        raise
    except Exception as error:  # Decoders answer damaged bytes with almost any exception.
        raise TruncatedImageError from error


def _read(source: bytes | str | Path) -> bytes:
    limit = MAX_MEGABYTES * 1_000_000
    if isinstance(source, bytes):
        content = source
    else:
        with Path(source).open("rb") as file:
            content = file.read(limit + 1)
    if len(content) > limit:
        raise ImageTooLargeError(0, 0, MAX_MEGABYTES, unit="megabytes")
    return content


def _open(content: bytes) -> PIL.Image.Image:
    """Reads the header.

    `PIL.Image.open` is passed by because it turns large sizes into a warning
    or an error by a limit for the whole process, and loses the size.
    """
    for name in FORMATS:
        factory, accept = PIL.Image.OPEN[name]
        verdict = accept(content[:16]) if accept is not None else False
        if isinstance(verdict, str):
            raise UnsupportedImageError(name)
        if verdict:
            try:
                return factory(io.BytesIO(content), "")
            except MemoryError:
                raise
            except PIL.Image.DecompressionBombError as error:
                # Some plugins look at the size before they tell it.
                raise ImageTooLargeError(0, 0, MAX_MEGAPIXELS) from error
            except Exception as error:  # As above: almost any exception.
                raise TruncatedImageError from error
    for name in _NOT_READ:
        _, accept = PIL.Image.OPEN[name]
        if accept is not None and accept(content[:16]):
            raise UnsupportedImageError(name)
    raise NotAnImageError


def _judge(image: PIL.Image.Image) -> None:
    reducible = image.format in {"JPEG", "MPO"} and "progressive" not in image.info
    limit = MAX_MEGAPIXELS_REDUCED if reducible else MAX_MEGAPIXELS
    if image.width * image.height > limit * 1_000_000:
        raise ImageTooLargeError(image.width, image.height, limit)
    check_size(image.width, image.height)


def _upright(image: PIL.Image.Image) -> PIL.Image.Image:
    try:
        return PIL.ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 (damaged EXIF, in any of many ways, is no reason to refuse)
        return image


def _shrink(image: PIL.Image.Image) -> PIL.Image.Image:
    """Brings a picture to the working size, if its pixels can be averaged as they are."""
    if max(image.size) <= WORKING_SIDE:
        return image
    if image.mode not in _AVERAGED or "transparency" in image.info:
        return image
    size = fit(*image.size, WORKING_SIDE)
    return image.resize(size, PIL.Image.Resampling.LANCZOS, reducing_gap=2.0)
