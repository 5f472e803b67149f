"""A great wave before a mountain: carved lines, few inks, the grain of the plank."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, Mask, blend, grid, sample, step
from tools.style_pictures.colour import oklab, palette, ramp
from tools.style_pictures.noise import Noise
from tools.style_pictures.sketch import Sketch, depth, outline, path, smooth

_WAVE = path(
    "-60,700 -60,300 20,205 110,120 220,72 320,74 395,112 436,176 418,214 380,190 "
    "334,196 304,240 300,300 330,362 392,412 470,446 560,452 640,424 700,418 830,470 "
    "830,700"
)


_SWELL = path(
    "-60,700 -60,520 30,478 120,470 200,500 280,560 380,590 500,560 590,540 690,566 830,620 830,700"
)


def _foam(sketch: Sketch, rng: np.random.Generator) -> Mask:
    crest = smooth(_WAVE, 24)
    crest = crest[(crest[:, 1] < 232) & (crest[:, 0] > 60)]
    swell = smooth(_SWELL, 24)
    swell = swell[(swell[:, 1] < 592) & (swell[:, 0] > -20) & (swell[:, 0] < 780)]
    foam = np.zeros(sketch.angle.shape, dtype=np.bool_)
    for line, low, high, count in ((crest, 14, 30, 64), (swell, 5, 11, 90)):
        for cx, cy in line[rng.integers(0, len(line), count)]:
            r = rng.uniform(low, high)
            foam |= sketch.ellipse(cx + rng.normal(0, r / 2), cy + rng.normal(0, r / 2), r, r * 0.8)
    return foam


def _spray(rng: np.random.Generator) -> Array:
    """White fingers and drops thrown off the crest, (H, W), 0 to 1."""
    crest = smooth(_WAVE, 24)
    crest = crest[(crest[:, 1] < 232) & (crest[:, 0] > 60)]
    white, light = Canvas(768, 640, 1.0, (0, 0, 0)), (1.0, 1.0, 1.0)
    for start in crest[rng.integers(0, len(crest), 70)]:
        turn = rng.uniform(0.2, 1.4)
        for n in range(12):
            heading = turn + n * 0.12
            reach = 5.0 * n * np.array([np.cos(heading), np.sin(heading)])
            white.disc(start + reach, 6.5 * (1 - n / 13), light)
    for _ in range(70):
        place = np.array([rng.normal(420, 95), rng.normal(165, 80)])
        white.disc(place, rng.uniform(2.4, 4.6), light)
    return white.pixels()[..., 0]


def woodcut(scale: float) -> Array:
    """A great wave before a mountain: carved lines, few inks, the grain of the plank."""
    rng = np.random.default_rng(1831)
    sketch = Sketch(768, 640, 31)
    x, y = sketch.x, sketch.y
    tone, phase = np.zeros_like(x), y / 9.0
    everywhere = np.ones_like(x, dtype=np.bool_)

    def cut(where: Mask, colour: Array, carve: Array, shade: Array) -> None:
        sketch.fill(where, colour)
        phase[where], tone[where] = carve[where], np.broadcast_to(shade, x.shape)[where]

    sky = ramp(palette("2c4a6e", "d8c8a0", "f8ecd2", "fae2bc", "f0b07c", "e58f5a"), y / 430)
    cut(everywhere, sky, y / 8 + 1.6 * sketch.noise.at(x, y, 170), 0.3 - 0.2 * y / 430)
    cut(sketch.ellipse(640, 120, 58, 58), palette("c8402f")[0], y / 6, 0.25 * np.ones_like(x))
    for cx, cy, wide in ((560, 70, 130), (700, 190, 120), (90, 60, 120)):
        band = np.abs(y - cy - 9 * np.sin(x / 40)) < 10 * np.sqrt(
            np.clip(1 - ((x - cx) / wide) ** 2, 0, 1)
        )
        cut(band, palette("f4e9cb")[0], y / 5, 0.15 * np.ones_like(x))
    peak = np.array(
        [[430, 470], [520, 330], [565, 262], [600, 262], [650, 330], [768, 445], [768, 480]]
    )
    slopes = np.abs(x - 582) / 7 + y / 20
    cut(sketch.inside(peak), palette("4f6f8f")[0], slopes, np.where(x > 582, 0.6, 0.3))
    jag = 322 + 16 * np.abs(np.mod(x / 15, 2) - 1) + 9 * sketch.noise.at(x, y, 40)
    cut(sketch.inside(peak) & (y < jag), palette("f6efdc")[0], slopes, np.where(x > 582, 0.35, 0.1))
    wave = sketch.inside(smooth(_WAVE))
    within = depth(wave)
    body = ramp(palette("9fc1c4", "5d95b0", "2f6a9c", "1d447c", "142c58"), (within - 20) / 150)
    cut(
        wave,
        body,
        within / 11 + 0.5 * sketch.noise.at(x, y, 60),
        np.clip(0.1 + within / 260, 0, 0.6),
    )
    for cx, cy, turn in ((520, 472, 0.16), (150, 452, -0.3)):
        hull = sketch.ellipse(cx, cy, 96, 17, turn) & ~sketch.ellipse(cx, cy - 16, 104, 17, turn)
        cut(hull, palette("d8a04a")[0], y / 4, 0.3 * np.ones_like(x))
        for n in range(6):
            rx = cx + (n - 2.5) * 22 * np.cos(turn)
            ry = cy + (n - 2.5) * 22 * np.sin(turn) - 3
            cut(
                sketch.ellipse(rx, ry, 9, 8), palette("b8402f", "2c4a6e")[n % 2], x / 4, 0.4 + 0 * x
            )
            cut(sketch.ellipse(rx + 2, ry - 10, 5, 5), palette("f0cfa0")[0], x / 4, 0 * x)
    swell = sketch.inside(smooth(_SWELL))
    within = depth(swell)
    body = ramp(palette("7fb0b8", "3f7fa6", "1f4f86", "13305f"), (within - 8) / 80)
    cut(
        swell,
        body,
        within / 8.5 + 0.4 * sketch.noise.at(x, y, 50),
        np.clip(0.15 + within / 180, 0, 0.6),
    )
    foam = _foam(sketch, rng)
    # Paler than the sky or ringed with lines, foam would make lumps of every pale face.
    cut(foam, palette("cfdfe0")[0], y / 9, 0 * x)

    gx, gy = grid(768, 640, scale)
    flat, rim = sample(sketch.rgb, gx, gy), sample(outline(sketch.region), gx, gy)
    stripes = np.abs(np.mod(sample(phase, gx, gy), 1) - 0.5) * 2
    rough = Noise(9)
    wobble = 0.16 * rough.at(gx, gy, 14) + 0.1 * rough.at(gx, gy, 5)
    lines = step(sample(tone, gx, gy) + wobble, stripes, 0.22) * (sample(tone, gx, gy) > 0.02)
    key = palette("16223f")[0]
    rgb = blend(flat, flat * 0.28 + key * 0.55, lines * 0.92)
    pen = 2.9 - 2.6 * oklab(flat)[..., 0] ** 2
    rgb = blend(rgb, key, step(pen + 6 * wobble - rim, 0, 1.1))
    spray = sample(_spray(rng), gx, gy)
    rgb = blend(rgb, palette("e4ecea")[0], step(spray + 0.4 * wobble, 0.5, 0.5))
    grain = rough.fbm(gx * 0.09, gy + 5 * rough.at(gx, gy, 190), 6, 3)
    speck = rough.at(gx + 50, gy, 2.6) + rough.at(gx, gy + 70, 5.5)
    return blend(
        rgb, palette("efe2c2")[0], 0.34 * step(grain, 0.16, 0.5) + 0.6 * step(speck, 1.0, 0.3)
    )
