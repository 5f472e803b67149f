"""A recipe's losses as functions of the network's features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import tensorflow as tf

from core import losses
from core.keep_mask import content_place_weights, style_place_weights
from core.objective import Centring, ContentMeasure, ContentTarget, Statistics
from core.recipes import Family, Recipe
from core.tensors import at_layers

_FLAT_OF_PHOTO: Final = 0.01
_FLAT_OF_STYLE: Final = 0.001
"""Parts of the photo's and of the style's mean squared distance from their mean features,
that together are the distance at which a place begins to count as flat."""


class RecipeLoss:
    """What a recipe makes of features.

    Attributes:
        family: how losses are measured.
        content_layers, style_layers: whose features are compared.
        layers: all of them.
    """

    def __init__(self, recipe: Recipe) -> None:
        """For a recipe."""
        self.family = recipe.family
        self.content_layers = tuple(recipe.content_layers)
        self.style_layers = tuple(recipe.style_layers)
        self.layers = frozenset({*self.content_layers, *self.style_layers})
        self._face_layers = tuple(recipe.face_layers)
        self._content_layer_weights = tuple(recipe.content_layers.values())
        self._style_layer_weights = tuple(recipe.style_layers.values())

    def statistics(
        self, features: Mapping[str, tf.Tensor], kept: Mapping[str, tf.Tensor] | None = None
    ) -> tuple[Statistics, ...]:
        """What a style is known by, per style layer.

        Args:
            features: of each style layer.
            kept: the mask at each layer's size; None: there is none.
        """
        found = []
        for layer in self.style_layers:
            places = None if kept is None else style_place_weights(kept[layer])
            if self.family is Family.SUMS:
                found.append((losses.gram_matrix(features[layer], places),))
            else:
                found.append(self.of_moments(*losses.moments(features[layer], places)))
        return tuple(found)

    @staticmethod
    def of_moments(mean: tf.Tensor, covariance: tf.Tensor) -> Statistics:
        """A layer's statistics for `Family.RELATIVE`."""
        # The Gram matrix of the mean place says both at once: judged by all three, a
        # painting is nearer to the style than by any two, for the same likeness.
        return covariance + tf.tensordot(mean, mean, 0), mean, covariance

    def content_measures(
        self,
        sizes: Mapping[str, tuple[int, int]],
        own: Sequence[Statistics],
        wanted: Sequence[Statistics],
    ) -> tuple[ContentMeasure, ...]:
        """How features are compared, per content layer.

        Args:
            sizes: height and width of each layer.
            own: the photo's statistics, per style layer.
            wanted: the same of what is wanted.
        """
        layers = zip(self.content_layers, self._content_layer_weights, strict=True)
        if self.family is Family.SUMS:
            return tuple(
                ContentMeasure(None, tf.constant(weight, tf.float32)) for _, weight in layers
            )
        known = dict(zip(self.style_layers, zip(own, wanted, strict=True), strict=True))
        measures = []
        for layer, weight in layers:
            (_, mean, covariance), (_, wanted_mean, wanted_covariance) = known[layer]
            floor = _FLAT_OF_PHOTO * tf.linalg.trace(covariance)
            floor += _FLAT_OF_STYLE * tf.linalg.trace(wanted_covariance)
            height, width = sizes[layer]
            factor = tf.constant(weight / (height * width), tf.float32)
            measures.append(ContentMeasure(Centring(mean, wanted_mean, floor), factor))
        return tuple(measures)

    def place_weights(
        self, weights: tf.Tensor | None, sizes: Mapping[str, tuple[int, int]]
    ) -> dict[str, tf.Tensor]:
        """How much each place counts, at the layers where not all count alike.

        Args:
            weights: shape (1, height, width, 1); None: all do.
            sizes: height and width of each layer.
        """
        if weights is None:
            return {}
        return at_layers(weights, {layer: sizes[layer] for layer in self._face_layers})

    def content_targets(
        self,
        features: Mapping[str, tf.Tensor],
        measures: Sequence[ContentMeasure],
        weights: Mapping[str, tf.Tensor],
    ) -> tuple[ContentTarget, ...]:
        """What the content layers are compared with: the photo's features, as they count.

        Args:
            features: of each content layer.
            measures: how they are compared.
            weights: their `place_weights`.
        """
        targets = []
        for layer, measure in zip(self.content_layers, measures, strict=True):
            values = features[layer]
            if measure.centring is not None:
                own, _, floor = measure.centring
                values = losses.directions(values, own, floor)
            targets.append(ContentTarget(values, measure, weights.get(layer)))
        return tuple(targets)

    def content_losses(
        self,
        features: Mapping[str, tf.Tensor],
        targets: Sequence[ContentTarget],
        kept: Mapping[str, tf.Tensor] | None,
    ) -> list[tf.Tensor]:
        """Each content layer's part of the content loss.

        Args:
            features: of each content layer, shape (1, height, width, channels).
            targets: of the same sizes.
            kept: the mask at those sizes; None: there is none.
        """
        return [
            _content_loss(features[layer], target, None if kept is None else kept[layer])
            for layer, target in zip(self.content_layers, targets, strict=True)
        ]

    def style_loss(
        self, found: Sequence[Statistics], wanted: Sequence[Statistics], pixels: tf.Tensor | int
    ) -> tf.Tensor:
        """The style loss of a picture of so many pixels, by its statistics per style layer."""
        parts = []
        for weight, ours, theirs in zip(self._style_layer_weights, found, wanted, strict=True):
            if self.family is Family.SUMS:
                eigen = losses.EigenWeights(*theirs[1:]) if theirs[1:] else None
                part = losses.style_sum(ours[0], theirs[0], pixels, eigen)
            else:
                part = losses.style_relative(ours, theirs)
            parts.append(weight * part)
        return tf.add_n(parts)

    def variation(self, picture: tf.Tensor) -> tf.Tensor:
        """The variation loss of a picture of shape (1, height, width, 3), a scalar."""
        if self.family is Family.SUMS:
            return losses.variation_sum(picture)
        return losses.variation_relative(picture)


def _content_loss(features: tf.Tensor, target: ContentTarget, kept: tf.Tensor | None) -> tf.Tensor:
    weights = 1.0 if target.weights is None else target.weights
    if kept is not None:
        weights = tf.maximum(weights, content_place_weights(kept))
    centring, factor = target.measure
    if centring is None:
        return factor * losses.content_sum(features, target.features, weights)
    own, mean, floor = centring
    if kept is not None:
        # Where the photo is kept, so is its mean.
        mean += kept * (own - mean)
    found = losses.directions(features, mean, floor)
    return factor * losses.direction_distance(found, target.features, weights)
