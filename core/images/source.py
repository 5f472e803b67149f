"""A picture between its header and its pixels, and how Pillow gets from one to the other."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import PIL.ExifTags
import PIL.Image

from core.images.raster import Raster, raster_of
from core.images.sizes import MAX_MEGAPIXELS

PIXEL: Final = 4
"""Most bytes that Pillow keeps for a pixel."""

_BYTES_PER_PIXEL: Final = {"WEBP": 16, "AVIF": 16, "TIFF": 12}
"""Most that decoding takes for a pixel, where the decoder has buffers of its own."""

PIL.Image.init()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A picture of which only the header has been read.

    Attributes:
        size: width and height in pixels.
        megapixels: the most that its format may have.
        memory: bytes that decoding takes at its peak.
        load: decodes it.
    """

    size: tuple[int, int]
    megapixels: float
    memory: float
    load: Callable[[], Raster]


def by_pillow(
    name: str, content: bytes, *, profile: bytes | None = None, orientation: int | None = None
) -> Source:
    """A file that Pillow reads.

    Args:
        name: the format.
        content: the file.
        profile: what it means its colours by, where Pillow does not know.
        orientation: as in EXIF, where it is known already.
    """
    image = opened(name, content)
    per_pixel = _BYTES_PER_PIXEL.get(name, PIXEL)
    return Source(
        size=image.size,
        megapixels=MAX_MEGAPIXELS,
        memory=image.width * image.height * per_pixel,
        load=lambda: loaded(image, profile=profile, orientation=orientation),
    )


def opened(name: str, content: bytes) -> PIL.Image.Image:
    """Reads the header.

    `PIL.Image.open` is passed by because it turns large sizes into a warning
    or an error by a limit for the whole process, and loses the size.
    """
    return PIL.Image.OPEN[name][0](io.BytesIO(content), "")


def loaded(
    image: PIL.Image.Image, *, profile: bytes | None = None, orientation: int | None = None
) -> Raster:
    """Decodes a picture; the arguments are those of `by_pillow`."""
    image.load()
    return raster_of(
        image,
        profile=image.info.get("icc_profile") or profile,
        orientation=_orientation(image) if orientation is None else orientation,
    )


def _orientation(image: PIL.Image.Image) -> int:
    try:
        return int(image.getexif().get(PIL.ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 (damaged EXIF, in any of many ways, is no reason to refuse)
        return 1
