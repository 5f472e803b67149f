"""A coloured sketch, region by region, that a technique then renders in its own way."""

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt

from tools.style_pictures.canvas import Array, Colour, Mask, grid
from tools.style_pictures.noise import Noise
from tools.style_pictures.strokes import Scene


class Sketch:
    """Regions with colours and stroke directions, one entry per unit.

    Attributes:
        x: (H, W), horizontal place in units.
        y: (H, W), vertical place in units, downwards.
        rgb: (H, W, 3), 0 to 1.
        angle: (H, W), stroke direction in radians.
        region: (H, W), a number for each fill, 0 where nothing has been filled.
    """

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.x, self.y = grid(width, height)
        self.rgb = np.ones((height, width, 3))
        self.angle = np.zeros((height, width))
        self.region = np.zeros((height, width), dtype=np.int64)
        self.noise = Noise(seed)
        self._fills = 0

    def fill(self, where: Mask, colour: Colour | Array, angle: float | Array | None = None) -> None:
        """Colours a region: with one colour, one per place in it, or one per place of the sheet."""
        self._fills += 1
        self.region[where] = self._fills
        paint = np.asarray(colour, dtype=np.float64)
        self.rgb[where] = paint[where] if paint.ndim == 3 else paint
        if angle is not None:
            self.angle[where] = np.broadcast_to(angle, self.angle.shape)[where]

    def inside(self, points: Array) -> Mask:
        """The region within a polygon (N, 2)."""
        height, width = self.angle.shape
        image = Image.new("1", (width, height))
        ImageDraw.Draw(image).polygon(points.ravel().tolist(), fill=1)
        return np.asarray(image, dtype=np.bool_)

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, turn: float = 0.0) -> Mask:
        """The region within an ellipse turned by `turn` radians."""
        where = np.zeros(self.angle.shape, dtype=np.bool_)
        reach = max(rx, ry)
        rows = slice(max(0, int(cy - reach)), max(0, int(cy + reach) + 1))
        columns = slice(max(0, int(cx - reach)), max(0, int(cx + reach) + 1))
        dx, dy = self.x[rows, columns] - cx, self.y[rows, columns] - cy
        u = dx * np.cos(turn) + dy * np.sin(turn)
        v = dy * np.cos(turn) - dx * np.sin(turn)
        where[rows, columns] = (u / rx) ** 2 + (v / ry) ** 2 < 1
        return where

    def below(self, level: float, rise: float, period: float, shift: float) -> Mask:
        """The region below a wavy horizon."""
        return np.asarray(self.y > self.ridge(level, rise, period, shift))

    def ridge(self, level: float, rise: float, period: float, shift: float) -> Array:
        """The height (H, W) of a wavy horizon, the same all the way down."""
        wave = self.noise.fbm(self.x[0], np.full_like(self.x[0], shift), period, 4)
        return np.broadcast_to(level - rise * wave, self.angle.shape)

    def cloudy(self, period: float, octaves: int = 4, shift: float = 0.0) -> Array:
        """Noise (H, W), about 0 to 1 with a mean of a half."""
        return 0.5 + 0.5 * self.noise.fbm(self.x + shift, self.y + shift, period, octaves)

    def scene(self) -> Scene:
        """What has been sketched, for painting with strokes."""
        return Scene(self.rgb, self.angle)


def path(text: str) -> list[tuple[float, float]]:
    """Points from `x,y` pairs with spaces between, as in SVG."""
    pairs = (pair.split(",") for pair in text.split())
    return [(float(x), float(y)) for x, y in pairs]


def slope(height: Array) -> Array:
    """The direction (H, W) along a ridge given by its height."""
    return np.arctan(np.gradient(height, axis=1))


def arc(cx: float, cy: float, radius: float, start: float, stop: float, *, points: int) -> Array:
    """Points (N, 2) of an arc, angles in radians clockwise from the right."""
    t = np.linspace(start, stop, points)
    return np.stack([cx + radius * np.cos(t), cy + radius * np.sin(t)], axis=1)


def smooth(points: list[tuple[float, float]], fineness: int = 12, *, closed: bool = True) -> Array:
    """A Catmull-Rom curve through the points, as a polyline (N, 2)."""
    p = np.array(points, dtype=np.float64)
    if closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    a, b, c, d = (q[:, None, :] for q in (p[:-3], p[1:-2], p[2:-1], p[3:]))
    t = np.linspace(0, 1, fineness, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return np.asarray(curve.reshape(-1, 2))


def depth(region: Mask) -> Array:
    """How far each place (H, W) lies inside the region, in units; 0 outside."""
    return np.asarray(distance_transform_edt(region))


def outline(region: np.ndarray) -> Array:
    """Distance (H, W) in units to the nearest border between numbered regions."""
    border = np.zeros(region.shape, dtype=np.bool_)
    across, down = region[:, 1:] != region[:, :-1], region[1:] != region[:-1]
    border[:, 1:] |= across
    border[1:] |= down
    return np.asarray(distance_transform_edt(~border))
