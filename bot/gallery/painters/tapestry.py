"""A tree of life with birds, woven in wool over thick warps."""

import numpy as np

from bot.gallery.canvas import Array, Canvas, grid, sample
from bot.gallery.colour import either, nearest, oklab, palette, ramp, srgb
from bot.gallery.motifs import bird, frame
from bot.gallery.noise import Noise, owners, scattered
from bot.gallery.sketch import Sketch

_WOOLS = palette(
    "7a1522", "a32a2a", "c8503a", "e08a4a", "e8b85a", "f3e3b8", "1c2f4f", "2f5a7a", "6f9fa0",
    "1f4a3a", "4f7a4a", "95a85a", "3a1f1a", "6f4a2f", "d8a0a0", "141418",
)  # fmt: skip


def _tree_of_life(rng: np.random.Generator) -> Sketch:
    sketch = Sketch(720, 720, 70)
    x, y = sketch.x, sketch.y
    field = ramp(
        palette("12233f", "1c2f4f", "2f5a7a", "254a68"), sketch.cloudy(130) + 0.12 * np.sin(y / 16)
    )
    sketch.fill(np.ones_like(x, dtype=np.bool_), field)
    # Small flowers all over, each place knowing the nearest one.
    middles = scattered(rng, 720, 720, 50)
    near = owners(middles, x, y)[1][..., 0]
    dx, dy = x - middles[near, 0], y - middles[near, 1]
    r, turn = np.hypot(dx, dy), np.arctan2(dy, dx)
    tint = palette("e8b85a", "f3e3b8", "d8a0a0", "6f9fa0", "e08a4a")[near % 5]
    for side in (0.7, 2.4):
        u, v = dx * np.cos(side) + dy * np.sin(side), dy * np.cos(side) - dx * np.sin(side)
        sketch.fill((np.abs(v) < 4.5) & (u > 5) & (u < 24), palette("4f7a4a")[0])
    sketch.fill(r < 11.5 * (0.8 + 0.3 * np.cos(5 * turn + near)), tint)
    sketch.fill(r < 4, palette("3a1f1a")[0])
    for n in range(3):
        hill = sketch.below(560 + 36 * n, 34, 190, 20.0 * n)
        greens = palette("1f4a3a", "4f7a4a", "95a85a", "e8b85a")
        sketch.fill(
            hill, ramp(greens, 0.15 + 0.3 * n + 0.35 * np.sin((y + 14 * np.sin(x / 34)) / 7))
        )
    trunk = np.abs(x - 360 - 8 * np.sin(y / 40)) < 15 + 20 * np.clip((y - 520) / 120, 0, 1)
    sketch.fill(
        trunk & (y > 150) & (y < 640),
        either(np.sin(x / 3 + y / 30) > 0, "c8864a", "6f4a2f"),
    )
    limb = Canvas(720, 720, 1.0, (0, 0, 0))
    tips: list[Array] = []
    for side in (-1, 1):
        for start, reach, lift in (
            (500, 205, 60),
            (420, 230, 110),
            (335, 215, 90),
            (255, 170, 100),
            (190, 100, 85),
        ):
            t = np.linspace(0, 1, 40)
            curl = np.clip(t - 0.62, 0, 1) * 13
            bx = 360 + side * (reach * np.sin(t * 1.5) - 34 * (1 - np.cos(curl)) * (t > 0.62))
            by = start - lift * t**0.8 - 34 * np.sin(curl) * (t > 0.62)
            branch = np.stack([bx, by], axis=1)
            limb.line(branch, (1, 1, 1), 13)
            tips.append(branch)
    sketch.fill(limb.pixels()[..., 0] > 0.5, palette("c8864a")[0])
    for branch in tips:
        for n in range(3, 36, 4):
            bx, by = branch[n]
            turn = rng.uniform(0, 3.1)
            ox, oy = 20 * np.cos(turn + 1.6), 20 * np.sin(turn + 1.6)
            leaf = sketch.ellipse(bx + ox, by + oy, 22, 10.5, turn + 1.6)
            tones = palette("4f7a4a", "95a85a", "e8b85a", "95a85a", "6f9fa0")
            sketch.fill(leaf, tones[rng.integers(5)])
        fx, fy = branch[27]
        for radius, code in (
            (31, "3a1f1a"),
            (27, "a32a2a"),
            (19, "c8503a"),
            (11, "f3e3b8"),
            (5, "7a1522"),
        ):
            sketch.fill(sketch.ellipse(fx, fy + 22, radius, radius * 1.1), palette(code)[0])
    _birds(sketch)
    _border(sketch)
    return sketch


