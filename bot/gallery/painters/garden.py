"""A pond with lilies under a bridge: short broken dabs of clear colour."""

import numpy as np

from bot.gallery.canvas import Array, Canvas, blend, lit, sample, step
from bot.gallery.colour import palette, ramp
from bot.gallery.sketch import Sketch, slope
from bot.gallery.strokes import Brush, brushed


def _pond(rng: np.random.Generator) -> Sketch:
    sketch = Sketch(768, 640, 26)
    x, y = sketch.x, sketch.y
    water = ramp(
        palette("1d3b5c", "2f6f7d", "5a9f8c", "9cc4b8", "c7b6dc", "6f79b8"),
        0.5 + 0.55 * sketch.noise.fbm(x * 0.45, y, 120) + 0.12 * np.sin(x / 90),
    )
    sketch.fill(np.ones_like(x, dtype=np.bool_), water, 0.06 * np.sin(x / 50))
    leaves = ramp(
        palette("0f2a26", "1a4436", "2f6a45", "5f8f4f", "9db56a", "c9d59a", "8fb3c4"),
        0.06 + 0.75 * sketch.cloudy(120) + 0.5 * (sketch.cloudy(30, 2) - 0.5),
    )
    bank = sketch.ridge(208, 46, 210, 5)
    sketch.fill(y < bank, leaves, 0.5 * np.pi + 0.8 * sketch.noise.at(x, y, 80))
    # The far bank again, upside down and broken by the water.
    mirror = np.clip(2 * bank - y + 14 * np.sin(y / 5), 0, 639)
    depth = step(-(y - bank), -150, 170) * (0.35 + 0.5 * sketch.cloudy(50, 3))
    below = y >= bank
    sketch.rgb[below] = blend(sketch.rgb, sample(leaves, x, mirror) * 0.72, depth)[below]
    rail = 196 - 92 * np.clip(1 - ((x - 392) / 300) ** 2, -1, 1)
    timber = ramp(palette("4a7f86", "86bfb4", "d5ecd2"), sketch.cloudy(30, 2))
    for dy, half in ((0, 12), (-50, 7), (-25, 5)):
        sketch.fill((np.abs(y - rail - dy) < half) & (y < bank + 60), timber, slope(rail))
    for post in range(120, 690, 52):
        near = (np.abs(x - post) < 5) & (y > rail - 50) & (y < rail)
        sketch.fill(near, timber * 0.92, 0.5 * np.pi)
    leaf = ramp(palette("2c6b45", "5fa05a", "a3c46a", "8fb9a0"), sketch.cloudy(26, 2))
    for _ in range(30):
        far = rng.uniform(0, 1) ** 0.8
        cx, cy = rng.uniform(0, 768), 275 + 350 * far
        wide = 16 + 56 * far
        sketch.fill(sketch.ellipse(cx, cy, wide, wide * 0.27), leaf, 0.05)
        sketch.fill(sketch.ellipse(cx - wide * 0.1, cy + wide * 0.28, wide * 0.9, wide * 0.06),
                    palette("173a4a")[0], 0.0)  # fmt: skip
        for _ in range(rng.integers(1, 4)):
            bx = cx + rng.uniform(-0.7, 0.7) * wide
            by = cy - rng.uniform(0.05, 0.3) * wide
            petals = palette("f6b8c8", "fff1ee", "e4668f", "f7dd8a", "d9a3e0")[rng.integers(5)]
            sketch.fill(sketch.ellipse(bx, by, 5 + 8 * far, 4 + 5 * far), petals, -0.6)
            sketch.fill(sketch.ellipse(bx, by - 1, 2 + 2 * far, 2 + far), palette("ffcf4a")[0])
    column = y[:, :1]
    for strand in range(34):
        cx = rng.uniform(0, 230) if strand % 2 else rng.uniform(600, 768)
        end = rng.uniform(170, 430)
        sway = cx + 12 * np.sin(column / 60 + strand)
        hang = (np.abs(x - sway) < 4 + 3 * np.sin(column / 9)) & (column < end)
        greens = palette("2f5f3a", "7f9f4a", "17382c", "a9b872")[rng.integers(4)]
        sketch.fill(hang, greens, 0.5 * np.pi + 0.15 * np.cos(column / 60 + strand))
    return sketch


def garden(scale: float) -> Array:
    """A pond with lilies under a bridge: short broken dabs of clear colour."""
    rng = np.random.default_rng(1899)
    scene = _pond(rng).scene()
    canvas = Canvas(768, 640, scale, palette("3d6a63")[0])
    for brush in (
        Brush(19, 52, 12, 6, 0.035, 0.022),
        Brush(10.5, 30, 8.5, 5, 0.04, 0.024, 0.3, 1.08),
        Brush(6, 16, 5.6, 3, 0.04, 0.022, 0.85, 1.12),
    ):
        brushed(canvas, scene, brush, rng)
    return lit(canvas.pixels(), canvas.relief(), scale, depth=1.3)
