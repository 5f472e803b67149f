"""A window with sun, river and lilies: streaky glass in lead, lit from behind."""

import numpy as np
from scipy.ndimage import gaussian_filter

from tools.style_pictures.canvas import Array, blend, grid, sample, step
from tools.style_pictures.colour import either, oklab, palette, ramp, srgb, varied
from tools.style_pictures.noise import Noise, owners, relaxed, scattered
from tools.style_pictures.sketch import Sketch, outline, smooth


def _window(rng: np.random.Generator) -> Sketch:
    sketch = Sketch(640, 768, 12)
    x, y = sketch.x, sketch.y
    sun = np.hypot(x - 330, y - 240)
    around = np.arctan2(y - 240, x - 330)
    rays = np.floor(around / (np.pi / 14)) % 2
    rings = (
        "fff3a8",
        "ffd23f",
        "f9a01f",
        "ef6a2a",
        "d8345a",
        "9a2a8a",
        "4a2f9a",
        "1f3f9f",
        "123070",
    )
    for n, radius in enumerate((900, 420, 345, 285, 230, 182, 140, 102, 66)):
        colours = palette(rings[8 - n], rings[max(0, 7 - n)])
        sketch.fill(sun < radius, np.where((rays > 0)[..., None], colours[0], colours[1]))
        if n in (2, 4, 6):
            sketch.fill((sun < radius) & (rays > 0), palette(rings[max(0, 8 - n - 1)])[0])
    for n, codes in enumerate(
        (("3f6fbf", "6fb3e8"), ("2a8f9a", "58c8b0"), ("3faa4a", "a8d84a"), ("157045", "58b03a"))
    ):
        ridge = sketch.ridge(440 + 52 * n, 70, 300, 55.0 * n + 2)
        band = np.floor((y - ridge) / 34)
        sketch.fill(y > ridge, either(band % 2 > 0, *codes))
    river = np.abs(x - 300 - 90 * np.sin(y / 62) - 0.2 * (y - 500)) < 12 + (y - 470) * 0.26
    flow = np.floor((y + 10 * np.sin(x / 30)) / 27) % 3
    waters = palette("1f6fd0", "4fb3ec", "b4e6f6")
    sketch.fill(river & (y > 520), waters[flow.astype(np.int64)])
    trunk = np.abs(x - 560 - 22 * np.sin(y / 70)) < 13 + 20 * np.clip((y - 560) / 200, 0, 1)
    sketch.fill(trunk & (y > 190), palette("6a2f1f")[0])
    for _ in range(22):
        cx, cy = 550 + rng.normal(0, 52), 190 + rng.normal(0, 80)
        turn = rng.uniform(0, 3.1)
        leaf = palette("1f8a3f", "7fc23a", "c8d83a", "0f5f45", "e8a020")[rng.integers(5)]
        sketch.fill(sketch.ellipse(cx, cy, 40, 21, turn), leaf)
    for cx, cy, size, code in (
        (92, 640, 62, "e02a4f"), (196, 700, 50, "f0862a"), (60, 520, 44, "c83a9f"),
        (470, 690, 58, "e8304a"), (580, 640, 46, "f4b82a"), (390, 722, 40, "d04ab8"),
    ):  # fmt: skip
        stem = np.abs(x - cx - 6 * np.sin(y / 30)) < 5
        sketch.fill(stem & (y > cy), palette("1d6a2f")[0])
        for petal in range(6):
            turn = petal * np.pi / 3 + 0.3
            where = sketch.ellipse(
                cx + 0.58 * size * np.cos(turn),
                cy + 0.58 * size * np.sin(turn),
                size * 0.52,
                size * 0.29,
                turn,
            )
            sketch.fill(where, varied(rng, palette(code), 0.05, 0.02)[0])
        sketch.fill(sketch.ellipse(cx, cy, size * 0.24, size * 0.24), palette("ffe45a")[0])
    for bx, by, wing in ((150, 150, 1), (220, 95, -1)):
        bird = smooth(
            [
                (bx - 62, by - 24 * wing),
                (bx - 20, by - 12),
                (bx, by + 6),
                (bx + 26, by - 16),
                (bx + 66, by - 30),
                (bx + 18, by + 12),
                (bx - 4, by + 22),
            ]
        )
        sketch.fill(sketch.inside(bird), palette("f8f4e6")[0])
    margin = np.minimum(np.minimum(x, 640 - x), np.minimum(y, 768 - y))
    beat = (np.floor((x + y * 0) / 40) + np.floor(y / 40)) % 3
    sketch.fill(margin < 30, palette("8a1f3f", "1f3f8f", "c88a1f")[beat.astype(np.int64)])
    sketch.fill((margin >= 30) & (margin < 44), palette("e8d8a0")[0])
    return sketch


def stained_glass(scale: float) -> Array:
    """A window with sun, river and lilies: streaky glass in lead, lit from behind."""
    rng = np.random.default_rng(1240)
    sketch = _window(rng)
    points = relaxed(scattered(rng, 640, 768, 54), 640, 768, 2)
    bent = 5 * sketch.noise.at(sketch.x, sketch.y, 50)
    cell = owners(points, sketch.x + bent, sketch.y - bent)[1][..., 0]
    # A pane is a cell of one region and one colour: the lead follows the drawing.
    codes = np.rint(sketch.rgb * 63).astype(np.int64) @ np.array([1, 64, 4096])
    _, shape = np.unique(codes, return_inverse=True)
    pane = shape.reshape(cell.shape) * len(points) + cell
    _, number = np.unique(pane, return_inverse=True)
    number = number.reshape(cell.shape)
    colours = np.zeros((number.max() + 1, 3))
    colours[number.ravel()] = sketch.rgb.reshape(-1, 3)
    colours = varied(rng, colours, 0.055, 0.022, 1.12)
    x, y = grid(640, 768, scale)
    column, row = np.clip(x, 0, 639).astype(np.int64), np.clip(y, 0, 767).astype(np.int64)
    glass = oklab(colours[number[row, column]])
    hand = Noise(4)
    turn = (number[row, column] * 2.399) % np.pi
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    streak = hand.fbm(u * 0.25, v + 3 * hand.at(x, y, 60), 13, 3)
    bubble = hand.at(x + 31, y, 4.2) + 0.5 * hand.at(x, y + 77, 8)
    glass[..., 0] += 0.085 * streak + 0.05 * hand.fbm(x, y, 170) + 0.06 * step(bubble, 0.8, 0.3)
    glass[..., 1:] *= (1.12 - 0.25 * streak)[..., None]
    major, minor = outline(sketch.region), outline(number)
    gap = sample(gaussian_filter(np.minimum(minor, major * 0.66), 0.6), x, y)
    rim = step(5 - gap, 0, 10)
    glass[..., 0] += 0.05 - 0.13 * rim
    lead = step(1.75 + 0.5 * hand.at(x, y, 26) - gap, 0, 1.2)
    sheen = np.clip(1 - np.abs(gap - 0.6) / 0.9, 0, 1) * (0.4 + 0.4 * hand.at(x, y, 11))
    metal = ramp(palette("0b0c12", "1d1f2a", "6a6f7f"), 0.25 + 0.6 * np.clip(sheen, 0, 1))
    return blend(srgb(glass), metal, lead)
