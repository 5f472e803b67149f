"""A tree of life with birds before a pale sky, woven in wool over thick warps."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, grid, sample
from tools.style_pictures.colour import either, nearest, oklab, palette, ramp, srgb
from tools.style_pictures.motifs import bird, frame
from tools.style_pictures.noise import Noise
from tools.style_pictures.sketch import Sketch

_WOOLS = palette(
    "7a1522", "a8282a", "cf5238", "e58a48", "ecbb5c", "f6e8c4", "1b2d52", "2f5a86", "79a9b0",
    "1f4a3a", "4f7f4a", "9bab58", "3a1f1a", "7a4a2a", "e2b098", "e9d0a8",
)  # fmt: skip

_WEFT, _WARP = 5.6, 9.6
"""How far apart the threads are, in units: they must be seen when the picture is small."""

_BRANCHES = ((505, 200, 40), (400, 215, 95), (300, 160, 130))
"""Where each pair leaves the trunk, how far out it reaches, and how far up, in units."""


def _tree_of_life(rng: np.random.Generator) -> Sketch:
    sketch = Sketch(720, 720, 70)
    x, y = sketch.x, sketch.y
    # Weavers shade by hatching: threads of the next colour run into a patch like teeth.
    teeth = 0.16 * sketch.noise.at(x * 0.07, y, 9) + 0.1 * sketch.noise.at(x, y, 130)
    sky = palette("79a9b0", "f6e8c4", "f6e8c4", "e9d0a8", "ecbb5c", "e2b098", "cf5238")
    sketch.fill(
        np.ones_like(x, dtype=np.bool_), ramp(sky, (y - 60 + 0.35 * (360 - x)) / 560 + teeth)
    )
    r, around = np.hypot(x - 210, y - 235), np.arctan2(y - 235, x - 210)
    rays = (np.sin(around * 18) > 0) & (r < 300)
    sketch.fill(rays, ramp(palette("e58a48", "ecbb5c", "ecbb5c", "f6e8c4"), r / 300 + teeth))
    sketch.fill(r < 190, ramp(palette("cf5238", "e58a48", "ecbb5c", "f6e8c4"), r / 190 + teeth))
    for n, (low, high) in enumerate(
        (("2f5a86", "79a9b0"), ("1f4a3a", "9bab58"), ("1b2d52", "2f5a86"))
    ):
        top = sketch.ridge(540 + 46 * n, 42, 230, 20.0 * n)
        tone = (y - top) / 80 + 1.6 * teeth
        sketch.fill(y > top, ramp(palette(high, "4f7f4a" if n == 1 else high, low), tone))
    wide = 17 + 26 * np.clip((y - 520) / 100, 0, 1) ** 2
    bark = np.sin((x - 360) / 5.5 + 0.8 * np.sin(y / 50)) > 0
    sketch.fill((np.abs(x - 360) < wide) & (y > 150) & (y < 636), either(bark, "7a4a2a", "3a1f1a"))
    limb = Canvas(720, 720, 1.0, (0, 0, 0))
    boughs: list[Array] = []
    for side in (-1, 1):
        for start, reach, lift in _BRANCHES:
            t = np.linspace(0, 1, 40)
            bough = np.stack([360 + side * reach * np.sin(t * 1.5), start - lift * t**0.8], axis=1)
            limb.line(bough, (1, 1, 1), 17)
            boughs.append(bough)
    sketch.fill(limb.pixels()[..., 0] > 0.5, palette("7a4a2a")[0])
    for bough in boughs:
        for n in (11, 20, 29):
            for way in (-1, 1):
                _leaf(sketch, bough[n] + np.array([0, 30 * way]), rng.uniform(0.7, 1.1) * way, rng)
        _fruit(sketch, bough[-1])
    _fruit(sketch, np.array([360.0, 140.0]))
    _birds(sketch)
    _border(sketch)
    return sketch


def _leaf(sketch: Sketch, place: Array, turn: float, rng: np.random.Generator) -> None:
    cx, cy = place
    light, dark = (("9bab58", "4f7f4a"), ("4f7f4a", "1f4a3a"), ("79a9b0", "2f5a86"))[
        rng.integers(3)
    ]
    upper = (sketch.x - cx) * np.sin(turn) < (sketch.y - cy) * np.cos(turn)
    sketch.fill(sketch.ellipse(cx, cy, 33, 17, turn), either(upper, dark, light))


def _fruit(sketch: Sketch, place: Array) -> None:
    cx, cy = place
    for radius, code in ((46, "7a1522"), (38, "a8282a"), (27, "cf5238"), (15, "ecbb5c")):
        sketch.fill(sketch.ellipse(cx, cy, radius, radius), palette(code)[0])


def _birds(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    for cx, side in ((196, 1), (524, -1)):
        cy, size = 560, 128
        body, wing, tail = bird(cx, cy, size, side)
        sketch.fill(sketch.inside(tail), either(np.sin((x * side + y) / 7) > 0, "1b2d52", "e58a48"))
        warm = palette("7a1522", "a8282a", "cf5238", "ecbb5c")
        sketch.fill(sketch.inside(body), ramp(warm, (y - cy) / size + 0.5))
        sketch.fill(sketch.inside(wing), either(np.sin(y / 6.5) > 0, "ecbb5c", "1b2d52"))
        sketch.fill(
            sketch.ellipse(cx + side * size * 0.64, cy - size * 0.57, 9, 9), palette("f6e8c4")[0]
        )


def _border(sketch: Sketch) -> None:
    margin, along = frame(sketch)
    beat = np.abs(np.mod(along / 72, 1) - 0.5) * 2
    # No straight lines: they would hang down from a clear sky like curtains.
    sketch.fill(margin < 46 + 18 * (1 - beat), palette("1b2d52")[0])
    sketch.fill((margin < 48) & (margin < 48 * beat), palette("a8282a")[0])
    sketch.fill((margin < 48) & (margin < 48 * beat - 22), palette("f6e8c4")[0])


def tapestry(scale: float) -> Array:
    """A tree of life with birds before a pale sky, woven in wool over thick warps."""
    rng = np.random.default_rng(1490)
    sketch = _tree_of_life(rng)
    rows, columns = int(720 / _WEFT), int(720 / _WARP)
    j, i = np.mgrid[0 : rows + 2, 0 : columns + 2]
    across = np.clip((i + 0.5) * _WARP, 0, 719)
    down = np.clip((j + 0.5) * _WEFT, 0, 719)
    wool = nearest(sample(sketch.rgb, across, down), _WOOLS)
    lab = oklab(wool)
    lab = lab + rng.normal(0, 1, (rows + 2, 1, 1)) * 0.016 + rng.normal(0, 0.014, (*i.shape, 1))
    x, y = grid(720, 720, scale)
    hand = Noise(21)
    wx, wy = x + 1.1 * hand.at(x, y, 26), y + 1.3 * hand.at(x, y, 34)
    column = np.floor(wx / _WARP).astype(np.int64)
    shift = 0.5 * np.mod(column, 2)
    row = np.floor(wy / _WEFT + shift).astype(np.int64)
    u, v = np.mod(wx / _WARP, 1) - 0.5, np.mod(wy / _WEFT + shift, 1) - 0.5
    # The weft is beaten down hard: ribs over the warps, and only grooves between its threads.
    rib = np.sqrt(np.clip(1 - (2 * u) ** 2 * 0.9, 0, 1))
    bulge = rib * (0.45 + 0.55 * np.sqrt(np.clip(1 - (2 * v) ** 2 * 0.9, 0, 1)))
    twist = np.sin((u * 2.2 + v * 1.5) * 5.2) * 0.5
    fibre = hand.at(x * 0.5, y * 1.7, 2.6)
    thread = lab[np.clip(row, 0, rows + 1), np.clip(column, 0, columns + 1)]
    thread[..., 0] = thread[..., 0] * (0.5 + 0.58 * bulge) + 0.02 * twist + 0.02 * fibre
    thread[..., 0] -= 0.05 * v
    thread[..., 1:] *= (0.85 + 0.2 * bulge)[..., None]
    worn = 1 + 0.06 * hand.fbm(x, y, 150)
    return srgb(thread) * worn[..., None]
