"""Pictures from strangers: hostile bytes in, clean RGB out.

A picture is judged by its header before a pixel of it is decoded, so a file
that declares more than will be opened costs no memory.
"""

from __future__ import annotations

from pathlib import Path

import PIL.ExifTags
import PIL.Image
import PIL.ImageOps

from core.errors import ImageError, ImageTooLargeError, TruncatedImageError
from core.images.colours import at_size, on_ground
from core.images.formats import source_of
from core.images.sizes import (
    MAX_MEGABYTES,
    MAX_MEGAPIXELS,
    WORKING_SIDE,
    check_cost,
    check_size,
    fit,
)


def open_image(source: bytes | str | Path) -> PIL.Image.Image:
    """Opens a picture of unknown origin.

    The first frame counts; of a TIFF file, the main picture. EXIF's
    orientation and what the file tells of its colours are applied, as browsers
    do; transparency is laid on white, or on black what white would hide; grey,
    palette, CMYK, 16-bit and floating-point pictures become 8-bit RGB.

    Beside the file itself this takes at most `MAX_MEGABYTES_DECODING` and a
    few copies of what it returns.

    Args:
        source: the file's bytes, or its path.

    Returns:
        An RGB picture of at most `WORKING_SIDE` pixels on its long side, with
        no tie to the source.

    Raises:
        ImageError: one of its subclasses says what is wrong with the picture.
        MemoryError: there is less memory than that.
        OSError: `source` is a path that cannot be read.
    """
    content = _read(source)
    try:
        image, orientation = _on_screen(content)
        return _upright(on_ground(image), orientation)
    except (ImageError, MemoryError):
        raise
    except PIL.Image.DecompressionBombError as error:
        # Some of Pillow's plugins look at the size before they tell it.
        raise ImageTooLargeError(0, 0, MAX_MEGAPIXELS) from error
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


def _on_screen(content: bytes) -> tuple[PIL.Image.Image, int]:
    """The picture in sRGB at its working size, and its orientation; all else is let go."""
    source = source_of(content)
    check_cost(source.size, source.megapixels, source.memory)
    check_size(*source.size)
    raster = source.load()
    check_size(*raster.size)
    large = max(raster.size) > WORKING_SIDE
    size = fit(*raster.size, WORKING_SIDE) if large else raster.size
    return at_size(raster, size), raster.orientation


def _upright(image: PIL.Image.Image, orientation: int) -> PIL.Image.Image:
    if orientation != 1:
        image.getexif()[PIL.ExifTags.Base.Orientation] = orientation
        PIL.ImageOps.exif_transpose(image, in_place=True)
    return image
