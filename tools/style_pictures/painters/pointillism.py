"""A Sunday by the river: dots of pure colour that mix in the eye."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, lit, sample
from tools.style_pictures.colour import oklab, palette, ramp, srgb, varied
from tools.style_pictures.noise import scattered
from tools.style_pictures.sketch import Sketch


def _riverside(rng: np.random.Generator) -> Sketch:
    sketch = Sketch(768, 640, 84)
    x, y = sketch.x, sketch.y
    sketch.fill(
        np.ones_like(x, dtype=np.bool_),
        ramp(
            palette("6f9fe0", "a9c8f0", "fbe3c0", "ffd0b0"),
            y / 230 + 0.12 * sketch.noise.fbm(x * 0.4, y, 100),
        ),
    )
    water = ramp(
        palette("e8d0d8", "8fb8e8", "4f7fd0", "3a5fb8"),
        (y - 205) / 260 + 0.2 * sketch.noise.at(x * 0.3, y, 22),
    )
    sketch.fill(y > 205, water)
    far = sketch.below(205, 26, 130, 3) & (y < 214)
    sketch.fill(far, palette("5a7fa8")[0])
    for cx, cy, size in ((300, 270, 62), (420, 236, 34), (210, 228, 24), (520, 300, 74)):
        for lean, code in ((-1, "fff6e4"), (1, "f3c9a0")):
            sail = np.array(
                [[cx, cy - size * 1.7], [cx + lean * size * 0.75, cy - 6], [cx, cy - 6]]
            )
            sketch.fill(sketch.inside(sail), palette(code)[0])
            glint = sail * [1, -0.8] + [0, 1.8 * cy]
            inside = sketch.inside(glint) & (np.sin(y / 3.2) > -0.2)
            sketch.fill(inside, palette(code)[0] * 0.9)
        sketch.fill(sketch.ellipse(cx, cy, size * 0.8, 7), palette("7a2f3a")[0])
    shore = sketch.y > 330 + 0.42 * (560 - sketch.x) + 16 * np.sin(sketch.x / 60)
    lawn = ramp(
        palette("e88a5a", "f8c090", "ffe0b8", "f8d070"), sketch.cloudy(80) + 0.2 * np.sin(y / 40)
    )
    sketch.fill(shore, lawn)
    shadow = sketch.y > 500 + 0.3 * (470 - sketch.x) + 22 * sketch.noise.at(x, y * 0, 60)
    sketch.fill(shadow, ramp(palette("3f4f9f", "2f7a5a", "8f6ab0", "c86a8a"), sketch.cloudy(60)))
    leaves = sketch.noise.at(x, y, 18)
    autumn, summer = (
        palette("4a2f7f", "c8503a", "f8a03a", "ffe08a"),
        palette("23386f", "2f7a4a", "8fc03f", "ffd95a"),
    )
    # Most trees have turned: with green alone, skin would be painted in it.
    for cx, foot, tall, crown, leaf in (
        (668, 520, 430, 130, autumn),
        (90, 600, 470, 120, autumn),
        (560, 430, 250, 62, summer),
        (735, 420, 300, 70, summer),
    ):
        trunk = (
            (np.abs(x - cx - 8 * np.sin(y / 70)) < 5 + tall / 60) & (y < foot) & (y > foot - tall)
        )
        sketch.fill(trunk, palette("4a2f4f")[0])
        for _ in range(13):
            bx, by = cx + rng.normal(0, crown * 0.5), foot - tall + rng.normal(0, crown * 0.42)
            puff = crown * rng.uniform(0.28, 0.5)
            where = sketch.ellipse(bx, by, puff, puff * 0.8)
            side = 0.5 - 0.35 * ((x - bx) * 0.6 + (y - by)) / puff + 0.2 * leaves
            sketch.fill(where, ramp(leaf, side[where]))
    for cx, foot, tall, dress, shade in (
        (420, 560, 150, "b83a6a", "f2a04a"), (352, 590, 160, "3a3f8f", "22264f"),
        (250, 470, 80, "e8e0f0", "e05a5a"),
        (560, 600, 130, "e8703f", "f8e8c0"),
        (470, 430, 60, "5a3a8f", "f0c060"), (640, 470, 60, "c8404a", "fff0d0"),
    ):  # fmt: skip
        girth = tall * 0.2
        height = np.asarray((foot - y) / tall)
        skirt = (
            (np.abs(x - cx) < girth * (1.15 - 0.85 * np.clip(height, 0, 0.7)))
            & (height > 0)
            & (height < 0.72)
        )
        turned = np.asarray(0.3 * (x - cx) / girth)
        sketch.fill(skirt, ramp(palette(dress, dress, "2a2a5f"), 0.5 + turned))
        sketch.fill(
            sketch.ellipse(cx, foot - tall * 0.79, tall * 0.07, tall * 0.085), palette("f2c8a0")[0]
        )
        top = foot - tall * 0.9
        dome = sketch.ellipse(cx + girth * 0.3, top, girth * 1.5, tall * 0.2) & (y < top)
        sketch.fill(dome, ramp(palette(shade, shade, "7f3f6f"), 0.5 + turned))
        sketch.fill(
            (np.abs(x - cx - girth * 0.3) < 1.6) & (y > top) & (y < foot - tall * 0.5),
            palette("3a2a4a")[0],
        )
        gloom = sketch.ellipse(cx - tall * 0.35, foot + 3, tall * 0.42, tall * 0.045)
        sketch.fill(gloom, palette("2a3f7a")[0])
    return sketch


def pointillism(scale: float) -> Array:
    """A Sunday by the river: dots of pure colour that mix in the eye."""
    rng = np.random.default_rng(1886)
    sketch = _riverside(rng)
    canvas = Canvas(768, 640, scale, palette("e8dcc0")[0])
    pure = palette(
        "f4511e", "ffb300", "fdd835", "9ccc3c", "2e9a4a", "1fa39a", "3f8fe0", "2f4fc0", "6a3fb0",
        "c03f9a", "e0356a", "fff8e8", "232a5a", "f8b8a8", "a8d8f0",
    )  # fmt: skip
    choices = oklab(pure)
    for gap, radius, stray in ((11, 8.2, 0.04), (9.2, 5.2, 0.08), (10, 3.9, 0.11)):
        points = scattered(rng, 768, 640, gap)
        colour = oklab(sample(sketch.rgb, points[:, 0], points[:, 1]))
        colour[:, 1:] *= 1.25
        # Optical mixture: the nearest pure colour to what is wanted plus a chance error.
        wanted = colour + rng.normal(0, 1, colour.shape) * np.array([stray * 0.7, stray, stray])
        dot = choices[((wanted[:, None] - choices) ** 2).sum(axis=-1).argmin(axis=1)]
        mix = srgb(0.55 * dot + 0.45 * colour)
        mix = varied(rng, mix, 0.025, 0.012)
        size = (radius * rng.uniform(0.72, 1.12, len(points))).tolist()
        high = rng.uniform(0.4, 0.9, len(points)).tolist()
        tones = mix.tolist()
        for n in range(len(points)):
            canvas.disc(points[n], size[n], tones[n], high[n])
    return lit(canvas.pixels(), canvas.relief(), scale, depth=0.5, softness=0.8)
