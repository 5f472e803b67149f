"""A bouquet with two birds: shining silk in satin stitch on pale linen."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, Mask, lit, sample
from tools.style_pictures.colour import either, oklab, palette, ramp, srgb, varied
from tools.style_pictures.motifs import bird, frame
from tools.style_pictures.noise import scattered
from tools.style_pictures.sketch import Sketch, outline
from tools.style_pictures.strokes import traced

_STEMS = ((40, 120), (120, 190), (210, 300), (250, 430), (170, 480))
"""How far each stem leans out at its top, and how high that is, in units."""


def _folk(rng: np.random.Generator) -> tuple[Sketch, Mask]:
    """A bouquet with birds, mirrored; also where there is thread at all, (H, W)."""
    sketch = Sketch(720, 720, 15)
    x, y = sketch.x, sketch.y
    half = np.abs(x - 360)
    silk = np.zeros_like(x, dtype=np.bool_)

    def sew(where: Mask, colour: Array, angle: float | Array) -> None:
        sketch.fill(where, colour, np.where(x > 360, angle, np.pi - angle))
        silk[where] = True

    def mirrored(cx: float, cy: float, rx: float, ry: float, turn: float) -> Mask:
        return sketch.ellipse(360 + cx, cy, rx, ry, turn) | sketch.ellipse(
            360 - cx, cy, rx, ry, -turn
        )

    greens = palette("1f6a3f", "4fa04a", "9fc84a", "2f8a7a")
    for n, (reach, top) in enumerate(_STEMS):
        climb = np.clip((600 - y) / (600 - top), 0, 1)
        sew(
            (np.abs(half - reach * climb**1.6) < 5.5) & (y > top) & (y < 600),
            greens[n % 4],
            np.pi / 2 - 0.3 * n,
        )
    for _ in range(40):
        t, stem = rng.uniform(0.1, 1), rng.integers(5)
        reach, top = _STEMS[stem]
        lx, ly = reach * t**1.6, 600 - t * (600 - top)
        turn = rng.uniform(-1.2, 1.2)
        where = mirrored(lx + 25 * np.cos(turn), ly + 25 * np.sin(turn), 27, 10.5, turn)
        vein = np.abs(np.sin(turn) * (half - lx) - np.cos(turn) * (y - ly)) < 1.6
        sew(where, greens[rng.integers(4)], turn + 0.75)
        sew(where & vein, palette("e8e05a")[0], turn)
    flowers = (
        (0, 150, 92, ("7a0f3a", "d81f4f", "ff5a5f", "ffb04a", "fff0b0"), 8),
        (128, 250, 70, ("1f2f8f", "2f6fd8", "6fc0f0", "fff6d8", "f8b82a"), 6),
        (240, 330, 62, ("a83a0f", "f0701f", "ffb03a", "fff08a", "7a1f3a"), 7),
        (262, 470, 54, ("5a1f7a", "a84fc0", "e8a0e0", "fff0f8", "ffc83a"), 6),
        (118, 410, 66, ("a80f2f", "f03a6a", "ff9ab0", "fff0d8", "2f6a3f"), 9),
        (0, 370, 80, ("b8480f", "f89a1f", "ffd84a", "fff8c8", "c81f3a"), 10),
        (235, 160, 40, ("0f6a7a", "2fb0b0", "a0e8d0", "fff0b0", "e83a4f"), 5),
        (310, 250, 32, ("d83a6a", "ff8a9a", "ffd0c8", "ffd84a", "7a1f3a"), 5),
    )  # fmt: skip
    for cx, cy, size, codes, petals in flowers:
        r, around = np.hypot(half - cx, y - cy), np.arctan2(y - cy, half - cx)
        lobe = 0.82 + 0.18 * np.cos(petals * around)
        for edge, code in zip((1.0, 0.78, 0.56, 0.36, 0.2), codes, strict=True):
            sew(r < size * edge * (lobe if edge > 0.3 else 1), palette(code)[0], around)
    vase = (half < 74 + 26 * np.sin((y - 560) / 34)) & (y > 566) & (y < 676)
    stripe = np.floor((y - 566) / 15).astype(np.int64) % 4
    sew(vase, palette("c81f3a", "ffb83a", "2f7ac8", "fff4d8")[stripe], 0.5 * np.pi)
    for side in (1, -1):
        body, wing, tail = bird(360 + side * 250, 600, 62, -side)
        sew(
            sketch.inside(tail),
            either(np.sin(half / 4) > 0, "e8344f", "ffc04a"),
            0.7,
        )
        sew(sketch.inside(body), ramp(palette("1f5fb0", "4fb8d0", "fff0c8"), (y - 560) / 80), 0.35)
        sew(
            sketch.inside(wing),
            either(np.sin((half + y) / 5) > 0, "f8d84a", "e8344f"),
            -0.4,
        )
        sew(sketch.ellipse(360 + side * 210, 565, 5, 5), palette("141418")[0], 0.0)
    margin, along = frame(sketch)
    wave = np.abs(margin - 27 - 9 * np.sin(along * 2 * np.pi / 60)) < 5
    sew(wave, palette("2f8a5a")[0], 0.5)
    bloom = np.hypot(np.mod(along, 60) - 45, margin - 33) < 12
    sew(bloom, palette("f0405f", "ffb03a", "4fa8e8")[(along // 60).astype(np.int64) % 3], 0.9)
    sew((margin > 48) & (margin < 53), palette("ffd04a")[0], 0.25 * np.pi)
    return sketch, silk


def embroidery(scale: float) -> Array:
    """A bouquet with two birds: shining silk in satin stitch on pale linen."""
    rng = np.random.default_rng(1920)
    sketch, silk = _folk(rng)
    canvas = Canvas(720, 720, scale, palette("8a7458")[0])
    _ground(canvas, sketch, silk, rng)
    starts = scattered(rng, 720, 720, 5.6)
    starts = starts[sample(silk.astype(np.float64), starts[:, 0], starts[:, 1]) > 0.6]
    rim = sample(outline(sketch.region), starts[:, 0], starts[:, 1])
    paths = traced(sketch.angle, starts, 30, 5)
    # A stitch ends where its patch of colour ends.
    paths = starts[:, None] + (paths - starts[:, None]) * np.clip(rim / 15, 0.25, 1)[:, None, None]
    colours = oklab(varied(rng, sample(sketch.rgb, starts[:, 0], starts[:, 1]), 0.045, 0.014, 1.1))
    _stitched(canvas, paths, colours, 3.6)
    return lit(canvas.pixels(), canvas.relief(), scale, depth=0.35, softness=0.8)


def _ground(canvas: Canvas, sketch: Sketch, silk: Mask, rng: np.random.Generator) -> None:
    """Stitches the linen, too, in flowing rows of pale silk, so that no part is without thread."""
    starts = scattered(rng, 720, 720, 7)
    starts = starts[sample(silk.astype(np.float64), starts[:, 0], starts[:, 1]) < 0.3]
    x, y = starts[:, 0], starts[:, 1]
    shade = 0.45 + 0.6 * sketch.noise.fbm(x, y, 150, 3)
    pale = ramp(palette("d8b088", "f0cfa8", "f8e6cc", "fbf2e0", "f4d8c4", "cfe0e0"), shade)
    margin = sample(frame(sketch)[0], x, y)
    deep = ramp(palette("141a3c", "1f3068", "2a4f8f"), shade)
    pale = np.where((margin < 48)[:, None], deep, pale)
    turns = np.asarray(2.2 * sketch.noise.at(sketch.x, sketch.y, 230))
    paths = traced(turns, starts, 32, 5)
    _stitched(canvas, paths, oklab(varied(rng, pale, 0.035, 0.01)), 3.6)


def _stitched(canvas: Canvas, paths: Array, colours: Array, width: float) -> None:
    """Lays stitches along `paths` (N, points, 2), shining as they turn to the light."""
    way = paths[:, -1] - paths[:, 0]
    theta = np.arctan2(way[:, 1], way[:, 0])
    shone = colours + np.outer(0.08 * np.cos(2 * (theta - 0.9)), (1, 0, 0))
    body, dark, bright = (srgb(shone + np.array([d, 0, 0])) for d in (0.0, -0.24, 0.12))
    side = np.stack([-np.sin(theta), np.cos(theta)], axis=1)
    side *= np.where(side.sum(axis=1) > 0, 1, -1)[:, None]
    for n in range(len(paths)):
        canvas.line(paths[n] + side[n] * width * 0.45, dark[n], width * 0.8, 0.3)
        canvas.line(paths[n], body[n], width, 0.85)
        canvas.line(paths[n][1:-1] - side[n] * width * 0.24, bright[n], width * 0.5, 1.0)
