"""A pond with lilies under a bridge: short broken dabs of clear colour."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, blend, lit, sample, step
from tools.style_pictures.colour import palette, ramp
from tools.style_pictures.sketch import Sketch, slope
from tools.style_pictures.strokes import Brush, brushed


def _pond(rng: np.random.Generator) -> Sketch:
    sketch = Sketch(768, 640, 26)
    x, y = sketch.x, sketch.y
    water = ramp(
        palette("142a5f", "2f5fa0", "7fb8c8", "f2d8dc", "f6c0b0", "c89ad0", "6f79c8"),
        0.4 + 0.85 * sketch.noise.fbm(x * 0.4, y, 150) + 0.12 * np.sin(x / 90),
    )
    sketch.fill(np.ones_like(x, dtype=np.bool_), water, 0.3 * sketch.noise.at(x, y, 90))
    leaves = ramp(
        palette("1f2a5f", "2f5a78", "4f8a5a", "c0b050", "f0c878", "fae6c0", "f2b49a"),
        0.06 + 0.75 * sketch.cloudy(120) + 0.35 * (sketch.cloudy(60, 2) - 0.5),
    )
    bank = sketch.ridge(208, 46, 210, 5)
    sketch.fill(y < bank, leaves, 0.5 * np.pi + 0.8 * sketch.noise.at(x, y, 80))
    # The far bank again, upside down and broken by the water.
    mirror = np.clip(2 * bank - y + 14 * np.sin(y / 5), 0, 639)
    depth = step(-(y - bank), -90, 120) * (0.25 + 0.45 * sketch.cloudy(50, 3))
    below = y >= bank
    sketch.rgb[below] = blend(sketch.rgb, sample(leaves, x, mirror) * 0.72, depth)[below]
    rail = 196 - 92 * np.clip(1 - ((x - 392) / 300) ** 2, -1, 1)
    timber = ramp(palette("4a7f86", "86bfb4", "d5ecd2"), sketch.cloudy(30, 2))
    for dy, half in ((0, 12), (-50, 7), (-25, 5)):
        sketch.fill((np.abs(y - rail - dy) < half) & (y < bank + 60), timber, slope(rail))
    for post in range(120, 690, 52):
        near = (np.abs(x - post) < 5) & (y > rail - 50) & (y < rail)
        sketch.fill(near, timber * 0.92, 0.5 * np.pi)
    leaf = ramp(palette("2f5a6a", "6a9a58", "d0bc60", "e8b880"), sketch.cloudy(26, 2))
    for _ in range(17):
        far = rng.uniform(0, 1) ** 0.8
        cx, cy = rng.uniform(0, 768), 275 + 350 * far
        wide = 24 + 76 * far
        sketch.fill(sketch.ellipse(cx, cy, wide, wide * 0.27), leaf, 0.05)
        sketch.fill(sketch.ellipse(cx - wide * 0.1, cy + wide * 0.28, wide * 0.9, wide * 0.06),
                    palette("2f5f86")[0], 0.0)  # fmt: skip
        for _ in range(rng.integers(1, 4)):
            bx = cx + rng.uniform(-0.7, 0.7) * wide
            by = cy - rng.uniform(0.05, 0.3) * wide
            petals = palette("f6b8c8", "fff1ee", "e4668f", "f7dd8a", "d9a3e0")[rng.integers(5)]
            sketch.fill(sketch.ellipse(bx, by, 11 + 14 * far, 8 + 9 * far), petals, -0.6)
            sketch.fill(sketch.ellipse(bx, by - 1, 2 + 2 * far, 2 + far), palette("ffcf4a")[0])
    column = y[:, :1]
    for strand in range(16):
        cx = rng.uniform(0, 230) if strand % 2 else rng.uniform(600, 768)
        end = rng.uniform(170, 430)
        sway = cx + 12 * np.sin(column / 60 + strand)
        hang = (np.abs(x - sway) < 9 + 5 * np.sin(column / 9)) & (column < end)
        greens = palette("3a4a7a", "8f9f4a", "4f6a6a", "d8b060")[rng.integers(4)]
        sketch.fill(hang, greens, 0.5 * np.pi + 0.15 * np.cos(column / 60 + strand))
    return sketch


def garden(scale: float) -> Array:
    """A pond with lilies under a bridge: short broken dabs of clear colour."""
    rng = np.random.default_rng(1899)
    scene = _pond(rng).scene()
    canvas = Canvas(768, 640, scale, palette("3d6a63")[0])
    for brush in (
        Brush(26, 90, 15, 5, 0.03, 0.009),
        Brush(14, 64, 11, 4, 0.035, 0.011, 0.35, 1.08),
        Brush(8, 36, 8, 3, 0.035, 0.011, 0.85, 1.12),
    ):
        brushed(canvas, scene, brush, rng)
    return lit(canvas.pixels(), canvas.relief(), scale, depth=0.8)
