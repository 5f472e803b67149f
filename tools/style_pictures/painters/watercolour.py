"""Poppies and cornflowers: transparent washes with hard edges, blooms and grain."""

import numpy as np

from tools.style_pictures.canvas import Array, blend, grid, step
from tools.style_pictures.colour import palette
from tools.style_pictures.noise import Noise


def _paper(hand: Noise, x: Array, y: Array) -> Array:
    """The tooth of rag paper (H, W), about -1 to 1."""
    return 0.6 * hand.at(x, y, 3.4) + 0.4 * hand.at(x + 5, y - 8, 7.5) + 0.25 * hand.at(x, y, 17)


class _Wet:
    """Rag paper that takes transparent washes, window by window."""

    def __init__(self, width: int, height: int, scale: float, hand: Noise) -> None:
        self._x, self._y = grid(width, height, scale)
        self._tooth = _paper(hand, self._x, self._y)
        self._scale = scale
        self._paper = palette("fcf7ea")[0]
        self._rgb = np.broadcast_to(self._paper, (*self._x.shape, 3)).copy()

    def window(self, cx: float, cy: float, rx: float, ry: float) -> tuple[slice, slice]:
        """The part of the sheet around a place, in units."""
        k = self._scale
        return (
            slice(max(0, int((cy - ry) * k)), max(0, int((cy + ry) * k) + 1)),
            slice(max(0, int((cx - rx) * k)), max(0, int((cx + rx) * k) + 1)),
        )

    def places(self, part: tuple[slice, slice]) -> tuple[Array, Array]:
        """X and y in units within a window."""
        return self._x[part], self._y[part]

    def wash(self, part: tuple[slice, slice], code: str, density: Array) -> None:
        """Lays pigment on: light passes it twice, and it settles in the hollows."""
        depth = np.clip(density * (1 - 0.35 * self._tooth[part]), 0, 3)[..., None]
        self._rgb[part] *= np.exp(np.log(np.clip(palette(code)[0], 0.03, 1)) * depth)

    def lift(self, part: tuple[slice, slice], share: Array) -> None:
        """Takes paint up again with a wet brush."""
        self._rgb[part] = blend(self._rgb[part], self._paper, share)

    def dry(self) -> Array:
        """The finished sheet, (H, W, 3)."""
        return self._rgb * (1 + 0.045 * self._tooth)[..., None]


_GROUND = (
    ("7fc0ea", -0.1), ("f7c9a8", 0.12), ("a893dc", 0.14), ("a8d8a0", 0.0), ("f3a0b4", 0.22),
    ("4f93d8", 0.24), ("f8e08a", 0.18), ("4fb0a0", 0.22), ("4a5a9a", 0.4),
)  # fmt: skip


_FLOWERS = (
    (190, 290, 132, "e8281a"), (436, 214, 116, "f0401f"), (505, 450, 122, "dc1f30"),
    (300, 530, 96, "f2581f"), (86, 128, 74, "f58a1f"), (84, 470, 76, "2f48d0"),
    (588, 330, 62, "4058e0"), (326, 96, 66, "6a4fd0"), (170, 660, 80, "3a56d8"),
    (440, 650, 88, "ea2f5a"), (580, 104, 66, "c04fb0"), (592, 610, 62, "7a48c8"),
)  # fmt: skip


