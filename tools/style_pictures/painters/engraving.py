"""A sleeping owl by moonlight: swelling engraved lines that follow the form, tinted by hand."""

import numpy as np
from scipy.ndimage import gaussian_filter

from tools.style_pictures.canvas import Array, blend, grid, sample, step
from tools.style_pictures.colour import palette, ramp
from tools.style_pictures.noise import Noise
from tools.style_pictures.sketch import Sketch, outline


def _owl(sketch: Sketch, rng: np.random.Generator) -> tuple[Array, Array]:
    """An owl asleep on a bough under the moon: (tone, relief), each (H, W)."""
    x, y = sketch.x, sketch.y
    moon = np.hypot(x - 330, y - 250)
    tone = 0.62 - 0.2 * y / 768 + 0.22 * sketch.noise.fbm(x * 0.5, y, 90)
    tone = np.where(
        moon < 238, 0.12 + 0.12 * sketch.cloudy(70), tone + 0.25 * np.exp(-(moon - 238) / 60)
    )
    relief = 9 * sketch.noise.fbm(x, y, 120) + np.where(moon < 238, moon * 0.12, 0)
    for n in range(3):
        ridge = sketch.ridge(540 + 62 * n, 66, 180, 40.0 * n)
        hill = y > ridge
        tone = np.where(hill, 0.3 + 0.16 * n + 0.5 * sketch.noise.at(x, y, 40), tone)
        relief = np.where(hill, 0.5 * ridge + 8 * sketch.noise.at(x, y, 50), relief)
        sketch.fill(hill, palette("4a6f6a", "39595a", "2c4445")[n])
    bough = np.abs(y - 628 - 30 * np.sin(x / 130) - 8 * sketch.noise.at(x, y, 60)) < 34
    tone = np.where(
        bough, 0.35 + 0.5 * (y - 600) / 70 + 0.3 * sketch.noise.at(x * 0.2, y, 12), tone
    )
    relief = np.where(bough, 0.9 * y + 10 * sketch.noise.at(x * 0.2, y, 10), relief)
    sketch.fill(bough, palette("7a4f2f")[0])
    for cx, cy, rx, ry, turn in (
        (330, 455, 150, 205, 0.0), (228, 475, 62, 178, 0.16),
        (432, 475, 62, 178, -0.16), (330, 268, 142, 118, 0.0),
    ):  # fmt: skip
        part = sketch.ellipse(cx, cy, rx, ry, turn)
        u, v = (x - cx) / rx, (y - cy) / ry
        dome = np.sqrt(np.clip(1.15 - u**2 - v**2, 0.02, None))
        row = np.floor(y / 21)
        scallop = np.hypot(np.mod(x + 12 * np.mod(row, 2), 24) - 12, np.mod(y, 21) - 4) / 17
        feather = np.clip(scallop, 0, 1) ** 3
        tone = np.where(part, 0.28 - 0.42 * (u * -0.6 - 0.3 * v) + 0.5 * feather - 0.1 * dome, tone)
        relief = np.where(part, 46 * dome + 11 * feather, relief)
        sketch.fill(
            part,
            palette("b8763f", "8f5a34", "8f5a34", "c48a4e")[
                0 if rx == 150 else 3 if rx == 142 else 1
            ],
        )
    for side in (-1, 1):
        ear = np.array([[330 + side * 60, 190], [330 + side * 132, 110], [330 + side * 128, 240]])
        tone = np.where(sketch.inside(ear), 0.62, tone)
        sketch.fill(sketch.inside(ear), palette("8f5a34")[0])
        # The owl sleeps: round open eyes would look out of every face painted in this style.
        dx, dy = x - 330 - side * 62, y - 258
        mask = np.hypot(dx, dy) < 66
        tone = np.where(mask, 0.16 + 0.12 * np.cos(np.arctan2(dy, dx) * 18), tone)
        relief = np.where(mask, 40 * np.sqrt(np.clip(1.1 - np.hypot(dx, dy) / 66, 0, 1)), relief)
        sketch.rgb[mask] = palette("e6c08a")[0]
        lid = (np.hypot(dx, dy) < 42) & (np.hypot(dx * 0.96, dy + 15) > 44)
        tone = np.where(lid, 0.97, tone)
        sketch.fill(lid, palette("3a2a26")[0])
    beak = sketch.inside(np.array([[308, 290], [352, 290], [330, 352]]))
    tone = np.where(beak, 0.25 + 0.5 * (x > 330), tone)
    sketch.fill(beak, palette("d88a2f")[0])
    for _ in range(46):
        lx, ly = rng.uniform(0, 660), rng.uniform(560, 760)
        tilt, size = rng.uniform(-1.2, 1.2), rng.uniform(16, 34)
        leaf = sketch.ellipse(lx, ly, size, size * 0.36, tilt)
        vein = (x - lx) * np.sin(tilt) - (y - ly) * np.cos(tilt)
        tone = np.where(leaf, 0.32 + vein / size + 0.2 * (np.abs(vein) < 1.3), tone)
        relief = np.where(leaf, 40 * np.sin(tilt) + vein * 1.4, relief)
        sketch.fill(leaf, palette("b5532f", "6f7f3a", "c98a35", "456a52")[rng.integers(4)])
    return tone, relief


def engraving(scale: float) -> Array:
    """A sleeping owl by moonlight: swelling engraved lines that follow the form, tinted by hand."""
    rng = np.random.default_rng(1510)
    sketch = Sketch(640, 768, 51)
    moonlit = sketch.ellipse(330, 250, 238, 238)
    sketch.fill(np.ones_like(moonlit), ramp(palette("2f5f7f", "5f8f9c", "a9b89a"), sketch.y / 620))
    sketch.fill(moonlit, palette("f3dfa6")[0])
    tone, relief = _owl(sketch, rng)
    relief = gaussian_filter(relief, 1.2)
    x, y = grid(640, 768, scale)
    shade = np.clip(sample(tone, x, y), 0.02, 0.97)
    form = sample(relief, x, y)
    hand = Noise(3)
    tremble = 0.5 * hand.at(x, y, 30)
    first = np.abs(np.mod((y + form * 0.8 + tremble) / 7.4, 1) - 0.5) * 2
    second = np.abs(np.mod((0.87 * x + 0.5 * y - form * 0.6 + tremble) / 7.8, 1) - 0.5) * 2
    third = np.abs(np.mod((0.8 * x - 0.6 * y + form * 0.3) / 7.8, 1) - 0.5) * 2
    edge = 0.22
    ink = step(shade * 0.9 + 0.06, first, edge)
    ink = np.maximum(ink, step((shade - 0.4) * 1.15, second, edge))
    ink = np.maximum(ink, step((shade - 0.66) * 1.5, third, edge))
    rim = sample(outline(sketch.region), x, y)
    ink = np.maximum(ink, step(1.5 + 0.8 * hand.at(x, y, 22) - rim, 0, 1.2))
    tint = sample(gaussian_filter(sketch.rgb, (1.5, 1.5, 0)), x, y)
    paper = ramp(palette("e9d8b0", "f6ecd2"), 0.5 + 0.35 * hand.fbm(x, y, 60))
    wash = blend(paper, tint, 0.62 + 0.2 * hand.fbm(x + 99, y, 45))
    rgb = blend(wash, palette("1b1c2e")[0], ink * (0.93 - 0.1 * hand.at(x, y, 3)))
    return rgb + 0.025 * hand.at(x, y, 2.3)[..., None]
