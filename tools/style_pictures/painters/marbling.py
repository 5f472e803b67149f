"""Colours floated on water and combed into feathers, with flowers dropped on top."""

import numpy as np

from tools.style_pictures.canvas import OVERSAMPLE, Array, blend, grid, step
from tools.style_pictures.colour import palette
from tools.style_pictures.noise import Noise


def _combed(
    p: Array, angle: float, gap: float, pull: float, *, shift: float, sharp: float
) -> Array:
    """Undoes a comb drawn through the bath at `angle`: places (H, W, 2) before it."""
    way = np.array([np.cos(angle), np.sin(angle)])
    across = p @ np.array([-way[1], way[0]]) + shift
    off = np.abs(np.mod(across / gap, 1) - 0.5) * gap
    return np.asarray(p - (pull * sharp / (sharp + gap / 2 - off))[..., None] * way)


def marbling(scale: float) -> Array:
    """Colours floated on water and combed into feathers, with flowers dropped on top."""
    rng = np.random.default_rng(1600)
    hand = Noise(44)
    x, y = grid(720, 720, scale * OVERSAMPLE)
    inks = palette(
        "10204a", "1c4f86", "3fa0a8", "f4e8c8", "e8b23a", "d8502f", "9a1f3f", "f0c8b0", "22223a"
    )
    p = np.stack([x, y], axis=-1)
    colour = np.full(x.shape, -1, dtype=np.int64)

    def undrop(p: Array, cx: float, cy: float, r: float, ink: int) -> Array:
        offset = p - np.array([cx, cy])
        far = np.maximum((offset**2).sum(axis=-1), 1e-9)
        colour[(far < r * r) & (colour < 0)] = ink
        shrink = np.sqrt(np.clip(1 - r * r / far, 0, 1))
        return np.asarray(np.array([cx, cy]) + offset * shrink[..., None])

    # From the last thing done to the bath back to the first.
    blooms = (
        (180, 200, 92, 5),
        (545, 160, 70, 6),
        (400, 420, 112, 7),
        (120, 560, 72, 6),
        (590, 610, 84, 5),
    )
    for cx, cy, size, petals in blooms:
        offset = p - np.array([cx, cy])
        r = np.hypot(offset[..., 0], offset[..., 1])
        turn = np.arctan2(offset[..., 1], offset[..., 0]) + 0.25 * np.sin(r / 14)
        notch = (
            0.42 * (1 - np.abs(np.sin(turn * petals / 2 + cx))) ** 2 * np.exp(-((r / size) ** 4))
        )
        p = np.array([cx, cy]) + offset * (1 + notch * np.clip(r / size, 0, 1) * 1.4)[..., None]
        rings = ((6, 3, 5, 7, 4, 3, 6, 0), (0, 3, 1, 2, 3, 4, 5, 6))[int(petals == 6)]
        for n, ink in enumerate(rings):
            p = undrop(p, cx, cy, size * (0.16 + 0.045 * n) * 0.9, int(ink))
    warp = 16 * hand.at(p[..., 0], p[..., 1], 240)
    p = p + np.stack([warp, -warp], axis=-1)
    p = p + np.stack([20 * np.sin(p[..., 1] / 38), np.zeros_like(x)], axis=-1)
    p = _combed(p, np.pi / 2, 36, 74, shift=0, sharp=4)
    p = _combed(p, 0, 72, 96, shift=14, sharp=8)
    p = _combed(p, np.pi, 72, 96, shift=50, sharp=8)
    for _ in range(64):
        cx, cy = rng.uniform(-60, 780, 2)
        p = undrop(p, cx, cy, rng.uniform(9, 30), int(rng.integers(9)))
    lane = (p[..., 1] + 9 * hand.at(p[..., 0], p[..., 1], 60)) / 13
    order = rng.permutation(np.resize(np.array([0, 1, 2, 3, 4, 5, 6, 3, 1, 7, 8, 3]), 240))
    colour = np.where(colour < 0, order[np.mod(np.floor(lane).astype(np.int64), 240)], colour)
    rows, columns = round(720 * scale), round(720 * scale)
    rgb = inks[colour].reshape(rows, OVERSAMPLE, columns, OVERSAMPLE, 3).mean(axis=(1, 3))
    x, y = grid(720, 720, scale)
    thin = 1 + 0.05 * hand.fbm(x, y, 40) + 0.035 * hand.at(x, y, 3)
    vein = step(hand.at(x + 40, y, 9) + 0.5 * hand.at(x, y, 4), 0.95, 0.3)
    rgb = blend(rgb, palette("f7efdc")[0], 0.45 * vein)
    return rgb * thin[..., None]
