"""Noise and point sets: where the hand of the painter trembles."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tools.style_pictures.canvas import Array


class Noise:
    """Gradient noise on the plane (Perlin, SIGGRAPH 1985), the same at every resolution."""

    def __init__(self, seed: int) -> None:
        turn = np.random.default_rng(seed).uniform(0, 2 * np.pi, (256, 256))
        seamed = np.pad(turn, ((0, 1), (0, 1)), mode="wrap").ravel()
        self._gx, self._gy = np.cos(seamed), np.sin(seamed)

    def at(self, x: Array, y: Array, period: float) -> Array:
        """One octave at (x, y), about -1 to 1, with features of `period` units."""
        u, v = x / period, y / period
        whole_u, whole_v = np.floor(u), np.floor(v)
        fx, fy = u - whole_u, v - whole_v
        i, j = whole_u.astype(np.int64) & 255, whole_v.astype(np.int64) & 255
        wx, wy = fx * fx * fx * (fx * (fx * 6 - 15) + 10), fy * fy * fy * (fy * (fy * 6 - 15) + 10)
        # The tables carry a seam, so that the next corner needs no wrapping.
        first = j * 257 + i

        def corner(at: NDArray[np.int64], dx: Array, dy: Array) -> Array:
            return np.asarray(self._gx[at] * dx + self._gy[at] * dy)

        top, low = corner(first, fx, fy), corner(first + 257, fx, fy - 1)
        top = top + wx * (corner(first + 1, fx - 1, fy) - top)
        low = low + wx * (corner(first + 258, fx - 1, fy - 1) - low)
        return np.asarray((top + wy * (low - top)) * 1.5)

    def fbm(self, x: Array, y: Array, period: float, octaves: int = 4) -> Array:
        """Octaves of noise, each half as large and half as strong; about -1 to 1."""
        total = np.zeros(np.broadcast(x, y).shape)
        strength = 1.0
        for octave in range(octaves):
            total = total + strength * self.at(x + 37.3 * octave, y - 17.1 * octave, period)
            period, strength = period / 2, strength / 2
        return total / (2 - 2 * strength)


def scattered(rng: np.random.Generator, width: float, height: float, gap: float) -> Array:
    """Points (N, 2) about `gap` apart in random order: a shaken hexagonal lattice."""
    rows = int(np.ceil(height / (gap * 0.866))) + 2
    columns = int(np.ceil(width / gap)) + 2
    j, i = np.mgrid[0:rows, 0:columns]
    x = (i - 0.5 + 0.5 * (j % 2)) * gap
    y = (j - 0.5) * gap * 0.866
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    points = points + rng.uniform(-0.42, 0.42, points.shape) * gap
    return np.asarray(rng.permutation(points))


def owners(points: Array, x: Array, y: Array) -> tuple[Array, NDArray[np.int64]]:
    """The two nearest of the points (N, 2) to each place.

    Returns:
        Their distances and their numbers, each (H, W, 2), the nearest first.
    """
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    distance, number = cKDTree(points).query(places, k=2)
    shape = (*x.shape, 2)
    return np.reshape(distance, shape), np.asarray(np.reshape(number, shape), dtype=np.int64)


def relaxed(points: Array, width: int, height: int, rounds: int, stride: float = 3) -> Array:
    """Points (N, 2) moved to the centres of their Voronoi cells (Lloyd 1982)."""
    x, y = np.meshgrid(np.arange(stride / 2, width, stride), np.arange(stride / 2, height, stride))
    pixels = np.stack([x.ravel(), y.ravel()], axis=1)
    for _ in range(rounds):
        _, owner = cKDTree(points).query(pixels)
        count = np.bincount(owner, minlength=len(points))
        centre = np.stack(
            [np.bincount(owner, pixels[:, axis], len(points)) for axis in (0, 1)], axis=1
        )
        some = count > 0
        points = points.copy()
        points[some] = centre[some] / count[some, None]
    return points