def _bloom(
    sheet: _Wet, hand: Noise, rng: np.random.Generator, flower: tuple[int, int, int, str]
) -> None:
    """One blossom of overlapping petals: its middle, size and pigment."""
    cx, cy, size, code = flower
    part = sheet.window(cx, cy, size * 1.25, size * 1.25)
    x, y = sheet.places(part)
    petals = 5 if size > 80 else 7
    turns = np.arange(petals) * 2 * np.pi / petals + rng.uniform(-0.3, 0.3, petals)
    shapes = []
    for n, turn in enumerate(turns):
        dx, dy = x - cx - 0.5 * size * np.cos(turn), y - cy - 0.45 * size * np.sin(turn)
        u, v = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        ragged = 0.13 * hand.fbm(x + 51 * n, y, size * 0.5, 4)
        r = np.hypot(u / (size * 0.55), v / (size * 0.47)) + ragged
        ray = hand.at(np.arctan2(v, u + size) * 90, r * 16, 6)
        shapes.append((r, ray))
    inside = np.max([step(1 - r, 0, 0.05) for r, _ in shapes], axis=0)
    sheet.lift(part, inside * 0.93)
    for n, (r, ray) in enumerate(shapes):
        flow = 0.26 + 0.3 * hand.fbm(x, y + 77 * n, 46) + 0.16 * ray + 0.16 * (1 - r)
        edge = 0.5 * np.exp(-np.abs(1 - r) / 0.035)
        sheet.wash(part, code, step(1 - r, 0, 0.05) * (np.maximum(flow, 0.04) + edge))
    heart = np.hypot(x - cx, (y - cy) * 1.1) / (size * 0.3) + 0.3 * hand.at(x, y, 12)
    # A pale heart: a dark one would be a blot, and sit on the nose of a portrait.
    sheet.lift(part, 0.8 * step(1 - heart, 0, 1.2))
    sheet.wash(part, "f4c85a", 0.7 * step(1 - heart, 0, 1.0))


def watercolour(scale: float) -> Array:
    """Poppies and cornflowers: transparent washes with hard edges, blooms and grain."""
    rng = np.random.default_rng(1860)
    hand = Noise(33)
    sheet = _Wet(640, 768, scale, hand)
    whole = (slice(None), slice(None))
    x, y = sheet.places(whole)
    for n, (code, level) in enumerate(_GROUND):
        place = hand.fbm(x + 173 * n, y - 131 * n, 230, 5) + 0.07 * hand.at(x, y, 21)
        place = place + (0.25 - y / 1100 if n in (0, 2, 5) else -0.1 if n < 3 else y / 1400 - 0.2)
        tide = np.exp(-np.abs(place - level) / 0.016)
        flow = 0.55 + 0.35 * hand.fbm(x, y + 90 * n, 60)
        sheet.wash(whole, code, step(place, level, 0.03) * flow + 0.5 * tide)
    for n in range(170):
        cx, foot = rng.uniform(-20, 660), rng.uniform(640, 960)
        tall, lean = rng.uniform(160, 420), rng.normal(0, 60)
        part = sheet.window(cx + lean / 2, foot - tall / 2, abs(lean) / 2 + 12, tall / 2)
        x, y = sheet.places(part)
        t = np.clip((foot - y) / tall, 0, 1)
        half = rng.uniform(2.2, 9) * np.sqrt(1 - t) + 0.4
        gap = np.abs(x - cx - lean * t**2)
        code = ("2f8a3a", "8fc03a", "1f6a5a", "b8c83a", "3a9f8a")[rng.integers(5)]
        inside = step(half - gap, 0, 1.4)
        if n % 3 == 0:
            sheet.lift(part, inside * 0.6)
        sheet.wash(part, code, inside * (0.4 + 0.4 * np.exp(-np.abs(half - gap) / 1.3)))
    for flower in _FLOWERS:
        _bloom(sheet, hand, rng, flower)
    for _ in range(60):
        sx, sy = rng.uniform(0, 640), rng.uniform(0, 768)
        drop = 1 + 7 * rng.uniform() ** 4
        part = sheet.window(sx, sy, drop * 2, drop * 2)
        x, y = sheet.places(part)
        code = ("e8321f", "3f4fc8", "2f7a3a", "f2a02a", "b84fb0")[rng.integers(5)]
        r = np.hypot(x - sx, y - sy) / drop
        sheet.wash(part, code, step(1 - r, 0, 0.3) * (0.5 + 0.5 * np.exp(-np.abs(1 - r) / 0.15)))
    return sheet.dry()
