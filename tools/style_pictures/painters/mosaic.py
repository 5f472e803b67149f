"""Two carp among lilies: hand-cut stones set along the contours in dark mortar."""

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.spatial import cKDTree

from tools.style_pictures.canvas import Array, Canvas, blend, grid, lit, sample, step
from tools.style_pictures.colour import palette, ramp, varied
from tools.style_pictures.noise import Noise, owners, scattered
from tools.style_pictures.sketch import Sketch, outline, path, smooth


def _koi(sketch: Sketch, spine: Array, girth: float, code: str, spots: str) -> None:
    """A carp along a spine (N, 2), head first."""
    x, y = sketch.x, sketch.y
    both, numbers = owners(spine, x, y)
    gap, nearest = both[..., 0], numbers[..., 0]
    along = nearest / (len(spine) - 1)
    tangent = np.gradient(spine, axis=0)
    heading = np.arctan2(tangent[:, 1], tangent[:, 0])[nearest]
    half = girth * np.sqrt(np.clip(along * 7, 0, 1)) * (1 - along) ** 0.55 + 2
    for place, size in ((0.3, 1.25), (0.55, 0.8)):
        px, py = spine[int(place * (len(spine) - 1))]
        way = np.arctan2(*tangent[int(place * (len(spine) - 1))][::-1])
        for side in (-1, 1):
            turn = way + side * 0.95
            fin = sketch.ellipse(
                px + girth * size * 1.25 * np.cos(turn),
                py + girth * size * 1.25 * np.sin(turn),
                girth * size * 0.85,
                girth * 0.34 * size,
                turn,
            )
            sketch.fill(fin, palette("ffe2b8")[0], turn)
    tail, before = spine[-1], spine[-6]
    way = np.arctan2(*(tail - before)[::-1])
    for swing in (-0.5, 0.5, 0.0):
        turn = way + swing
        fin = sketch.ellipse(
            tail[0] + girth * 0.8 * np.cos(turn),
            tail[1] + girth * 0.8 * np.sin(turn),
            girth * 1.15,
            girth * 0.34,
            turn,
        )
        sketch.fill(fin, palette("ffd9a0", "f6a95a")[int(swing == 0)], turn)
    body = gap < half
    base, mark = palette(code, spots)
    tone = blend(
        np.broadcast_to(base, (*x.shape, 3)),
        palette("fff8e8")[0],
        step(gap / half, 0.75, 0.4) * 0.6,
    )
    sketch.fill(body, tone, heading)
    patch = (
        body & (sketch.noise.at(x, y, 62) + 0.35 * np.cos(along * 26) > 0.18) & (gap < half * 0.8)
    )
    sketch.fill(patch, mark, heading)
    eye, way = spine[int(0.07 * len(spine))], heading.flat[0]
    nose = tangent[2] / np.linalg.norm(tangent[2])
    for side in (-1, 1):
        spot = eye + side * girth * 0.42 * np.array([-nose[1], nose[0]])
        sketch.fill(sketch.ellipse(spot[0], spot[1], 8, 8), palette("141a2a")[0])


def _pool(rng: np.random.Generator) -> Sketch:
    sketch = Sketch(720, 720, 40)
    x, y = sketch.x, sketch.y
    rings = np.minimum(np.hypot(x - 270, y - 250), 1.1 * np.hypot(x - 480, y - 490))
    warp = rings + 14 * sketch.noise.at(x, y, 90)
    waters = palette("0d2f5a", "15508a", "1f7fa8", "3fb0b8", "9fdcc8", "f4cf74")
    shade = 0.4 + 0.34 * np.sin(warp / 15) + 0.4 * sketch.noise.at(x, y, 200)
    down, across = np.gradient(warp)
    sketch.fill(
        np.ones_like(x, dtype=np.bool_), ramp(waters, shade), np.arctan2(down, across) + np.pi / 2
    )
    upper = smooth(path("130,330 150,210 260,130 390,150 460,220 540,240"), 14, closed=False)
    lower = smooth(path("600,400 590,520 490,600 360,580 280,510 190,520"), 14, closed=False)
    _koi(sketch, upper, 62, "f2642a", "fff4e0")
    _koi(sketch, lower, 62, "fdf0dc", "e0342f")
    for cx, cy, size in ((600, 120, 88), (110, 620, 96)):
        r, turn = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
        pad = (r < size) & ~((np.abs(turn - 0.7) < 0.22) & (r > 8))
        veins = ramp(
            palette("14505a", "2f8a72", "a8c890"), 0.45 + 0.3 * np.cos(turn * 9) + 0.2 * r / size
        )
        sketch.fill(pad, veins, turn + np.pi / 2)
        for ring, code in ((0.6, "f6b8a8"), (0.44, "fde4d4"), (0.16, "ffd84a")):
            petals = r < size * ring * (1 + 0.22 * np.cos(7 * turn + 9 * ring))
            sketch.fill(petals, varied(rng, palette(code), 0.01, 0.01)[0], turn)
    return sketch


