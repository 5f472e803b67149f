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

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.features import FeatureNetwork
from core.keep_mask import KeepMask, keep_mask, pixel_loss, style_place_weights
from core.objective import (
    ContentMeasure,
    ContentTarget,
    Evaluation,
    Objective,
    Statistics,
    Targets,
    Weights,
)
from core.recipe_loss import RecipeLoss
from core.recipes import Family, Recipe
from core.steps import Losses
from core.tiles import LEAST_TILE_PIXELS, TILE_PIXELS, Tile, area, stride_of, tiles


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


class _View(NamedTuple):
    """A tile as the graphs take it: its pixels, where in them the core is, and the mask there.

    The mask is at each layer's resolution, of the core only.
    """

    pixels: tf.Tensor
    bounds: tf.Tensor
    kept: dict[str, tf.Tensor] | None

    @classmethod
    def of(cls, tile: Tile, picture: tf.Tensor, keep: KeepMask | None) -> _View:
        """A tile of a picture."""
        kept = None
        if keep is not None:
            kept = {layer: values[tile.core_at(layer)] for layer, values in keep.layers.items()}
        return cls(tile.cut(picture), tf.constant(tile.bounds), kept)

    def cores(
        self, features: Mapping[str, tf.Tensor], layers: Iterable[str]
    ) -> dict[str, tf.Tensor]:
        """The core's part of the tile's features, per layer."""
        cut = {}
        for layer in layers:
            top, bottom, left, right = tf.unstack(self.bounds // stride_of(layer))
            cut[layer] = features[layer][:, top:bottom, left:right]
        return cut


class TiledObjective:
    """An `Objective` that computes large pictures tile by tile, and leaves others to another.

    Attributes:
        pixels: of a tile, halo and all; pictures of more are large.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        recipe: Recipe,
        others: Objective,
        *,
        pixels: int = TILE_PIXELS,
    ) -> None:
        """Makes the objective.

        Args:
            network: computes the features.
            recipe: says what is made of them.
            others: of the same network and recipe, for pictures that fit into a tile.
            pixels: of a tile, halo and all.
        """
        self.pixels = pixels
        self._others = others
        self._network = network
        self._loss = RecipeLoss(recipe)
        self._sums_graph = tf.function(self._sums, reduce_retracing=True)
        self._slope_graph = tf.function(self._loss_and_slope, reduce_retracing=True)
        self._content_graph = tf.function(self._content, reduce_retracing=True)

    def statistics(self, picture: tf.Tensor) -> tuple[Statistics, ...]:
        """See `Objective.statistics`."""
        if not self._is_large(picture):
            return self._others.statistics(picture)
        return self._statistics(picture)

    def targets(
        self,
        content: tf.Tensor,
        style: tuple[Statistics, ...],
        mask: tf.Tensor | None = None,
        content_weights: tf.Tensor | None = None,
    ) -> Targets:
        """See `Objective.targets`."""
        if not self._is_large(content):
            return self._others.targets(content, style, mask, content_weights)
        loss = self._loss
        own = self._statistics(content)
        height, width = content.shape[1:3]
        strides = {layer: stride_of(layer) for layer in loss.layers}
        sizes = {layer: (height // by, width // by) for layer, by in strides.items()}
        measures = loss.content_measures(sizes, own, style)
        keep = None
        if mask is not None:
            keep = keep_mask(mask, content, sizes)
            own = self._statistics(content, keep)
        apart = loss.style_loss(own, style, area(content))
        weights = loss.place_weights(content_weights, sizes)
        seen, distance = self._content_targets(content, sizes, measures, keep, weights)
        variation = float(loss.variation(content))
        return Targets(seen, style, (distance, float(apart), variation), keep)

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        """See `Objective.evaluate`."""
        if not self._is_large(picture):
            return self._others.evaluate(picture, targets, weights)
        loss, keep = self._loss, targets.keep
        shifts = self._shifts(targets.style)
        sums = self._add_up(picture, shifts, keep)
        moments = [(layer.first, layer.second) for layer in sums]
        with tf.GradientTape() as tape:
            tape.watch(moments)
            found = self._described(sums, shifts)
            style = weights.style * loss.style_loss(found, targets.style, area(picture))
        slopes = tape.gradient(style, moments, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        with tf.GradientTape() as tape:
            tape.watch(picture)
            variation = weights.variation * loss.variation(picture)
            near = tf.constant(0.0)
            if keep is not None:
                near = weights.content * pixel_loss(picture, keep)
            beside = variation + near
        gradient = np.array(tape.gradient(beside, picture))
        content = float(near)
        for tile in self._tiles(picture):
            part, slope = self._slope_graph(
                _View.of(tile, picture, keep),
                self._cut(tile, targets.content),
                tf.constant(weights.content),
                slopes,
                shifts,
            )
            content += float(part)
            gradient[:, slice(*tile.rows), slice(*tile.columns)] += slope.numpy()
        parts = content, float(style), float(variation)
        return Evaluation(Losses(*parts, sum(parts)), tf.constant(gradient))

    def with_less_memory(self) -> TiledObjective | None:
        """The same with tiles of half the pixels; None if they cannot be made smaller."""
        if self.pixels // 2 < LEAST_TILE_PIXELS:
            return None
        smaller = copy(self)
        smaller.pixels //= 2
        return smaller

    def _is_large(self, picture: tf.Tensor) -> bool:
        return area(picture) > self.pixels

    def _tiles(self, picture: tf.Tensor) -> list[Tile]:
        return tiles(picture.shape[1], picture.shape[2], self.pixels)

    def _add_up(
        self, picture: tf.Tensor, shifts: tuple[tf.Tensor, ...], keep: KeepMask | None
    ) -> list[_Sums]:
        """The style layers' sums over the whole picture."""
        whole: list[_Sums] | None = None
        for tile in self._tiles(picture):
            part = self._sums_graph(_View.of(tile, picture, keep), shifts)
            # Many tiles' sums are added in double precision.
            part = tf.nest.map_structure(lambda number: tf.cast(number, tf.float64), part)
            whole = part if whole is None else tf.nest.map_structure(tf.add, whole, part)
        return [_Sums(*(tf.cast(number, tf.float32) for number in layer)) for layer in whole or ()]

    def _sums(self, view: _View, shifts: tuple[tf.Tensor, ...]) -> list[_Sums]:
        layers = self._loss.style_layers
        cores = view.cores(self._network(view.pixels, layers), layers)
        sums = []
        for layer, shift in zip(layers, shifts, strict=True):
            core = cores[layer] - shift
            places = tf.reshape(core, [-1, core.shape[-1]])
            count = tf.cast(tf.shape(places)[0], tf.float32)
            if view.kept is None:
                weight, weighted = count, places
            else:
                weights = tf.reshape(style_place_weights(view.kept[layer]), [-1, 1])
                weight, weighted = tf.reduce_sum(weights), places * weights
            first = tf.reduce_sum(weighted, axis=0)
            sums.append(_Sums(count, weight, first, tf.matmul(places, weighted, transpose_a=True)))
        return sums

    def _statistics(
        self, picture: tf.Tensor, keep: KeepMask | None = None
    ) -> tuple[Statistics, ...]:
        shifts = tuple(tf.zeros(1) for _ in self._loss.style_layers)
        return self._described(self._add_up(picture, shifts, keep), shifts)

    def _described(
        self, sums: Sequence[_Sums], shifts: Sequence[tf.Tensor]
    ) -> tuple[Statistics, ...]:
        """The statistics that the features have, from their sums."""
        found = []
        for (places, weight, first, second), shift in zip(sums, shifts, strict=True):
            if self._loss.family is Family.SUMS:
                found.append((second * places / weight,))
                continue
            beyond = first / weight
            covariance = second / weight - tf.tensordot(beyond, beyond, 0)
            found.append(self._loss.of_moments(beyond + shift, covariance))
        return tuple(found)

    def _shifts(self, style: Sequence[Statistics]) -> tuple[tf.Tensor, ...]:
        """What features are lessened by before they are multiplied: about their mean.

        Otherwise a small covariance would be lost in the products' rounding.
        """
        if self._loss.family is Family.SUMS:
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
        with tf.GradientTape() as tape:
            tape.watch(view.pixels)
            features = self._network(view.pixels, self._loss.layers)
            cores = view.cores(features, self._loss.content_layers)
            parts = self._loss.content_losses(cores, content, view.kept)
            cores = view.cores(features, self._loss.style_layers)
            terms = []
            for layer, (first, second), shift in zip(
                self._loss.style_layers, slopes, shifts, strict=True
            ):
                core = cores[layer] - shift
                weighted = core
                if view.kept is not None:
                    weighted = core * style_place_weights(view.kept[layer])
                terms.append(tf.reduce_sum(weighted * (first + tf.tensordot(core, second, 1))))
            loss = tf.add_n([weight * part for part in parts])
            total = loss + tf.add_n(terms)
        return loss, tape.gradient(total, view.pixels)

    def _content_targets(
        self,
        content: tf.Tensor,
        sizes: Mapping[str, tuple[int, int]],
        measures: tuple[ContentMeasure, ...],
        keep: KeepMask | None,
        weights: Mapping[str, tf.Tensor],
    ) -> tuple[tuple[ContentTarget, ...], float]:
        """What pictures' content is compared with, and the photo's own unweighted loss."""
        layers = self._loss.content_layers
        whole: list[npt.NDArray[np.float16 | np.float32]] = []
        distance = 0.0 if keep is None else float(pixel_loss(content, keep))
        for tile in self._tiles(content):
            places = {layer: values[tile.core_at(layer)] for layer, values in weights.items()}
            cores, losses = self._content_graph(_View.of(tile, content, keep), measures, places)
            distance += float(losses)
            if not whole:
                # Features as they are need all their digits; directions, up to 1, do not.
                whole = [
                    np.zeros(
                        (1, *sizes[layer], core.shape[-1]),
                        np.float16 if measure.centring else np.float32,
                    )
                    for layer, core, measure in zip(layers, cores, measures, strict=True)
                ]
            for layer, core, features in zip(layers, cores, whole, strict=True):
                features[tile.core_at(layer)] = core.numpy()
        return tuple(map(ContentTarget, whole, measures, map(weights.get, layers))), distance

    def _content(
        self,
        view: _View,
        measures: tuple[ContentMeasure, ...],
        weights: Mapping[str, tf.Tensor],
    ) -> tuple[list[tf.Tensor], tf.Tensor]:
        """The core's content targets, and its part of the photo's own loss."""
        layers = self._loss.content_layers
        cores = view.cores(self._network(view.pixels, layers), layers)
        targets = self._loss.content_targets(cores, measures, weights)
        losses = self._loss.content_losses(cores, targets, view.kept)
        return [target.features for target in targets], tf.add_n(losses)

    def _cut(self, tile: Tile, content: tuple[ContentTarget, ...]) -> tuple[ContentTarget, ...]:
        """The targets of a tile's core."""
        return tuple(
            target._replace(
                features=tf.constant(target.features[tile.core_at(layer)], tf.float32),
                weights=None if target.weights is None else target.weights[tile.core_at(layer)],
            )
            for layer, target in zip(self._loss.content_layers, content, strict=True)
        )
