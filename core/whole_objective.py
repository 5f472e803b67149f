"""The loss of a picture that is computed at once, as one graph."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from core.features import FeatureNetwork
from core.keep_mask import KeepMask, keep_mask, pixel_loss
from core.objective import ContentTarget, Evaluation, Statistics, Targets, Weights
from core.recipe_loss import RecipeLoss
from core.recipes import Recipe
from core.steps import Losses
from core.tracing import AnySizeGraph


class WholeObjective:
    """An `Objective` that computes pictures of any size at once.

    The graph has free height and width: it is traced once, whatever the sizes,
    and once more for paintings with a mask, or with weights of places.
    """

    def __init__(self, network: FeatureNetwork, recipe: Recipe) -> None:
        """For a recipe, on a network."""
        self._network = network
        self._loss = RecipeLoss(recipe)
        self._graph = AnySizeGraph(self._loss_and_gradient)

    def statistics(self, picture: tf.Tensor) -> tuple[Statistics, ...]:
        """See `Objective.statistics`."""
        return self._loss.statistics(self._network(picture, self._loss.style_layers))

    def targets(
        self,
        content: tf.Tensor,
        style: tuple[Statistics, ...],
        mask: tf.Tensor | None = None,
        content_weights: tf.Tensor | None = None,
    ) -> Targets:
        """See `Objective.targets`."""
        loss = self._loss
        features = self._network(content, loss.layers)
        sizes = {layer: tuple(features[layer].shape[1:3]) for layer in loss.layers}
        measures = loss.content_measures(sizes, loss.statistics(features), style)
        weights = loss.place_weights(content_weights, sizes)
        seen = loss.content_targets(features, measures, weights)
        keep = None if mask is None else keep_mask(mask, content, sizes)
        photo = self._parts(content, features, seen, style, keep).numpy()
        return Targets(seen, style, (float(photo[0]), float(photo[1]), float(photo[2])), keep)

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        """See `Objective.evaluate`."""
        factors = tf.constant(weights.factors, tf.float32)
        parts, gradient = self._graph(
            picture, targets.content, targets.style, targets.keep, factors
        )
        content, style, variation = (float(part) for part in parts.numpy())
        return Evaluation(Losses(content, style, variation, content + style + variation), gradient)

    def with_less_memory(self) -> None:
        """See `Objective.with_less_memory`: there is no such thing."""

    def _loss_and_gradient(
        self,
        picture: tf.Tensor,
        content: tuple[ContentTarget, ...],
        style: tuple[Statistics, ...],
        keep: KeepMask | None,
        factors: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            features = self._network(picture, self._loss.layers)
            parts = self._parts(picture, features, content, style, keep) * factors
            total = tf.reduce_sum(parts)
        return parts, tape.gradient(total, picture)

    def _parts(
        self,
        picture: tf.Tensor,
        features: Mapping[str, tf.Tensor],
        content: tuple[ContentTarget, ...],
        style: tuple[Statistics, ...],
        keep: KeepMask | None,
    ) -> tf.Tensor:
        """Unweighted content, style and variation losses, shape (3,)."""
        kept = None if keep is None else keep.layers
        content_parts = self._loss.content_losses(features, content, kept)
        if keep is not None:
            content_parts.append(pixel_loss(picture, keep))
        shape = tf.shape(picture)
        found = self._loss.statistics(features, kept)
        return tf.stack(
            [
                tf.add_n(content_parts),
                self._loss.style_loss(found, style, shape[1] * shape[2]),
                self._loss.variation(picture),
            ]
        )
