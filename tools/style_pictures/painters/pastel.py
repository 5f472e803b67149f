"""Hills above the sea at sundown: dry chalk dragged over toothy paper."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, blend, grid, sample, step
from tools.style_pictures.colour import oklab, palette, ramp, srgb, varied
from tools.style_pictures.noise import Noise, scattered
from tools.style_pictures.sketch import Sketch, slope
from tools.style_pictures.strokes import traced


def _coast(rng: np.random.Generator) -> Sketch:
    sketch = Sketch(720, 720, 77)
    x, y = sketch.x, sketch.y
    r = np.hypot(x - 470, y - 235)
    sky = ramp(
        palette("fff6e4", "ffdfae", "fbab84", "e8628a", "8f4fa8", "3d4a9a", "1a2560"),
        r / 560 + 0.16 * sketch.noise.fbm(x * 0.4, y, 110),
    )
    sketch.fill(np.ones_like(x, dtype=np.bool_), sky, np.arctan2(y - 235, x - 470) + 0.5 * np.pi)
    sketch.fill(sketch.ellipse(470, 235, 44, 44), palette("fffbe0")[0])
    tones = (
        ("6a5aa8", "c97fb0"), ("3f5fa0", "e0857f"), ("1f7a80", "f0a860"), ("24566a", "f0b078"),
        ("3a2a5a", "d0583f"), ("163a5f", "e0b060"),
    )  # fmt: skip
    for n, (dark, bright) in enumerate(tones):
        ridge = sketch.ridge(330 + 64 * n, 62 + 5 * n, 250 - 12 * n, 31.0 * n + 4)
        face = 0.5 - 0.9 * np.gradient(ridge, axis=1) + 0.35 * sketch.noise.fbm(x, y, 60)
        hatch = slope(ridge) + (0.9 if n % 2 else -0.5)
        sketch.fill(y > ridge, ramp(palette(dark, bright), face), hatch)
        for _ in range(5 if n < 3 else 9):
            cx = rng.uniform(0, 720)
            foot = float(ridge[0, min(719, int(cx))]) + rng.uniform(4, 40)
            tall = rng.uniform(26, 40) + 13 * n
            crown = sketch.ellipse(cx, foot - tall * 0.5, tall * 0.17, tall * 0.52)
            side = 0.5 + (cx - x[crown]) / (tall * 0.3) * -0.6
            sketch.fill(crown, ramp(palette("0c1626", "163f4a", "e8a03f"), side), 1.35)
    return sketch


def pastel(scale: float) -> Array:
    """Hills above the sea at sundown: dry chalk dragged over toothy paper."""
    rng = np.random.default_rng(1905)
    sketch = _coast(rng)
    x, y = grid(720, 720, scale)
    tooth = Noise(5)
    paper = tooth.at(x, y, 3.4) + 0.8 * tooth.at(x + 9, y - 4, 7) + 0.5 * tooth.at(x, y, 15)
    # A rubbed underpainting, darker and cooler than what goes over it: bare paper would be
    # specks that other pictures take for dirt.
    under = oklab(sample(sketch.rgb, x, y)) * np.array([0.68, 1, 1])
    rgb = srgb(under + 0.03 * paper[..., None] * np.array([1, 0, 0]) + np.array([0, 0.01, -0.03]))
    for width, length, gap, press, boost in (
        (22, 120, 10, -0.35, 0.95), (11, 80, 8, 0.36, 1.2), (5.5, 46, 6.5, 0.5, 1.35),
    ):  # fmt: skip
        chalk = Canvas(720, 720, scale, (0, 0, 0))
        starts = scattered(rng, 720, 720, gap)
        colours = varied(rng, sample(sketch.rgb, starts[:, 0], starts[:, 1]), 0.045, 0.035, boost)
        paths = traced(sketch.angle, starts, length)
        tones = np.maximum(colours, 0.02).tolist()
        weight = rng.uniform(0.25, 1.0, len(starts)).tolist()
        for n in range(len(starts)):
            chalk.line(paths[n], tones[n], width, weight[n])
        share = step(chalk.relief() - 0.5 + 0.45 * paper, press - 0.25, 0.45)
        rgb = blend(rgb, chalk.pixels(), share * 0.95)
    return rgb
