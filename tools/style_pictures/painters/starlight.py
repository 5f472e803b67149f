"""A night of whirling winds over a village: thick oil laid in long curved strokes."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, blend, lit, step
from tools.style_pictures.colour import palette, ramp
from tools.style_pictures.sketch import Sketch, slope
from tools.style_pictures.strokes import Brush, brushed

# Middle (x, y), radius and sense of the whirls, then of the stars, in units.
_WHIRLS = ((300, 215, 105, 1.0), (452, 268, 70, -1.0), (96, 300, 60, 1.0))


# Few and large: small round stars would sit on the eyes of a portrait.
_STARS = ((96, 84, 52), (318, 66, 40), (690, 286, 34))


_MOON = (590, 112, 76)


def _night_sky(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    vx = np.ones_like(x)
    vy = 0.35 * np.cos(x / 70) + 0.5 * sketch.noise.at(x, y, 150)
    glow = 0.25 * sketch.noise.fbm(x, y, 130)
    for cx, cy, radius, sense in _WHIRLS:
        dx, dy = x - cx, y - cy
        r = np.hypot(dx, dy) + 1e-6
        pull = 6 * np.exp(-((r / radius) ** 2))
        vx, vy = vx - sense * pull * (dy / r + 0.18 * dx / r), vy + sense * pull * dx / r
        band = np.cos(r / 8.5 - 1.5 * np.arctan2(dy, dx) * sense)
        glow = glow + np.exp(-((r / radius) ** 2) * 0.9) * (0.42 + 0.3 * band)
    # Pale winds and a bright haze over the hills: light that is stroke and not disc.
    wind = np.sin((y + 46 * np.sin(x / 115)) / 27 + 1.6 * sketch.noise.at(x, y, 170))
    glow = glow + 0.3 * np.clip(wind, 0, 1) + 0.55 * np.exp(-(((y - 392) / 46) ** 2))
    light = np.zeros_like(x)
    for cx, cy, radius in (*_STARS, _MOON):
        dx, dy = x - cx, y - cy
        r = np.hypot(dx, dy) + 1e-6
        pull = 9 * np.exp(-((r / (1.5 * radius)) ** 2))
        vx, vy = vx - pull * dy / r, vy + pull * dx / r
        ring = 0.86 + 0.14 * np.cos(r / 9 - 2 * np.arctan2(dy, dx))
        light = np.maximum(light, np.exp(-((r / radius) ** 2)) * ring)
    blues = palette("0b1a4a", "16367f", "2a5db0", "4f8fcf", "9cc8d8", "f0e8c0", "f6dca0")
    golds = palette("2a5db0", "6fa9c4", "c9cf7a", "f0d066", "ffe9a0", "fff6d0")
    sky = ramp(blues, 0.34 + 0.62 * glow)
    sky = blend(sky, ramp(golds, light * 1.05), step(light, 0.22, 0.3))
    sketch.fill(np.ones_like(x, dtype=np.bool_), sky, np.arctan2(vy, vx))


def _night_land(sketch: Sketch, rng: np.random.Generator) -> None:
    tones = (("274c8a", "5d8fb8"), ("1c3a73", "3f7aa0"), ("7a4a22", "e0a848"), ("8a5a22", "f2cf6a"))
    for n, (dark, bright) in enumerate(tones):
        ridge = sketch.ridge(430 + 42 * n, 60 - 8 * n, 260, 90.0 * n + 11)
        colours = ramp(palette(dark, bright), sketch.cloudy(46, 3, 70.0 * n))
        sketch.fill(
            sketch.y > ridge, colours, slope(ridge) + 0.15 * sketch.noise.at(sketch.x, sketch.y, 40)
        )
    for n in range(26):
        cx = rng.uniform(205, 700)
        cy = 545 + 120 * (n / 26) + rng.uniform(-10, 10)
        wide, tall = rng.uniform(20, 34), rng.uniform(18, 30)
        wall = palette("34527a", "4c6d8c", "8a7d5a", "2b4468", "a48f5e")[rng.integers(5)]
        roof = palette("16233f", "7a3b2a", "243a5e", "a3532f")[rng.integers(4)]
        box = (np.abs(sketch.x - cx) < wide) & (sketch.y > cy - tall) & (sketch.y < cy + 6)
        sketch.fill(box, wall, 0.5 * np.pi)
        gable = np.array(
            [
                [cx - wide - 4, cy - tall],
                [cx + wide + 4, cy - tall],
                [cx + wide * 0.5, cy - tall - 17],
                [cx - wide * 0.5, cy - tall - 17],
            ]
        )
        sketch.fill(sketch.inside(gable), roof, 0.1)
        for dx in (-0.45, 0.4):
            pane = (np.abs(sketch.x - cx - dx * wide) < 5) & (np.abs(sketch.y - cy + 10) < 5.5)
            sketch.fill(pane, palette("ffd24a", "ffb52e")[rng.integers(2)], 0.5 * np.pi)
    spire = np.array([[452, 585], [458, 500], [465, 436], [472, 500], [478, 585]], dtype=np.float64)
    sketch.fill(sketch.inside(spire), palette("1d2f55")[0], 0.5 * np.pi)
    trees = ((112, 700, 78, 640), (186, 730, 44, 420))
    for cx, foot, wide, tall in trees:
        up = np.clip((foot + 40 - sketch.y) / tall, 0, 1)
        half = wide * np.sin(np.pi * np.clip(up, 0.02, 1) ** 0.72) ** 0.8
        sway = 16 * np.sin(up * 7) + 9 * sketch.noise.at(sketch.x * 0, sketch.y, 40)
        inside = (np.abs(sketch.x - cx - sway) < half * (1 + 0.18 * np.sin(up * 46))) & (up < 1)
        lick = np.sin((sketch.x - cx - sway) / 7 + 5 * np.sin(sketch.y / 48))
        greens = palette("0c1613", "16301f", "2f4a1f", "6b5a26")
        flame = 0.5 * np.pi + 0.5 * np.sin(sketch.y / 34 + sketch.x / 30)
        sketch.fill(inside, ramp(greens, 0.4 + 0.4 * lick), flame)


def starlight(scale: float) -> Array:
    """A night of whirling winds over a village: thick oil laid in long curved strokes."""
    rng = np.random.default_rng(1889)
    sketch = Sketch(720, 720, 18)
    _night_sky(sketch)
    _night_land(sketch, rng)
    scene = sketch.scene()
    canvas = Canvas(720, 720, scale, palette("12244f")[0])
    for brush in (
        Brush(21, 84, 12, 5, 0.04, 0.02),
        Brush(13, 56, 9.5, 4, 0.045, 0.022, 0.4),
        Brush(7.5, 30, 7, 3, 0.045, 0.02, 0.88, 1.12),
    ):
        brushed(canvas, scene, brush, rng)
    return lit(canvas.pixels(), canvas.relief(), scale, depth=1.5)
