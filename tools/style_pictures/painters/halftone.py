"""A comic heroine in process colours: rotated screens of dots under a black outline."""

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, blend, grid, sample, step
from tools.style_pictures.colour import either, palette, ramp
from tools.style_pictures.noise import Noise
from tools.style_pictures.sketch import Sketch, arc, path, smooth

_FACE = path("232,250 240,380 262,470 318,540 372,556 424,520 462,440 478,340 474,240 350,170")


_HAIR = path(
    "120,640 98,500 110,360 96,240 150,130 250,62 370,44 480,84 556,170 572,290 "
    "548,380 580,480 566,600 520,660 494,560 500,420 470,300 420,236 330,258 262,250 "
    "250,350 254,470 232,560 190,660"
)


_SHOULDERS = path("60,800 90,700 190,650 290,616 296,530 420,530 424,616 520,650 600,690 640,800")


def _heroine(sketch: Sketch) -> Array:
    """A comic heroine; returns the ink of the outlines, (H, W), 0 to 1."""
    x, y = sketch.x, sketch.y
    ink = Canvas(640, 768, 1.0, (0, 0, 0))
    white = (1.0, 1.0, 1.0)
    spokes = np.sin(np.arctan2(y - 300, x - 350) * 17) > 0
    r = np.hypot(x - 350, y - 300) / 520
    sketch.fill(spokes, ramp(palette("fff7c9", "ffd92e", "f7941e"), r * 1.3))
    sketch.fill(~spokes, ramp(palette("9fe0ee", "3aa6dc", "1c5fb0"), r * 1.2))
    skin = ramp(palette("ffe6d2", "ffd0b8", "f7a893"), 0.25 + (x - 330) / 420 + 0.2 * (y > 470))
    for points, fill in ((_SHOULDERS, None), (_FACE, None), (_HAIR, "hair")):
        curve = smooth(points)
        ink.polygon(curve, (0, 0, 0))
        if fill:
            lock = np.sin((x + 60 * np.sin(y / 95)) / 17 + 2 * np.sin(y / 60))
            shine = step(lock + 0.7 * np.sin(y / 70 + x / 130), 0.7, 0.5)
            sketch.fill(
                sketch.inside(curve),
                blend(np.full((*x.shape, 3), palette("e8262f")[0]), palette("ff9a3a")[0], shine),
            )
            dark = sketch.inside(curve) & (lock < -0.55)
            sketch.fill(dark, palette("8a1030")[0])
        else:
            sketch.fill(sketch.inside(curve), skin)
        ink.line(np.concatenate([curve, curve[:2]]), white, 6.5)
    dress = (y > 690 + 46 * np.cos((x - 356) / 62)) & sketch.inside(smooth(_SHOULDERS))
    # Spots, not stripes: black and white stripes would run across every clear sky.
    spot = np.hypot(np.mod(x + 23 * np.floor(y / 40), 46) - 23, np.mod(y, 40) - 20) < 11
    sketch.fill(dress, either(spot, "f4f0e2", "2b3fa0"))
    for cx in (302, 420):
        almond = smooth([(cx - 42, 352), (cx, 326), (cx + 42, 346), (cx + 2, 372)])
        sketch.fill(sketch.inside(almond), palette("ffffff")[0])
        for radius, code in ((19, "1f8fb0"), (9, "101018")):
            sketch.fill(
                sketch.ellipse(cx, 348, radius, radius) & sketch.inside(almond), palette(code)[0]
            )
        sketch.fill(sketch.ellipse(cx - 6, 342, 4, 4), palette("ffffff")[0])
        ink.line(smooth([(cx - 46, 356), (cx - 4, 324), (cx + 48, 342)], closed=False), white, 9)
        ink.line(smooth([(cx - 34, 362), (cx + 2, 374), (cx + 36, 356)], closed=False), white, 3)
        ink.line(smooth([(cx - 46, 306), (cx, 284), (cx + 48, 300)], closed=False), white, 10)
        for n in range(4):
            ink.line(
                np.array([[cx + 22 + 9 * n, 334 + 3 * n], [cx + 36 + 11 * n, 316 + 4 * n]]),
                white,
                4,
            )
    ink.line(smooth(path("366,350 376,400 382,430 364,440 350,434"), closed=False), white, 4.5)
    mouth = smooth(path("312,484 342,470 362,476 382,468 412,480 364,516"))
    sketch.fill(sketch.inside(mouth), palette("d8142f")[0])
    ink.line(np.concatenate([mouth, mouth[:2]]), white, 4)
    ink.line(smooth([(314, 485), (360, 490), (410, 481)], closed=False), white, 4)
    ink.line(smooth([(338, 540), (362, 550), (388, 540)], closed=False), white, 3)
    for n in range(13):
        start = 150 + 31 * n
        lock = smooth(
            [
                (start, 90 + 50 * abs(n - 6) / 6),
                (start - 22, 190),
                (start * 0.86 - 20, 330),
                (start * 0.8, 500),
            ],
            closed=False,
        )
        hair = sketch.inside(smooth(_HAIR))
        keep = sample(hair.astype(np.float64), lock[:, 0], lock[:, 1]) > 0.5
        if keep.sum() > 3:
            ink.line(lock[keep], white, 3.5)
    ink.line(np.concatenate([arc(352, 596, 92, 0.5, np.pi - 0.5, points=24)]), white, 3)
    for bead in arc(352, 590, 96, 0.42, np.pi - 0.42, points=11):
        sketch.fill(sketch.ellipse(bead[0], bead[1], 11, 11), palette("fff3b0")[0])
        ink.line(arc(bead[0], bead[1], 11, 0, 6.4, points=20), white, 3)
    return ink.pixels()[..., 0]


def halftone(scale: float) -> Array:
    """A comic heroine in process colours: rotated screens of dots under a black outline."""
    sketch = Sketch(640, 768, 64)
    key = _heroine(sketch)
    x, y = grid(640, 768, scale)
    hand = Noise(12)
    rgb = np.broadcast_to(palette("f6ecd0")[0], (*x.shape, 3)).copy()
    # Angle of the screen in degrees, offset of the plate in units, and the ink.
    plates = (
        (0, 75, (2.0, -1.4), "e3206b"),
        (1, 45, (-1.6, 1.2), "ffe000"),
        (2, 15, (1.2, 1.8), "0a8fd6"),
    )
    amounts = 1 - sketch.rgb
    for _, degrees, (ox, oy), code in (plates[1], plates[0], plates[2]):
        channel = {"e3206b": 1, "ffe000": 2, "0a8fd6": 0}[code]
        amount = np.clip(sample(amounts[..., channel], x + ox, y + oy), 0, 1) ** 1.25
        turn = np.radians(degrees)
        u = (x * np.cos(turn) + y * np.sin(turn)) / 9.5
        v = (y * np.cos(turn) - x * np.sin(turn)) / 9.5
        cell = np.hypot(np.mod(u, 1) - 0.5, np.mod(v, 1) - 0.5)
        dots = step(0.56 * np.sqrt(amount) + 0.2 * amount**4, cell, 0.12) * (amount > 0.03)
        dots = dots * (0.93 + 0.1 * hand.at(x, y, 4))
        rgb = rgb * (1 - dots[..., None] * (1 - palette(code)[0]))
    worn = 0.95 - 0.25 * step(hand.at(x, y, 7) + 0.6 * hand.at(x, y, 2.5), 0.75, 0.4)
    rgb = blend(rgb, palette("141420")[0], sample(key, x, y) * worn)
    return rgb * (1 - 0.05 * np.clip(hand.fbm(x, y, 90), 0, 1))[..., None]
