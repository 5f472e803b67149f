"""Brush strokes along a field of directions (Haeberli 1990; Hertzmann 1998, section 2)."""

from dataclasses import dataclass

import numpy as np

from tools.style_pictures.canvas import Array, Canvas, sample
from tools.style_pictures.colour import oklab, varied
from tools.style_pictures.noise import scattered


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be painted: one entry per unit.

    Attributes:
        rgb: (H, W, 3), 0 to 1.
        angle: (H, W), the direction of strokes in radians.
    """

    rgb: Array
    angle: Array

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in units."""
        return self.rgb.shape[1], self.rgb.shape[0]


@dataclass(frozen=True, slots=True)
class Brush:
    """A size of brush and the way it is used.

    Attributes:
        width: Of the stroke, in units.
        length: Of the stroke, in units.
        gap: Between the middles of strokes, in units.
        bristles: Marks that one stroke leaves side by side.
        lightness: Spread of lightness between strokes (Oklab).
        chroma: Spread of hue between strokes (Oklab).
        detail: 0: strokes everywhere; towards 1: only where the scene has edges.
        boost: Factor on the colourfulness of the scene.
    """

    width: float
    length: float
    gap: float
    bristles: int
    lightness: float = 0.03
    chroma: float = 0.02
    detail: float = 0.0
    boost: float = 1.0


def traced(angle: Array, starts: Array, length: float, points: int = 9) -> Array:
    """Paths (N, points, 2) of `length` units along `angle`, centred on `starts` (N, 2)."""
    stride = length / (points - 1)
    turned = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    # Directions are averaged as vectors: angles jump where they wrap around.
    halves = []
    for sign in (-1.0, 1.0):
        here, path = starts, []
        for _ in range(points // 2):
            go = sample(turned, here[:, 0], here[:, 1])
            go = go / np.maximum(np.linalg.norm(go, axis=1, keepdims=True), 1e-6)
            here = here + sign * stride * go
            path.append(here)
        halves.append(path)
    return np.stack([*halves[0][::-1], starts, *halves[1]], axis=1)


def edges(rgb: Array) -> Array:
    """How much happens at each place (H, W), 0 to 1."""
    down, across = np.gradient(oklab(rgb), axis=(0, 1))
    slope = np.sqrt((down**2 + across**2).sum(axis=-1))
    return np.asarray(np.clip(slope / (np.quantile(slope, 0.95) + 1e-9), 0, 1))


def brushed(canvas: Canvas, scene: Scene, brush: Brush, rng: np.random.Generator) -> None:
    """Covers the canvas with one layer of strokes in the scene's colours."""
    starts = scattered(rng, *scene.size, brush.gap)
    if brush.detail > 0:
        busy = sample(edges(scene.rgb), starts[:, 0], starts[:, 1])
        starts = starts[rng.uniform(0, 1, len(starts)) < 1 - brush.detail * (1 - busy)]
    count = len(starts)
    colours = varied(
        rng,
        sample(scene.rgb, starts[:, 0], starts[:, 1]),
        brush.lightness,
        brush.chroma,
        brush.boost,
    )
    paths = traced(scene.angle, starts, brush.length)
    reach = rng.uniform(0.6, 1.0, count)
    paths = starts[:, None] + (paths - starts[:, None]) * reach[:, None, None]
    along = np.gradient(paths, axis=1)
    normal = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    normal = normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    taper = np.sin(np.linspace(0.25, np.pi - 0.12, paths.shape[1]))[:, None] ** 0.5
    # Bristles thinner than a pixel cannot be told apart: small renders draw fewer of them.
    marks = min(brush.bristles, max(1, int(brush.width * canvas.scale / 1.2)))
    offsets = np.linspace(-0.5, 0.5, marks + 2)[1:-1] * brush.width * (marks + 1) / marks
    shade = rng.normal(0, 0.045, (count, brush.bristles))
    thick = rng.uniform(0.25, 0.75, (count, 1)) + rng.uniform(-0.25, 0.25, (count, brush.bristles))
    cut = rng.integers(0, 3, (count, brush.bristles, 2))
    size = brush.width / marks * (1.5 if marks > 1 else 1.1)
    # Plain numbers: the loop below runs tens of thousands of times.
    tones = (colours[:, None] + shade[..., None]).tolist()
    heights, cuts = thick.tolist(), cut.tolist()
    for n in range(count):
        side = normal[n] * taper
        for b in range(marks):
            first, last = cuts[n][b]
            mark = (paths[n] + side * offsets[b])[first : paths.shape[1] - last]
            canvas.line(mark, tones[n][b], size, heights[n][b])
