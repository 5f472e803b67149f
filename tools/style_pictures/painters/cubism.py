"""A guitar and a bottle seen from many sides at once, in shaded facets."""

import numpy as np

from tools.style_pictures.canvas import Array, blend, grid, sample, step
from tools.style_pictures.colour import either, oklab, palette, ramp, srgb
from tools.style_pictures.noise import Noise
from tools.style_pictures.sketch import Sketch, outline, path, smooth


def _still_life() -> Sketch:
    sketch = Sketch(640, 768, 19)
    x, y = sketch.x, sketch.y
    sketch.fill(
        np.ones_like(x, dtype=np.bool_),
        ramp(palette("2f4a5f", "6f8f98", "b9b49a"), sketch.cloudy(220) + 0.2 * x / 640),
    )
    drape = np.sin(x / 26 + np.sin(y / 90))
    sketch.fill(
        (x > 420) & (y < 500), ramp(palette("5f1f24", "a8402f", "e08a4f"), 0.5 + 0.4 * drape)
    )
    table = sketch.inside(np.array([[30, 560], [610, 500], [690, 800], [-60, 800]]))
    sketch.fill(
        table,
        ramp(
            palette("5a3a22", "9a6a35", "d8a85a"),
            0.5 + 0.4 * np.sin((x * 0.3 + y) / 13 + sketch.noise.at(x, y, 70)),
        ),
    )
    cloth = sketch.inside(np.array([[300, 540], [560, 515], [640, 680], [480, 790], [330, 700]]))
    sketch.fill(
        cloth, ramp(palette("8f9fae", "e8e4d4", "fbf6e6"), 0.5 + 0.5 * np.sin((x - y) / 34))
    )
    body = smooth(
        path(
            "150,640 70,560 90,450 160,410 150,340 190,268 280,262 330,330 310,410 "
            "360,480 350,590 260,660"
        )
    )
    sketch.fill(
        sketch.inside(body),
        ramp(
            palette("6a3416", "b8692a", "e8a44a", "f6d58a"),
            0.65 - (x - 120) / 420 + 0.15 * np.sin(x / 5),
        ),
    )
    for radius, code in ((54, "3a1d10"), (48, "d8a45a"), (42, "150d0c")):
        sketch.fill(sketch.ellipse(225, 430, radius, radius), palette(code)[0])
    neck = sketch.inside(np.array([[208, 400], [240, 400], [300, 60], [272, 52]]))
    sketch.fill(neck, either(np.mod(y, 26) < 3, "e8d8a8", "2f1a14"))
    sketch.fill(
        sketch.inside(np.array([[262, 70], [310, 78], [322, 18], [274, 8]])), palette("7a451f")[0]
    )
    sketch.fill(
        (np.abs(y - 560 - 0.1 * (x - 220)) < 8) & (np.abs(x - 215) < 62), palette("2a1510")[0]
    )
    bottle = smooth(
        path("440,640 424,560 428,380 450,320 456,210 492,210 498,320 522,380 526,560 512,640")
    )
    sketch.fill(
        sketch.inside(bottle),
        ramp(palette("0f2a22", "1f5f42", "5fa070", "d0e0b0"), 0.95 - np.abs(x - 458) / 75),
    )
    label = sketch.inside(bottle) & (y > 440) & (y < 560)
    sketch.fill(
        label,
        either(np.mod(y, 40) < 7, "2a2a2a", "efe3c0"),
    )
    bowl = sketch.ellipse(410, 690, 150, 70) & (y > 668)
    for cx, cy, r, code in (
        (330, 640, 50, "d8452a"),
        (410, 620, 54, "e8a02a"),
        (480, 646, 46, "8fa83a"),
        (380, 668, 40, "b02a3a"),
    ):
        lightness = 1 - np.hypot(x - cx + r * 0.3, y - cy + r * 0.35) / r
        sketch.fill(
            sketch.ellipse(cx, cy, r, r),
            ramp(palette("2a1418", code, "fbe8b0"), 0.35 + 0.6 * lightness),
        )
    sketch.fill(bowl, ramp(palette("1f3a5f", "5f8fb0", "dce8e4"), 0.5 + 0.5 * np.sin(x / 44)))
    sheet = np.array([[20, 660], [200, 620], [270, 740], [80, 800]])
    lines = np.mod(y + 0.25 * x, 24) < 4
    sketch.fill(sketch.inside(sheet), either(lines, "4a4640", "ece2c6"))
    return sketch