def _birds(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    for cx, cy, size, side in (
        (205, 560, 96, 1),
        (515, 560, 96, -1),
        (262, 150, 66, 1),
        (458, 150, 66, -1),
    ):
        body, wing, tail = bird(cx, cy, size, side)
        bands = np.sin((x * side + y) / 4.2) > 0
        sketch.fill(sketch.inside(tail), either(bands, "1c2f4f", "e08a4a"))
        sketch.fill(
            sketch.inside(body), ramp(palette("a32a2a", "e08a4a", "f3e3b8"), (y - cy) / size + 0.4)
        )
        sketch.fill(
            sketch.inside(wing),
            either(np.sin(y / 3.6) > 0, "e8b85a", "a32a2a"),
        )
        sketch.fill(
            sketch.ellipse(cx + side * size * 0.64, cy - size * 0.57, 4.5, 4.5),
            palette("141418")[0],
        )


def _border(sketch: Sketch) -> None:
    margin, along = frame(sketch)
    beat = np.abs(np.mod(along / 48, 1) - 0.5) * 2
    gem = np.abs(margin - 32) / 24 + beat
    for edge, code in ((66, "3a1f1a"), (61, "e8b85a"), (55, "1c2f4f")):
        sketch.fill(margin < edge, palette(code)[0])
    for inner, code in ((1.0, "f3e3b8"), (0.82, "a32a2a"), (0.55, "e8b85a"), (0.28, "1f4a3a")):
        sketch.fill((margin < 55) & (margin > 8) & (gem < inner), palette(code)[0])
    sketch.fill((margin < 55) & (margin > 8) & (gem > 1.5), palette("c8503a")[0])
    sketch.fill(margin < 8, palette("e08a4a")[0])


def tapestry(scale: float) -> Array:
    """A tree of life with birds, woven in wool over thick warps."""
    rng = np.random.default_rng(1490)
    sketch = _tree_of_life(rng)
    weft, warp = 4.5, 6.9
    rows, columns = int(720 / weft), int(720 / warp)
    j, i = np.mgrid[0 : rows + 2, 0 : columns + 2]
    across = np.clip((i + 0.5) * warp, 0, 719)
    down = np.clip((j + 0.5) * weft, 0, 719)
    wool = nearest(sample(sketch.rgb, across, down) + rng.normal(0, 0.02, (*i.shape, 1)), _WOOLS)
    lab = oklab(wool)
    lab = lab + rng.normal(0, 1, (rows + 2, 1, 1)) * 0.014 + rng.normal(0, 0.02, (*i.shape, 1))
    x, y = grid(720, 720, scale)
    hand = Noise(21)
    wx, wy = x + 1.1 * hand.at(x, y, 26), y + 1.3 * hand.at(x, y, 34)
    column = np.floor(wx / warp).astype(np.int64)
    shift = 0.5 * np.mod(column, 2)
    row = np.floor(wy / weft + shift).astype(np.int64)
    u, v = np.mod(wx / warp, 1) - 0.5, np.mod(wy / weft + shift, 1) - 0.5
    bulge = np.sqrt(np.clip(1 - (2 * u) ** 2 * 0.92, 0, 1)) * np.sqrt(
        np.clip(1 - (2 * v) ** 2 * 0.9, 0, 1)
    )
    twist = np.sin((u * 2.2 + v * 1.5) * 5.2) * 0.5
    fibre = hand.at(x * 0.5, y * 1.7, 2.6)
    thread = lab[np.clip(row, 0, rows + 1), np.clip(column, 0, columns + 1)]
    thread[..., 0] = thread[..., 0] * (0.42 + 0.68 * bulge) + 0.022 * twist + 0.022 * fibre
    thread[..., 0] -= 0.05 * v
    thread[..., 1:] *= (0.85 + 0.25 * bulge)[..., None]
    worn = 1 + 0.06 * hand.fbm(x, y, 150)
    return srgb(thread) * worn[..., None]
