"""How a picture is cut into overlapping tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import tensorflow as tf

STRIDE: Final = 16
"""Pixels between neighbouring features of the deepest layers; tiles are cut at multiples."""

HALO: Final = 96
"""Pixels beyond a tile's core that its features can see: 86 for block5_conv2, and some."""

TILE_PIXELS: Final = 800_000
"""Pixels of a picture, or of a tile, that are computed at once: some 3 GB of memory."""

TILE_PIXELS_ON_GPU: Final = 4_000_000
"""The same on a GPU: some 14 GB."""

LEAST_TILE_PIXELS: Final = 90_000
"""Pixels below which tiles consist of little but their halo."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture: rows and columns as [first, last), in pixels.

    Attributes:
        rows, columns: what is computed, halo and all.
        core_rows, core_columns: what it stands for. Cores do not overlap.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    core_rows: tuple[int, int]
    core_columns: tuple[int, int]

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """The core within the tile: top, bottom, left and right, in pixels."""
        (top, _), (left, _) = self.rows, self.columns
        first, last = self.core_rows
        begin, end = self.core_columns
        return first - top, last - top, begin - left, end - left

    @property
    def pixels(self) -> int:
        """How many are computed."""
        (top, bottom), (left, right) = self.rows, self.columns
        return (bottom - top) * (right - left)

    def cut(self, picture: tf.Tensor) -> tf.Tensor:
        """The tile, out of a picture of shape (1, height, width, channels)."""
        return picture[:, slice(*self.rows), slice(*self.columns)]

    def core_at(self, layer: str) -> tuple[slice, slice, slice]:
        """Where the core is in the whole picture's features of a layer."""
        stride = stride_of(layer)
        top, bottom = (row // stride for row in self.core_rows)
        left, right = (column // stride for column in self.core_columns)
        return slice(None), slice(top, bottom), slice(left, right)


def tiles(height: int, width: int, pixels: int) -> list[Tile]:
    """Cuts a picture into as few tiles as hold at most so many pixels each.

    Tiles that would consist of little but halo become larger than asked for.

    Args:
        height: of the picture, in pixels.
        width: the same.
        pixels: of a tile, halo and all.
    """
    most = max(pixels, LEAST_TILE_PIXELS)
    side = most**0.5 - 2 * HALO
    rows, columns = max(1, round(height / side)), max(1, round(width / side))
    while True:
        cut = [
            Tile(row, column, core_row, core_column)
            for row, core_row in _spans(height, rows)
            for column, core_column in _spans(width, columns)
        ]
        most_rows, most_columns = height // STRIDE, width // STRIDE
        if max(tile.pixels for tile in cut) <= most or (
            rows >= most_rows and columns >= most_columns
        ):
            return cut
        if columns >= most_columns or (rows < most_rows and height / rows >= width / columns):
            rows += 1
        else:
            columns += 1


def _spans(length: int, parts: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Cuts a side at multiples of `STRIDE`: each part with its halo, and its core."""
    parts = min(parts, max(1, length // STRIDE))
    edges = [round(part * length / parts / STRIDE) * STRIDE for part in range(parts)]
    edges.append(length)
    for first, last in pairwise(edges):
        yield (max(0, first - HALO), min(length, last + HALO)), (first, last)


def stride_of(layer: str) -> int:
    """Pixels between neighbouring features of a layer such as "block4_conv2"."""
    return 1 << (int(layer.removeprefix("block").split("_")[0]) - 1)


def area(picture: tf.Tensor) -> int:
    """Pixels of a picture of shape (1, height, width, channels)."""
    shape: tuple[int, ...] = tuple(picture.shape)
    return shape[1] * shape[2]
