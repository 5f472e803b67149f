"""A woman in a robe of ornaments beside the tree of life, on gold leaf."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, Mask, blend, grid, lit, sample, step
from tools.style_pictures.colour import palette, ramp, varied
from tools.style_pictures.noise import Noise, scattered
from tools.style_pictures.sketch import Sketch, arc, path, smooth


def _spiral(centre: Array, size: float, turns: float, start: float, sense: int) -> Array:
    """A spiral (N, 2) from its eye outwards."""
    t = np.linspace(0.03, 1, int(34 * turns))
    angle = start + sense * t * turns * 2 * np.pi
    return np.asarray(centre + size * t[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1))


_ROBE = path("96,860 60,700 84,520 140,380 222,322 320,330 380,400 404,520 440,680 452,860")


_GOLDS = palette("7a4f12", "b07a1c", "d8a02f", "f0c652", "fbe69a")


def _ornaments(canvas: Canvas, rng: np.random.Generator, robe: Mask) -> None:
    inks = palette("17120f", "f7edcf", "8a1f2a", "1f3f7a", "2f7a5a", "d8d8dc", "c8502f", "6a3a8a")
    for place in scattered(rng, 640, 768, 25):
        inside = bool(sample(robe.astype(np.float64), place[None, 0], place[None, 1])[0] > 0.9)
        if not inside:
            continue
        kind = rng.integers(4)
        turn = rng.normal(0, 0.12)
        c, s = np.cos(turn), np.sin(turn)
        half = rng.uniform(0.7, 1.2) * np.array([9.0, 17.0])
        box = place + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ np.array(
            [[c, s], [-s, c]]
        )
        first, second = rng.choice(8, 2, replace=False)
        if kind < 2:
            canvas.polygon(box, inks[0] if kind else inks[first], 0.75)
            canvas.polygon(place + (box - place) * 0.62, inks[second], 0.85)
            canvas.polygon(place + (box - place) * 0.28, _GOLDS[3], 0.95)
        elif kind == 2:
            for radius, tone in (
                (14, inks[first]),
                (10, _GOLDS[4]),
                (6.5, inks[second]),
                (3, inks[1]),
            ):
                canvas.disc(place, radius, tone, 0.8)
        else:
            canvas.line(_spiral(place, 15, 2.6, rng.uniform(0, 6), 1), inks[0], 2.6, 0.95)


def _leaf(canvas: Canvas, rng: np.random.Generator) -> None:
    """Covers the sheet with gold leaf and fine spirals."""
    for place in scattered(rng, 640, 768, 17):
        leaf = place + rng.uniform(6, 12, (4, 2)) * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        canvas.polygon(
            leaf,
            varied(rng, _GOLDS[1 + rng.integers(3)][None], 0.03, 0.006)[0],
            rng.uniform(0.3, 0.42),
        )
    for _ in range(230):
        place = rng.uniform(0, 1, 2) * np.array([640, 560])
        canvas.line(
            _spiral(place, rng.uniform(7, 19), 2.2, rng.uniform(0, 6), 1),
            _GOLDS[rng.choice([0, 4])],
            1.7,
            0.6,
        )


def _meadow(canvas: Canvas, rng: np.random.Generator) -> None:
    """Flowers along the foot of the picture."""
    meadow = scattered(rng, 640, 190, 9) + np.array([0, 596])
    blooms = palette("d8342f", "f6f0dc", "2f4fb0", "e8a02f", "8f3f9f", "f2b8c0")
    for place in meadow[np.argsort(meadow[:, 1])]:
        if place[1] < 622 + 26 * np.sin(place[0] / 60):
            continue
        canvas.disc(
            place,
            rng.uniform(6, 10),
            ramp(palette("123a22", "3f7a2f", "8fa83a"), rng.uniform(0, 1, 1))[0],
            0.4,
        )
        if rng.uniform() < 0.42:
            tone, size = blooms[rng.integers(6)], rng.uniform(3, 6.5)
            for petal in arc(place[0], place[1], size, 0, 5.03, points=5):
                canvas.disc(petal, size * 0.62, tone, 0.7)
            canvas.disc(place, size * 0.45, _GOLDS[4], 0.9)


def _tree(canvas: Canvas, rng: np.random.Generator) -> None:
    """The tree of life with its coiled branches."""
    bark = palette("3a2412", "6a4420", "a8742f")
    trunk = smooth(path("452,770 470,640 488,520 480,400 500,300"), closed=False)
    for off in np.linspace(-17, 17, 12):
        canvas.line(trunk + np.array([off, 0]), bark[rng.integers(3)], 5, rng.uniform(0.5, 0.8))
    for cx, cy, size, turns, start, sense in (
        (400, 180, 96, 2.6, 1.0, 1), (566, 200, 84, 2.4, 2.4, -1), (560, 390, 74, 2.3, 2.9, 1),
        (474, 66, 66, 2.2, 1.6, -1), (598, 66, 54, 2.0, 2.0, 1), (270, 120, 78, 2.3, 0.2, -1),
        (150, 90, 74, 2.2, 0.7, 1), (60, 210, 62, 2.1, 0.0, -1),
        (590, 540, 56, 2.1, 3.2, -1), (40, 60, 44, 2.0, 0.9, 1), (360, 40, 40, 1.9, 1.2, 1),
    ):  # fmt: skip
        coil = _spiral(np.array([cx, cy], dtype=np.float64), size, turns, start, sense)
        root = np.array([490.0, 320.0 + 0.3 * (cy - 200)])
        reach = smooth(
            [tuple(coil[-1]), tuple(0.5 * (coil[-1] + root) + np.array([0, 26])), tuple(root)],
            closed=False,
        )
        branch = np.concatenate([coil, reach])
        for width, tone, thick in ((13, bark[0], 0.6), (8, bark[1], 0.8), (3, _GOLDS[3], 1.0)):
            canvas.line(branch, tone, width * size / 80, thick)
        for n in range(14, len(coil), 9):
            tip = coil[n] + rng.normal(0, 9, 2)
            tri = tip + 9 * np.array([[0, -1.2], [1, 0.8], [-1, 0.8]]) @ np.array(
                [[c := np.cos(n), s := np.sin(n)], [-s, c]]
            )
            canvas.polygon(tri, palette("17120f", "f7edcf", "1f5a6a")[rng.integers(3)], 0.8)


def _robe(canvas: Canvas, rng: np.random.Generator) -> None:
    """The robe and its ornaments."""
    sketch = Sketch(640, 768, 2)
    robe = smooth(_ROBE)
    canvas.polygon(robe, _GOLDS[3], 0.55)
    for n in range(20):
        level = 330 + 22 * n
        wave = np.stack(
            [np.linspace(80, 430, 40), level + 8 * np.sin(np.linspace(0, 14, 40) + n)], axis=1
        )
        keep = sample(sketch.inside(robe).astype(np.float64), wave[:, 0], wave[:, 1]) > 0.6
        if keep.sum() > 1:
            canvas.line(wave[keep], _GOLDS[rng.choice([1, 4])], 3, 0.65)
    _ornaments(canvas, rng, sketch.inside(robe))
    canvas.line(np.concatenate([robe, robe[:1]]), palette("3a2412")[0], 4.5, 0.9)


def _head(canvas: Canvas, rng: np.random.Generator) -> None:
    """The head of the sleeper, flowers in her hair."""
    sketch = Sketch(640, 768, 2)
    hair = smooth(path("172,330 150,250 176,176 250,146 322,172 352,240 336,330 300,300 200,310"))
    canvas.polygon(hair, palette("2a1512")[0], 0.5)
    for _ in range(70):
        place = np.array([rng.normal(250, 62), rng.normal(205, 42)])
        if sample(sketch.inside(hair).astype(np.float64), place[None, 0], place[None, 1])[0] > 0.9:
            canvas.disc(
                place,
                rng.uniform(3, 6.5),
                palette("d8a02f", "c8502f", "f7edcf", "2f6a9a")[rng.integers(4)],
                0.85,
            )
            canvas.disc(place, 2, _GOLDS[4], 0.95)
    skin = palette("b98a6a", "e3bd98", "f4dcc0", "d98a7a")
    canvas.polygon(
        smooth(path("226,300 224,336 196,372 252,400 312,374 284,336 280,300")), skin[1], 0.4
    )
    face = smooth(path("204,232 212,290 250,334 288,300 302,236 286,196 222,194"))
    canvas.polygon(face, skin[1], 0.45)
    for _ in range(260):
        place = np.array([rng.normal(254, 26), rng.normal(262, 38)])
        if sample(sketch.inside(face).astype(np.float64), place[None, 0], place[None, 1])[0] > 0.95:
            tone = skin[2] if place[0] < 258 else skin[0]
            tone = varied(rng, (0.7 * skin[1] + 0.3 * tone)[None], 0.01, 0.006)[0]
            canvas.line(place + np.array([[-2, -5], [2, 5]]), tone, 3.5, 0.45)
    for cx in (230, 274):
        canvas.disc(np.array([cx, 282.0]), 10, 0.6 * skin[1] + 0.4 * skin[3], 0.45)
        canvas.line(
            smooth([(cx - 13, 248), (cx, 256), (cx + 13, 248)], closed=False),
            palette("2a1512")[0],
            3,
            0.5,
        )
        canvas.line(
            smooth([(cx - 15, 232), (cx, 225), (cx + 15, 231)], closed=False),
            palette("4a2a1a")[0],
            3,
            0.5,
        )
    canvas.line(smooth([(254, 240), (247, 274), (258, 278)], closed=False), skin[0], 2.4, 0.5)
    canvas.polygon(smooth(path("238,303 252,298 268,303 252,311")), palette("b0302f")[0], 0.55)


def gilded(scale: float) -> Array:
    """A woman in a robe of ornaments beside the tree of life, on gold leaf."""
    rng = np.random.default_rng(1907)
    hand = Noise(61)
    canvas = Canvas(640, 768, scale, _GOLDS[2])
    for part in (_leaf, _meadow, _tree, _robe, _head):
        part(canvas, rng)
    x, y = grid(640, 768, scale)
    rgb = lit(canvas.pixels(), canvas.relief(), scale, depth=1.1)
    leaf = 0.07 * hand.fbm(x, y, 70) + 0.04 * hand.at(x, y, 2.6)
    rgb = rgb * (1 + leaf)[..., None]
    worn = step(hand.fbm(x, y, 34) + 0.4 * hand.at(x, y, 4), 0.62, 0.25)
    return blend(rgb, palette("6a2f1c")[0], 0.35 * worn)
