"""Large pictures in bounded memory: the whole picture's gradient, tile by tile.

The losses see the network's features only through sums over places, so the
picture can be cut: a first pass over overlapping tiles adds up the style's
statistics; from their sums follows how the loss changes with each; a second
pass takes that back to the pixels. The tiles overlap by what a feature sees,
so the gradient is exactly that of the whole picture (up to rounding) and has no
seams.
The same in another form: SPST (arXiv 2212.13459).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.features import FeatureNetwork
from core.keep_mask import KeepMask, keep_mask, pixel_loss, style_weights
from core.objective import (
    Centring,
    ContentTarget,
    Evaluation,
    Objective,
    Statistics,
    Targets,
    Weights,
    mixed,
)
from core.recipes import Family, Recipe
from core.steps import Losses

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

    def cut(self, picture: tf.Tensor) -> tf.Tensor:
        """The tile, out of a picture of shape (1, height, width, channels)."""
        return picture[:, slice(*self.rows), slice(*self.columns)]

    def core_at(self, stride: int) -> tuple[slice, slice, slice]:
        """Where the core is in the whole picture's features at a stride."""
        top, bottom = (row // stride for row in self.core_rows)
        left, right = (column // stride for column in self.core_columns)
        return slice(None), slice(top, bottom), slice(left, right)

    def bounds(self) -> tf.Tensor:
        """The core within the tile: top, bottom, left and right, in pixels."""
        top, left = self.rows[0], self.columns[0]
        return tf.constant(
            [
                *(row - top for row in self.core_rows),
                *(column - left for column in self.core_columns),
            ]
        )


def tiles(height: int, width: int, pixels: int) -> list[Tile]:
    """Cuts a picture into as few tiles as hold at most so many pixels each.

    Blocks that would consist of little but halo become larger than asked for.

    Args:
        height: of the picture, in pixels.
        width: the same.
        pixels: of a tile, halo and all.
    """
    side = max(pixels**0.5, LEAST_TILE_PIXELS**0.5) - 2 * HALO
    rows, columns = max(1, round(height / side)), max(1, round(width / side))
    while True:
        cut = [
            Tile(row, column, core_row, core_column)
            for row, core_row in _spans(height, rows)
            for column, core_column in _spans(width, columns)
        ]
        largest = max(
            (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0]) for tile in cut
        )
        most_rows, most_columns = height // STRIDE, width // STRIDE
        if largest <= max(pixels, LEAST_TILE_PIXELS) or (
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


class _Sums(NamedTuple):
    """A layer's features, added up over places, each less a fixed shift.

    Attributes:
        places: how many there are.
        weight: of all places together.
        first: sum of weighted features, shape (channels,).
        second: sum of their weighted products, shape (channels, channels).
    """

    places: tf.Tensor
    weight: tf.Tensor
    first: tf.Tensor
    second: tf.Tensor


class TiledObjective(Objective):
    """An objective that computes large pictures in tiles, and small ones at once."""

    def __init__(
        self, network: FeatureNetwork, recipe: Recipe, *, pixels: int = TILE_PIXELS
    ) -> None:
        """Makes the objective.

        Args:
            network: computes the features.
            recipe: says what is made of them.
            pixels: of a picture, or of a tile, that is computed at once.
        """
        super().__init__(network, recipe)
        self._pixels = pixels
        self._tile_sums = tf.function(self._sums, reduce_retracing=True)
        self._tile_slope = tf.function(self._loss_and_slope, reduce_retracing=True)
        self._tile_content = tf.function(self._content_core, reduce_retracing=True)

    @property
    def pixels(self) -> int:
        """Of a picture, or of a tile, that is computed at once."""
        return self._pixels

    def frugal(self) -> TiledObjective | None:
        """The same with tiles of half the pixels; None if they cannot be made smaller."""
        if self._pixels // 2 < LEAST_TILE_PIXELS:
            return None
        return TiledObjective(self._network, self._recipe, pixels=self._pixels // 2)

    def targets(
        self,
        content: tf.Tensor,
        styles: Sequence[tf.Tensor],
        shares: Sequence[float] = (1.0,),
        *,
        mix: float = 1.0,
        mask: tf.Tensor | None = None,
    ) -> Targets:
        """See `Objective.targets`."""
        if max(_area(picture) for picture in (content, *styles)) <= self._pixels:
            return super().targets(content, styles, shares, mix=mix, mask=mask)
        zeros = tuple(tf.zeros(1) for _ in self._recipe.style_layers)
        own = self._described(self._add_up(content, zeros, None), zeros)
        wanted = mixed(
            [self._described(self._add_up(style, zeros, None), zeros) for style in styles], shares
        )
        if mix < 1.0:
            wanted = mixed([own, wanted], [1.0 - mix, mix])
        height, width = content.shape[1:3]
        strides = {layer: _stride(layer) for layer in self._layers}
        sizes = {layer: (height // by, width // by) for layer, by in strides.items()}
        centrings = tuple(self._centrings(own, wanted))
        keep = None
        if mask is not None:
            keep = keep_mask(mask, content, sizes)
            own = self._described(self._add_up(content, zeros, keep), zeros)
        style = self._style_loss(own, wanted, _area(content))
        seen, apart = self._seen(content, sizes, centrings, keep)
        return Targets(seen, wanted, (apart, float(style), float(self._variation(content))), keep)

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        """See `Objective.evaluate`."""
        if _area(picture) <= self._pixels:
            return super().evaluate(picture, targets, weights)
        shifts = self._shifts(targets.style)
        sums = self._add_up(picture, shifts, targets.keep)
        with tf.GradientTape() as tape:
            tape.watch([(layer.first, layer.second) for layer in sums])
            found = self._described(sums, shifts)
            style = weights.style * self._style_loss(found, targets.style, _area(picture))
        slopes = tape.gradient(
            style,
            [(layer.first, layer.second) for layer in sums],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        with tf.GradientTape() as tape:
            tape.watch(picture)
            variation = weights.variation * self._variation(picture)
            near = tf.constant(0.0)
            if targets.keep is not None:
                near = weights.content * pixel_loss(picture, targets.keep)
            beside = variation + near
        gradient = np.array(tape.gradient(beside, picture))
        content = float(near)
        for tile in tiles(picture.shape[1], picture.shape[2], self._pixels):
            part, slope = self._tile_slope(
                _view(tile, picture, targets.keep),
                self._cores(tile, targets.content),
                tf.constant(weights.content),
                slopes,
                shifts,
            )
            content += float(part)
            gradient[:, slice(*tile.rows), slice(*tile.columns)] += slope.numpy()
        parts = content, float(style), float(variation)
        return Evaluation(Losses(*parts, sum(parts)), tf.constant(gradient))

    def _add_up(
        self, picture: tf.Tensor, shifts: tuple[tf.Tensor, ...], keep: KeepMask | None
    ) -> list[_Sums]:
        """The style layers' sums over the whole picture."""
        whole: list[_Sums] | None = None
        for tile in tiles(picture.shape[1], picture.shape[2], self._pixels):
            part = self._tile_sums(_view(tile, picture, keep), shifts)
            # Many tiles' sums are added in double precision.
            part = tf.nest.map_structure(lambda number: tf.cast(number, tf.float64), part)
            whole = part if whole is None else tf.nest.map_structure(tf.add, whole, part)
        return [_Sums(*(tf.cast(number, tf.float32) for number in layer)) for layer in whole or ()]

    def _sums(self, view: _View, shifts: tuple[tf.Tensor, ...]) -> list[_Sums]:
        features = self._network(view.pixels, tuple(self._recipe.style_layers))
        sums = []
        for layer, shift in zip(self._recipe.style_layers, shifts, strict=True):
            core = view.core(layer, features) - shift
            places = tf.reshape(core, [-1, core.shape[-1]])
            count = tf.cast(tf.shape(places)[0], tf.float32)
            if view.keep is None:
                weight, weighted = count, places
            else:
                weights = tf.reshape(style_weights(view.keep[layer]), [-1, 1])
                weight, weighted = tf.reduce_sum(weights), places * weights
            first = tf.reduce_sum(weighted, axis=0)
            sums.append(_Sums(count, weight, first, tf.matmul(places, weighted, transpose_a=True)))
        return sums

    def _described(
        self, sums: Sequence[_Sums], shifts: Sequence[tf.Tensor]
    ) -> tuple[Statistics, ...]:
        """The statistics that the features have, from their sums."""
        described = []
        for (places, weight, first, second), shift in zip(sums, shifts, strict=True):
            if self._recipe.family is Family.SUMS:
                described.append((second * places / weight,))
                continue
            beyond = first / weight
            covariance = second / weight - tf.tensordot(beyond, beyond, 0)
            described.append(self._of_moments(beyond + shift, covariance))
        return tuple(described)

    def _shifts(self, style: Sequence[Statistics]) -> tuple[tf.Tensor, ...]:
        """What features are lessened by before they are multiplied: about their mean.

        Otherwise a small covariance would be lost in the products' rounding.
        """
        if self._recipe.family is Family.SUMS:
            return tuple(tf.zeros(1) for _ in style)
        return tuple(statistics[1] for statistics in style)

    def _loss_and_slope(
        self,
        view: _View,
        content: tuple[ContentTarget, ...],
        weight: tf.Tensor,
        slopes: list[tuple[tf.Tensor, tf.Tensor]],
        shifts: tuple[tf.Tensor, ...],
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The core's content loss, and the whole loss's gradient through the core's features."""
        recipe = self._recipe
        with tf.GradientTape() as tape:
            tape.watch(view.pixels)
            features = self._network(view.pixels, self._layers)
            parts = []
            for layer, target in zip(recipe.content_layers, content, strict=True):
                kept = None if view.keep is None else view.keep[layer]
                core = view.core(layer, features)
                parts.append(weight * self._content_loss(core, target, kept))
            pulls = []
            for layer, (first, second), shift in zip(
                recipe.style_layers, slopes, shifts, strict=True
            ):
                core = view.core(layer, features) - shift
                weighted = core if view.keep is None else core * style_weights(view.keep[layer])
                pulls.append(tf.reduce_sum(weighted * (first + tf.tensordot(core, second, 1))))
            loss = tf.add_n(parts)
            total = loss + tf.add_n(pulls)
        return loss, tape.gradient(total, view.pixels)

    def _seen(
        self,
        content: tf.Tensor,
        sizes: Mapping[str, tuple[int, int]],
        centrings: tuple[Centring | None, ...],
        keep: KeepMask | None,
    ) -> tuple[tuple[ContentTarget, ...], float]:
        """What pictures' content is compared with, and the photo's own unweighted loss."""
        layers = tuple(self._recipe.content_layers)
        factors = self._factors(sizes)
        # Features as they are need all their digits. Numbers up to 1 do not, and may be many.
        large = _area(content) > self._pixels
        kinds = [np.float16 if large and centring else np.float32 for centring in centrings]
        whole: list[npt.NDArray[np.float16 | np.float32]] = []
        apart = 0.0 if keep is None else float(pixel_loss(content, keep))
        for tile in tiles(content.shape[1], content.shape[2], self._pixels):
            cores, losses = self._tile_content(_view(tile, content, keep), centrings, factors)
            apart += float(losses)
            if not whole:
                whole = [
                    np.zeros((1, *sizes[layer], core.shape[-1]), kind)
                    for layer, core, kind in zip(layers, cores, kinds, strict=True)
                ]
            for layer, core, features in zip(layers, cores, whole, strict=True):
                features[tile.core_at(_stride(layer))] = core.numpy()
        targets = zip(whole, centrings, factors, strict=True)
        return tuple(ContentTarget(*target) for target in targets), apart

    def _content_core(
        self, view: _View, centrings: tuple[Centring | None, ...], factors: list[tf.Tensor]
    ) -> tuple[list[tf.Tensor], tf.Tensor]:
        """The core's content targets, and its part of the photo's own loss."""
        layers = tuple(self._recipe.content_layers)
        features = self._network(view.pixels, layers)
        cores, apart = [], []
        for layer, centring, factor in zip(layers, centrings, factors, strict=True):
            core = view.core(layer, features)
            target = self._content_target(core, centring, factor)
            kept = None if view.keep is None else view.keep[layer]
            cores.append(target.features)
            apart.append(self._content_loss(core, target, kept))
        return cores, tf.add_n(apart)

    def _cores(self, tile: Tile, content: tuple[ContentTarget, ...]) -> tuple[ContentTarget, ...]:
        cut = []
        for layer, target in zip(self._recipe.content_layers, content, strict=True):
            core = target.features[tile.core_at(_stride(layer))]
            cut.append(target._replace(features=tf.constant(core, tf.float32)))
        return tuple(cut)


class _View(NamedTuple):
    """A tile as the graphs take it: its pixels, where in them the core is, and the mask there.

    The mask is at each layer's resolution, of the core only.
    """

    pixels: tf.Tensor
    bounds: tf.Tensor
    keep: dict[str, tf.Tensor] | None

    def core(self, layer: str, features: dict[str, tf.Tensor]) -> tf.Tensor:
        """The core's part of a layer's features of the tile."""
        top, bottom, left, right = tf.unstack(self.bounds // _stride(layer))
        return features[layer][:, top:bottom, left:right]


def _view(tile: Tile, picture: tf.Tensor, keep: KeepMask | None) -> _View:
    return _View(tile.cut(picture), tile.bounds(), _cut_mask(tile, keep))


def _cut_mask(tile: Tile, keep: KeepMask | None) -> dict[str, tf.Tensor] | None:
    if keep is None:
        return None
    return {layer: kept[tile.core_at(_stride(layer))] for layer, kept in keep.kept.items()}


def _stride(layer: str) -> int:
    """Pixels between neighbouring features of a layer such as "block4_conv2"."""
    return 1 << (int(layer.removeprefix("block").split("_")[0]) - 1)


def _area(picture: tf.Tensor) -> int:
    shape: tuple[int, ...] = tuple(picture.shape)
    return shape[1] * shape[2]
