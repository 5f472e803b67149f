"""Decoded pictures, worked on a band of rows at a time.

A conversion of the whole picture at once would hold several copies of it; in
bands it holds what was decoded, what comes out, and little else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import PIL.Image

BAND: Final = 1 << 20
"""Pixels that are converted at once."""

_LANCZOS: Final = 3
"""Reach of Lanczos' filter to either side, in pixels of the smaller picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """A decoded picture that hands out its rows.

    Attributes:
        size: width and height in pixels.
        rows: the rows from one (included) to another (excluded), as a picture.
        profile: the ICC profile that its numbers are meant by, if any.
        orientation: EXIF's: 1 is upright.
    """

    size: tuple[int, int]
    rows: Callable[[int, int], PIL.Image.Image]
    profile: bytes | None = None
    orientation: int = 1

    def bands(self) -> Iterator[PIL.Image.Image]:
        """The picture from top to bottom."""
        width, height = self.size
        step = max(1, BAND // width)
        for top in range(0, height, step):
            yield self.rows(top, min(top + step, height))

    def scaled(
        self, size: tuple[int, int], convert: Callable[[PIL.Image.Image], PIL.Image.Image]
    ) -> PIL.Image.Image:
        """The picture in another mode and size, by Lanczos' filter.

        Args:
            size: width and height in pixels, at most those of the picture.
            convert: brings rows to the mode of the result.
        """
        width, height = size
        scale = self.size[1] / height
        margin = 0 if size == self.size else math.ceil(_LANCZOS * scale) + 1
        step = max(1, int(BAND / self.size[0] / scale))
        canvas = None
        for top in range(0, height, step):
            bottom = min(top + step, height)
            first = max(0, math.floor(top * scale) - margin)
            last = min(self.size[1], math.ceil(bottom * scale) + margin)
            band = convert(self.rows(first, last))
            if size != self.size:
                box = (0, top * scale - first, band.width, min(bottom * scale - first, band.height))
                band = band.resize((width, bottom - top), PIL.Image.Resampling.LANCZOS, box)
            if canvas is None:
                canvas = PIL.Image.new(band.mode, size)
            canvas.paste(band, (0, top))
        if canvas is None:
            raise ValueError("a picture without rows")
        return canvas


def raster_of(
    image: PIL.Image.Image, *, profile: bytes | None = None, orientation: int = 1
) -> Raster:
    """A loaded Pillow picture as a raster.

    An alpha channel that is nowhere above 0 says nothing, as in many BMP
    files: it is left out.
    """
    blank = image.mode in {"RGBA", "LA"} and image.getextrema()[-1] == (0, 0)

    def rows(top: int, bottom: int) -> PIL.Image.Image:
        band = image.crop((0, top, image.width, bottom))
        return band.convert(image.mode[:-1]) if blank else band

    return Raster(size=image.size, rows=rows, profile=profile, orientation=orientation)
