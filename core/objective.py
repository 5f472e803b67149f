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

    @property
    def factors(self) -> tuple[float, float, float]:
        """All three, in this order."""
        return self.content, self.style, self.variation

    def total(self, parts: tuple[float, float, float]) -> float:
        """Adds up unweighted losses in the same order."""
        return sum(factor * part for factor, part in zip(self.factors, parts, strict=True))


@dataclass(frozen=True, slots=True)
class Targets:
    """What a picture is compared with; computed once, not at each evaluation.

    Attributes:
        content: the photo's features, per content layer of the recipe.
        style: the style's Gram matrices, or its features' moments, per style
            layer of the recipe.
        photo: unweighted losses of the photo itself: 0, style, variation.
    """

    content: tuple[tf.Tensor, ...]
    style: tuple[Statistics, ...]
    photo: tuple[float, float, float]


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

    def targets(self, content: tf.Tensor, style: tf.Tensor) -> Targets:
        """Computes what pictures will be compared with.

        Args:
            content: shape (1, height, width, 3), RGB, 0 to 255.
            style: the same, of any size.
        """
        recipe = self._recipe
        photo_features = self._network(content, {*recipe.content_layers, *recipe.style_layers})
        style_features = self._network(style, tuple(recipe.style_layers))
        photo = tuple(photo_features[layer] for layer in recipe.content_layers)
        wanted = tuple(self._statistics(style_features[layer]) for layer in recipe.style_layers)
        _, of_style, of_variation = self._parts(content, photo_features, photo, wanted).numpy()
        return Targets(photo, wanted, (0.0, float(of_style), float(of_variation)))

    def _statistics(self, features: tf.Tensor) -> Statistics:
        if self._recipe.family is Family.SUMS:
            return losses.gram_matrix(features)
        return losses.moments(features)

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        """Evaluates loss and gradient at a picture.

        Args:
            picture: shape (1, height, width, 3), RGB, nominally 0 to 255.
            targets: of a content of the same size.
            weights: of the parts.
        """
        factors = tf.constant(weights.factors, tf.float32)
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
            layers = {*self._recipe.content_layers, *self._recipe.style_layers}
            features = self._network(picture, layers)
            parts = self._parts(picture, features, content, style) * factors
            total = tf.reduce_sum(parts)
        return parts, tape.gradient(total, picture)

    def _parts(
        self,
        picture: tf.Tensor,
        features: dict[str, tf.Tensor],
        content: tuple[tf.Tensor, ...],
        style: tuple[Statistics, ...],
    ) -> tf.Tensor:
        """Unweighted content, style and variation losses, shape (3,)."""
        recipe = self._recipe
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
