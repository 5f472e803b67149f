"""A surface to draw on in units that do not depend on the resolution.

Every style picture is laid out on a sheet measured in *units*; at scale 1 a unit is a
pixel. All random choices are made in units, so that the same picture comes out at any scale.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, map_coordinates

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Colour = Sequence[float] | Array
"""Red, green and blue, each 0 to 1."""

OVERSAMPLE: Final = 2


def rgb8(colour: Colour) -> tuple[int, int, int]:
    """The colour in 8 bits a channel; values beyond 0 to 1 are clipped."""
    red, green, blue = colour
    return _byte(red), _byte(green), _byte(blue)


def _byte(share: float) -> int:
    return min(255, max(0, round(float(share) * 255)))


class Canvas:
    """An antialiased drawing in colour with a relief of the paint's thickness beside it.

    Args:
        width: Of the sheet, in units.
        height: Of the sheet, in units.
        scale: Pixels per unit.
        ground: What the sheet is covered with before the first mark.
    """

    def __init__(
        self, width: int, height: int, scale: float = 1.0, ground: Colour = (1, 1, 1)
    ) -> None:
        self.size = (round(width * scale), round(height * scale))
        self.scale = scale
        self._zoom = scale * OVERSAMPLE
        whole = (self.size[0] * OVERSAMPLE, self.size[1] * OVERSAMPLE)
        self._colour = Image.new("RGB", whole, rgb8(ground))
        self._relief = Image.new("L", whole, 0)
        self._draw = ImageDraw.Draw(self._colour)
        self._emboss = ImageDraw.Draw(self._relief)

    def polygon(self, points: Array, colour: Colour, thickness: float | None = None) -> None:
        """Fills the polygon of `points` (N, 2); `thickness` 0 to 1 goes to the relief."""
        flat = (points * self._zoom).ravel().tolist()
        self._draw.polygon(flat, fill=rgb8(colour))
        if thickness is not None:
            self._emboss.polygon(flat, fill=round(thickness * 255))

    def line(
        self, points: Array, colour: Colour, width: float, thickness: float | None = None
    ) -> None:
        """Draws a polyline through `points` (N, 2), `width` units wide."""
        flat = (points * self._zoom).ravel().tolist()
        pixels = max(1, round(width * self._zoom))
        self._draw.line(flat, fill=rgb8(colour), width=pixels)
        if thickness is not None:
            self._emboss.line(flat, fill=round(thickness * 255), width=pixels)

    def disc(
        self, centre: Array, radius: float, colour: Colour, thickness: float | None = None
    ) -> None:
        """Fills a circle around `centre` (2,)."""
        x, y = (centre * self._zoom).tolist()
        r = radius * self._zoom
        self._draw.ellipse((x - r, y - r, x + r, y + r), fill=rgb8(colour))
        if thickness is not None:
            self._emboss.ellipse((x - r, y - r, x + r, y + r), fill=round(thickness * 255))

    def pixels(self) -> Array:
        """The colours, (height, width, 3), 0 to 1."""
        return np.asarray(self._colour.reduce(OVERSAMPLE), dtype=np.float64) / 255

    def relief(self) -> Array:
        """The thickness of the paint, (height, width), 0 to 1."""
        return np.asarray(self._relief.reduce(OVERSAMPLE), dtype=np.float64) / 255


def grid(width: int, height: int, scale: float = 1.0) -> tuple[Array, Array]:
    """The x and y of every pixel's centre in units, each (height, width)."""
    columns, rows = round(width * scale), round(height * scale)
    x = (np.arange(columns) + 0.5) / columns * width
    y = (np.arange(rows) + 0.5) / rows * height
    across, down = np.meshgrid(x, y)
    return across, down


def sample(field: Array, x: Array, y: Array) -> Array:
    """Values at (x, y) of a field (H, W) or (H, W, C) that has one entry per unit."""
    where = np.stack([y - 0.5, x - 0.5])
    if field.ndim == 2:
        return np.asarray(map_coordinates(field, where, order=1, mode="nearest"))
    return np.stack(
        [
            np.asarray(map_coordinates(field[..., c], where, order=1, mode="nearest"))
            for c in range(field.shape[2])
        ],
        axis=-1,
    )


def lit(
    pixels: Array, relief: Array, scale: float, *, depth: float = 1.0, softness: float = 0.6
) -> Array:
    """The pixels as seen with the light from the upper left over the relief.

    Args:
        pixels: (H, W, 3), 0 to 1.
        relief: (H, W), thickness 0 to 1.
        scale: Pixels per unit, so that slopes look alike at every scale.
        depth: How strongly slopes darken and lighten.
        softness: Blur of the relief before its slopes are taken, in units.
    """
    smooth = np.asarray(gaussian_filter(relief, softness * scale))
    down, across = np.gradient(smooth)
    slope = np.asarray(-(across + down) * scale * depth)
    shade = np.clip(slope, -0.45, 0.45)[..., None]
    return np.asarray(np.clip(pixels * (1 + shade) + np.maximum(shade, 0) * 0.22, 0, 1))


def blend(below: Array, above: Array | Colour, share: Array) -> Array:
    """`above` laid over `below` with the opacity `share` (H, W), 0 to 1."""
    s = np.clip(share, 0, 1)[..., None]
    return np.asarray(below * (1 - s) + np.asarray(above) * s)


def step(value: Array, edge: float | Array, width: float) -> Array:
    """A smooth step from 0 to 1 around `edge`, `width` wide."""
    t = np.clip((value - edge) / width + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def to_image(pixels: Array) -> Image.Image:
    """An RGB picture of pixels (H, W, 3), 0 to 1."""
    return Image.fromarray(np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8), "RGB")