def cubism(scale: float) -> Array:
    """A guitar and a bottle seen from many sides at once, in shaded facets."""
    rng = np.random.default_rng(1912)
    sketch = _still_life()
    x, y = grid(640, 768, scale)
    hand = Noise(29)
    facet = np.zeros(x.shape, dtype=np.int64)
    gap = np.full(x.shape, 1e3)
    shade = np.zeros(x.shape)
    for n in range(90):
        # Each line cuts only a part of the sheet, else the facets become too small.
        mx, my = rng.uniform(0, 640), rng.uniform(0, 768)
        if n % 10 == 9:
            cx, cy, r = rng.uniform(80, 560), rng.uniform(120, 650), rng.uniform(80, 210)
            distance = np.hypot(x - cx, y - cy) - r
        else:
            turn = rng.choice([0.35, 0.62, 1.05, 1.45, 1.75, 2.2, 2.7]) + rng.normal(0, 0.1)
            through = np.array([mx, my]) + rng.normal(0, 30, 2)
            distance = (x - through[0]) * np.sin(turn) - (y - through[1]) * np.cos(turn)
        local = np.hypot(x - mx, y - my) < rng.uniform(70, 190)
        # A binary digit for each line, folded so that all of them fit into 64 bits.
        facet = (facet * 2 + ((distance > 0) & local)) % (2**31 - 1)
        gap = np.where(local, np.minimum(gap, np.abs(distance)), gap)
        side = rng.choice([-1.0, 1.0])
        shade = shade + np.where(
            local, 0.5 * np.exp(-np.clip(side * distance, 0, None) / 34) * (side * distance > 0), 0
        )
    table = np.random.default_rng(7)
    shift = table.normal(0, 20, (4096, 2))
    turn, zoom = table.normal(0, 0.16, 4096), table.uniform(0.86, 1.16, 4096)
    # Facet numbers must not depend on which facets a small render happens to show.
    key = (facet * 2654435761 >> 7) % 4096
    c, s = np.cos(turn[key]) * zoom[key], np.sin(turn[key]) * zoom[key]
    u, v = x - 320, y - 400
    px, py = 320 + c * u - s * v + shift[key, 0], 400 + s * u + c * v + shift[key, 1]
    rgb = sample(sketch.rgb, np.clip(px, 0, 640), np.clip(py, 0, 768))
    drawn = sample(outline(sketch.region), np.clip(px, 0, 640), np.clip(py, 0, 768))
    lab = oklab(rgb)
    way = turn[key] * 9
    stroke = hand.fbm(
        x * np.cos(way) + y * np.sin(way), 3.4 * (y * np.cos(way) - x * np.sin(way)), 16, 3
    )
    lab[..., 0] += (
        0.4 * (np.clip(shade, 0, 0.9) - 0.42)
        + 0.055 * stroke
        + 0.05 * table.normal(0, 1, 4096)[key]
    )
    warm = table.normal(0, 1, 4096)[key]
    lab[..., 1] = lab[..., 1] * 0.85 + 0.012 * warm
    lab[..., 2] = lab[..., 2] * 0.85 + 0.025 * warm + 0.01
    dab = hand.at(x * 1.0 + 60, y * 1.9, 6.5) + 0.4 * hand.at(x, y, 3)
    lab[..., 0] += 0.03 * np.where(key % 3 == 0, np.sign(dab) * step(np.abs(dab), 0.35, 0.2), dab)
    rgb = srgb(lab)
    ink = palette("17130f")[0]
    rgb = blend(rgb, ink, 0.85 * step(1.7 + hand.at(x, y, 19) - drawn, 0, 1.2))
    broken = 0.35 + 0.65 * step(hand.at(x, y, 70), -0.25, 0.4)
    rgb = blend(rgb, ink, 0.8 * broken * step(2.3 + 0.9 * hand.at(x, y, 24) - gap, 0, 1.2))
    light = np.exp(-np.clip(gap - 2, 0, None) / 3.5) * (shade > 0.3)
    rgb = blend(rgb, palette("fbf0d2")[0], 0.28 * light)
    weave = 0.5 * np.sin(x * np.pi / 1.7) + 0.5 * np.sin(y * np.pi / 1.7)
    return rgb * (1 + 0.02 * weave + 0.05 * hand.at(x, y, 2.6))[..., None]
