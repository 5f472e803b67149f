"""Lotus blossoms and waves in wax and indigo, with the crackle of the wax."""

import numpy as np

from tools.style_pictures.canvas import Array, blend, grid, sample, step
from tools.style_pictures.colour import oklab, palette, srgb
from tools.style_pictures.noise import Noise, owners, scattered
from tools.style_pictures.sketch import Sketch, outline


def _lotus(sketch: Sketch, cx: float, cy: float, size: float, petals: int) -> Array:
    """Which ring of a blossom each place is in, from outside, (H, W); 0: none."""
    r = np.hypot(sketch.x - cx, sketch.y - cy) / size
    turn = np.arctan2(sketch.y - cy, sketch.x - cx)
    ring = np.zeros_like(r)
    for n, edge in enumerate((1.0, 0.93, 0.6, 0.34, 0.2, 0.1)):
        lobe = 1 - 0.24 * np.abs(np.sin((petals - n) * turn / 2 + 0.5 * n)) ** 1.5
        ring = np.where(r < edge * lobe, n + 1, ring)
    return ring


def batik(scale: float) -> Array:
    """Lotus blossoms and waves in wax and indigo, with the crackle of the wax."""
    rng = np.random.default_rng(1755)
    sketch = Sketch(720, 720, 93)
    x, y = sketch.x, sketch.y
    tones = palette("10183f", "1c3478", "7a3018", "b8632a", "dda04a", "f3e4bf")
    # Slanting lanes of long waves, the "parang" of Java: no rings, which would be eyes in a face.
    across = (x + y) / 124 + 0.1 * np.sin((x - y) / 41)
    lane, wave = np.floor(across).astype(np.int64) % 3, np.mod(across, 1)
    sketch.fill(np.ones_like(x, dtype=np.bool_), tones[np.array([1, 4, 2])][lane])
    blade = np.mod((x - y) / 74 + 0.34 * np.sin(wave * 2 * np.pi), 1)
    for edge, tone in ((0.66, 5), (0.58, 0), (0.48, 4), (0.26, 3)):
        inner = np.abs(blade - 0.4) < edge / 2
        sketch.fill(inner & (lane == 0) & (np.abs(wave - 0.5) < 0.36), tones[tone])
    for edge, tone in ((0.5, 5), (0.4, 1), (0.16, 4)):
        inner = np.abs(blade - 0.4) < edge / 2
        sketch.fill(inner & (lane == 2) & (np.abs(wave - 0.5) < 0.36), tones[tone])
    sketch.fill((wave < 0.08) | (wave > 0.92), tones[5])
    sketch.fill((wave < 0.035) | (wave > 0.965), tones[0])
    for side in range(9):
        cx, cy = rng.uniform(0, 720, 2)
        turn = rng.uniform(0, np.pi)
        for n, tone in ((1.0, 5), (0.86, 0), (0.7, 1 + side % 2)):
            sketch.fill(sketch.ellipse(cx, cy, 66 * n, 26 * n * n, turn), tones[tone])
        u = (x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)
        v = np.abs((y - cy) * np.cos(turn) - (x - cx) * np.sin(turn))
        vein = (np.mod(u - v * 1.4, 12) < 2.6) | (v < 1.8)
        sketch.fill(sketch.ellipse(cx, cy, 44, 11, turn) & vein, tones[5])
    for cx, cy, size, petals in (
        (250, 260, 178, 12), (545, 500, 150, 11), (600, 150, 112, 9), (150, 590, 124, 10),
        (390, 660, 74, 8), (40, 80, 80, 8),
    ):  # fmt: skip
        ring = _lotus(sketch, cx, cy, size, petals)
        around = np.arctan2(y - cy, x - cx)
        for n, tone in enumerate((5, 0, 4, 2, 1, 4)):
            sketch.fill(ring == n + 1, tones[tone])
        hair = np.abs(np.sin(around * petals * 2.5)) < 0.2
        sketch.fill((ring == 3) & hair, tones[2])
        sketch.fill((ring == 4) & (np.sin(around * petals * 2) > 0.5), tones[5])
    gx, gy = grid(720, 720, scale)
    hand = Noise(17)
    bx, by = gx + 1.8 * hand.at(gx, gy, 13), gy + 1.8 * hand.at(gx + 9, gy, 13)
    rgb = sample(sketch.rgb, bx, by)
    rim = sample(outline(sketch.region), bx, by)
    rgb = blend(rgb, tones[5], step(0.95 + 0.35 * hand.at(gx, gy, 20) - rim, 0, 1.0) * 0.92)
    dots = np.hypot(np.mod(bx + 4.5 * (np.floor(by / 9) % 2), 9) - 4.5, np.mod(by, 9) - 4.5)
    dark = oklab(rgb)[..., 0] < 0.46
    rgb = blend(
        rgb,
        tones[5],
        step(1.5 + 0.5 * hand.at(gx, gy, 31) - dots, 0, 0.9) * dark * np.asarray(step(rim, 4, 3)),
    )
    light = (dots < 1.9) & (rim > 4.5) & (oklab(rgb)[..., 0] > 0.86)
    rgb = blend(rgb, tones[2], np.where(light, 0.85, 0.0))
    # Wax breaks along cells; dye seeps into the cracks.
    crack = np.zeros(gx.shape)
    for gap, width, period in ((125.0, 1.5, 300.0), (52.0, 0.9, 130.0)):
        bent = [
            c + 0.1 * gap * hand.fbm(gx + 50 * k, gy - gap, gap / 2, 3)
            for k, c in enumerate((gx, gy))
        ]
        near, _ = owners(scattered(rng, 720, 720, gap), *bent)
        split = near[..., 1] - near[..., 0]
        seep = np.clip(0.5 + 0.9 * hand.at(gx, gy + gap, period), 0, 1)
        crack = np.maximum(
            crack, step(width - split, 0, 1.2) * seep + 0.25 * seep * step(4 - split, 0, 7)
        )
    rgb = blend(rgb, tones[0] * 0.8, np.clip(crack, 0, 0.9))
    dye = oklab(rgb)
    dye[..., 0] += 0.035 * hand.fbm(gx, gy, 110) + 0.02 * hand.at(gx, gy, 8)
    cloth = 0.5 * np.sin(gx * np.pi / 1.6) + 0.5 * np.sin(gy * np.pi / 1.6)
    dye[..., 0] += (
        0.012 * cloth
        + 0.018 * hand.at(gx * 0.3, gy * 1.6, 3)
        + 0.018 * hand.at(gx * 1.6, gy * 0.3, 3)
    )
    return srgb(dye)
