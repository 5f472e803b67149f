"""What a painting minimises: a recipe's loss and its gradient, as one graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import tensorflow as tf

from core import losses
from core.features import FeatureNetwork
from core.recipes import Family, Recipe
from core.steps import Losses

Statistics: TypeAlias = tf.Tensor | tuple[tf.Tensor, tf.Tensor]
"""What a style is known by at a layer: a Gram matrix, or mean and covariance."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the three parts of the loss."""

    content: float
    style: float
    variation: float


@dataclass(frozen=True, slots=True)
class Targets:
    """What a picture is compared with; computed once, not at each evaluation.

    Attributes:
        content: the photo's features, per content layer of the recipe.
        style: the style's Gram matrices, or its features' moments, per style
            layer of the recipe.
    """

    content: tuple[tf.Tensor, ...]
    style: tuple[Statistics, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The loss at one picture.

    Attributes:
        losses: its parts.
        gradient: of the total by the picture, shape (1, height, width, 3).
    """

    losses: Losses
    gradient: tf.Tensor


class Objective:
    """A recipe's loss on a feature network.

    The graph has free height and width: it is traced once, whatever the sizes.
    """

    def __init__(self, network: FeatureNetwork, recipe: Recipe) -> None:
        self._network = network
        self._recipe = recipe
        self._graph = tf.function(self._loss_and_gradient, reduce_retracing=True)
        self._features = tf.function(network, reduce_retracing=True)

    def targets(self, content: tf.Tensor, style: tf.Tensor) -> Targets:
        """Computes what pictures will be compared with.

        Args:
            content: shape (1, height, width, 3), RGB, 0 to 255.
            style: the same, of any size.
        """
        recipe = self._recipe
        content_features = self._network(content, tuple(recipe.content_layers))
        style_features = self._network(style, tuple(recipe.style_layers))
        gram = losses.gram_matrix if recipe.family is Family.SUMS else losses.moments
        return Targets(
            tuple(content_features[layer] for layer in recipe.content_layers),
            tuple(gram(style_features[layer]) for layer in recipe.style_layers),
        )

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        """Evaluates loss and gradient at a picture.

        Args:
            picture: shape (1, height, width, 3), RGB, nominally 0 to 255.
            targets: of a content of the same size.
            weights: of the parts.
        """
        factors = tf.constant([weights.content, weights.style, weights.variation], tf.float32)
        parts, gradient = self._graph(picture, targets.content, targets.style, factors)
        content, style, variation = (float(part) for part in parts.numpy())
        return Evaluation(Losses(content, style, variation, content + style + variation), gradient)

    def _loss_and_gradient(
        self,
        picture: tf.Tensor,
        content: tuple[tf.Tensor, ...],
        style: tuple[Statistics, ...],
        factors: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            parts = self._parts(picture, content, style) * factors
            total = tf.reduce_sum(parts)
        return parts, tape.gradient(total, picture)

    def _parts(
        self, picture: tf.Tensor, content: tuple[tf.Tensor, ...], style: tuple[Statistics, ...]
    ) -> tf.Tensor:
        """Unweighted content, style and variation losses, shape (3,)."""
        recipe = self._recipe
        features = self._network(picture, {*recipe.content_layers, *recipe.style_layers})
        content_pairs = zip(recipe.content_layers.items(), content, strict=True)
        style_pairs = zip(recipe.style_layers.items(), style, strict=True)
        if recipe.family is Family.SUMS:
            shape = tf.shape(picture)
            pixels = shape[1] * shape[2]
            return tf.stack(
                [
                    tf.add_n(
                        [
                            weight * losses.content_sum(features[layer], target)
                            for (layer, weight), target in content_pairs
                        ]
                    ),
                    tf.add_n(
                        [
                            weight
                            * losses.style_sum(losses.gram_matrix(features[layer]), target, pixels)
                            for (layer, weight), target in style_pairs
                        ]
                    ),
                    losses.variation_sum(picture),
                ]
            )
        return tf.stack(
            [
                tf.add_n(
                    [
                        weight * losses.content_relative(features[layer], target)
                        for (layer, weight), target in content_pairs
                    ]
                ),
                tf.add_n(
                    [
                        weight * losses.style_relative(losses.moments(features[layer]), target)
                        for (layer, weight), target in style_pairs
                    ]
                ),
                losses.variation_relative(picture),
            ]
        )