def _tesserae(sketch: Sketch, points: Array, angle: Array, rounds: int) -> tuple[Array, Array]:
    """Square tiles along the contours (Hausner 2001): their middles (N, 2) and directions (N,)."""
    height, width = angle.shape
    x, y = np.meshgrid(np.arange(1.5, width, 3.0), np.arange(1.5, height, 3.0))
    pixels = np.stack([x.ravel(), y.ravel()], axis=1)
    turned = np.stack([np.cos(4 * angle), np.sin(4 * angle)], axis=-1)
    edge = sample(outline(sketch.region), pixels[:, 0], pixels[:, 1]) > 2.2
    for _ in range(rounds):
        way = sample(turned, points[:, 0], points[:, 1])
        theta = np.arctan2(way[:, 1], way[:, 0]) / 4
        near = np.asarray(cKDTree(points).query(pixels, k=5)[1], dtype=np.int64)
        offset = pixels[:, None] - points[near]
        c, s = np.cos(theta[near]), np.sin(theta[near])
        u = np.abs(offset[..., 0] * c + offset[..., 1] * s)
        v = np.abs(offset[..., 1] * c - offset[..., 0] * s)
        owner = near[np.arange(len(near)), np.maximum(u, v).argmin(axis=1)]
        # Pixels on a contour belong to nobody: tiles draw back from it to one side.
        count = np.bincount(owner[edge], minlength=len(points))
        total = [np.bincount(owner[edge], pixels[edge, a], len(points)) for a in (0, 1)]
        some = count > 0
        points = points.copy()
        points[some] = (np.stack(total, axis=1)[some]) / count[some, None]
    way = sample(turned, points[:, 0], points[:, 1])
    return points, np.arctan2(way[:, 1], way[:, 0]) / 4


def mosaic(scale: float) -> Array:
    """Two carp among lilies: hand-cut stones set along the contours in dark mortar."""
    rng = np.random.default_rng(540)
    sketch = _pool(rng)
    side = 13.5
    inner = gaussian_filter(
        distance_transform_edt(outline(sketch.region) > 0.5).astype(np.float64), 1.5
    )
    down, across = np.gradient(inner)
    near = np.exp(-inner / 16)
    contour = np.arctan2(down, across)
    mixed = near * np.exp(4j * contour) + (1 - near) * np.exp(4j * sketch.angle)
    points, theta = _tesserae(
        sketch, scattered(rng, 720, 720, side * 1.06), np.angle(mixed) / 4, 10
    )
    colours = varied(rng, sample(sketch.rgb, points[:, 0], points[:, 1]), 0.038, 0.014, 1.08)
    canvas = Canvas(720, 720, scale, palette("2a2622")[0])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (side / 2 - 0.75)
    tilt = rng.normal(0, 0.05, len(points))
    ragged = rng.uniform(-0.9, 0.9, (len(points), 4, 2))
    high = rng.uniform(0.55, 0.9, len(points))
    for n in range(len(points)):
        c, s = np.cos(theta[n] + tilt[n]), np.sin(theta[n] + tilt[n])
        tile = points[n] + (corners + ragged[n]) @ np.array([[c, s], [-s, c]])
        canvas.polygon(tile, colours[n], float(high[n]))
    hand = Noise(8)
    x, y = grid(720, 720, scale)
    stone = 0.05 * hand.fbm(x, y, 7, 3) + 0.03 * hand.at(x, y, 2.2)
    return lit(canvas.pixels() + stone[..., None], canvas.relief(), scale, depth=0.8, softness=0.5)
