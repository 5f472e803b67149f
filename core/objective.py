"""What a painting minimises: a recipe's loss and its gradient, as one graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import tensorflow as tf

from core import losses
from core.features import FeatureNetwork
from core.focus import Focus, focus_of, nearness
from core.recipes import Family, Recipe
from core.steps import Losses

Statistics: TypeAlias = tuple[tf.Tensor, ...]
"""What a style is known by at a layer: (Gram matrix,), or that, mean and covariance.

As a target the first may be followed by what evens it, see `evened`."""


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
        style: the style's statistics of features, per style
            layer of the recipe.
        photo: unweighted losses of the photo itself: 0, style, variation.
        focus: where the picture is to stay close to the photo; None: nowhere.
    """

    content: tuple[tf.Tensor, ...]
    style: tuple[Statistics, ...]
    photo: tuple[float, float, float]
    focus: Focus | None = None


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

    The graph has free height and width: it is traced once, whatever the sizes,
    and once more for paintings with a mask.
    """

    def __init__(self, network: FeatureNetwork, recipe: Recipe) -> None:
        self._network = network
        self._recipe = recipe
        self._layers = frozenset({*recipe.content_layers, *recipe.style_layers})
        self._graph = tf.function(self._loss_and_gradient, reduce_retracing=True)

    def frugal(self) -> Objective | None:
        """The same for less memory; None if there is no such thing."""
        return None

    def targets(
        self,
        content: tf.Tensor,
        styles: Sequence[tf.Tensor],
        shares: Sequence[float] = (1.0,),
        *,
        mix: float = 1.0,
        mask: tf.Tensor | None = None,
    ) -> Targets:
        """Computes what pictures will be compared with.

        Args:
            content: shape (1, height, width, 3), RGB, 0 to 255.
            styles: the same, each of any size.
            shares: how much of each style, adding up to 1.
            mix: how far towards the styles the wanted statistics lie: 0 are the
                content's own, 1 the styles'.
            mask: shape (1, height, width, 1), 0 to 1: where to stay close to the
                content.
        """
        recipe = self._recipe
        features = self._network(content, self._layers)
        photo = tuple(features[layer] for layer in recipe.content_layers)
        own = tuple(self._statistics(features[layer]) for layer in recipe.style_layers)
        wanted = self._blend(styles, shares)
        if mix < 1.0:
            wanted = mixed([own, wanted], [1.0 - mix, mix])
        sizes = {layer: features[layer].shape[1:3] for layer in self._layers}
        focus = None if mask is None else focus_of(mask, content, sizes)
        unweighted = self._parts(content, features, photo, wanted, focus).numpy()
        return Targets(photo, wanted, (0.0, float(unweighted[1]), float(unweighted[2])), focus)

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        """Evaluates loss and gradient at a picture.

        Args:
            picture: shape (1, height, width, 3), RGB, nominally 0 to 255.
            targets: of a content of the same size.
            weights: of the parts.
        """
        factors = tf.constant(weights.factors, tf.float32)
        parts, gradient = self._graph(
            picture, targets.content, targets.style, targets.focus, factors
        )
        content, style, variation = (float(part) for part in parts.numpy())
        return Evaluation(Losses(content, style, variation, content + style + variation), gradient)

    def _blend(
        self, styles: Sequence[tf.Tensor], shares: Sequence[float]
    ) -> tuple[Statistics, ...]:
        """Statistics of several styles, mixed, per style layer."""
        layers = tuple(self._recipe.style_layers)
        known = []
        for style in styles:
            features = self._network(style, layers)
            # One after another, so that only one style's features are held at a time.
            known.append(tuple(self._statistics(features[layer]) for layer in layers))
        return mixed(known, shares)

    def _statistics(self, features: tf.Tensor, places: tf.Tensor | None = None) -> Statistics:
        if self._recipe.family is Family.SUMS:
            return (losses.gram_matrix(features, places),)
        return self._of_moments(*losses.moments(features, places))

    @staticmethod
    def _of_moments(mean: tf.Tensor, covariance: tf.Tensor) -> Statistics:
        # The Gram matrix of the mean place says both at once: judged by all three, a
        # painting is nearer to the style than by any two, for the same likeness.
        return covariance + tf.tensordot(mean, mean, 0), mean, covariance

    def _style_loss(
        self, found: Sequence[Statistics], wanted: Sequence[Statistics], pixels: tf.Tensor | int
    ) -> tf.Tensor:
        """The style loss of a picture of so many pixels, by its statistics per style layer."""
        parts = []
        weights = self._recipe.style_layers.values()
        for weight, ours, theirs in zip(weights, found, wanted, strict=True):
            if self._recipe.family is Family.SUMS:
                part = losses.style_sum(ours[0], theirs[0], pixels, *theirs[1:])
            else:
                part = losses.style_relative(ours, theirs)
            parts.append(weight * part)
        return tf.add_n(parts)

    def _loss_and_gradient(
        self,
        picture: tf.Tensor,
        content: tuple[tf.Tensor, ...],
        style: tuple[Statistics, ...],
        focus: Focus | None,
        factors: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            features = self._network(picture, self._layers)
            parts = self._parts(picture, features, content, style, focus) * factors
            total = tf.reduce_sum(parts)
        return parts, tape.gradient(total, picture)

    def _parts(
        self,
        picture: tf.Tensor,
        features: dict[str, tf.Tensor],
        content: tuple[tf.Tensor, ...],
        style: tuple[Statistics, ...],
        focus: Focus | None,
    ) -> tf.Tensor:
        """Unweighted content, style and variation losses, shape (3,)."""
        return tf.stack(
            [
                self._content(picture, features, content, focus),
                self._style(picture, features, style, focus),
                self._variation(picture),
            ]
        )

    def _content(
        self,
        picture: tf.Tensor,
        features: dict[str, tf.Tensor],
        content: tuple[tf.Tensor, ...],
        focus: Focus | None,
    ) -> tf.Tensor:
        recipe = self._recipe
        sums = recipe.family is Family.SUMS
        measure = losses.content_sum if sums else losses.content_relative
        parts = [
            weight
            * measure(features[layer], target, 1.0 if focus is None else focus.content[layer])
            for (layer, weight), target in zip(recipe.content_layers.items(), content, strict=True)
        ]
        if focus is not None:
            parts.append(nearness(picture, focus))
        return tf.add_n(parts)

    def _style(
        self,
        picture: tf.Tensor,
        features: dict[str, tf.Tensor],
        style: tuple[Statistics, ...],
        focus: Focus | None,
    ) -> tf.Tensor:
        shape = tf.shape(picture)
        found = [
            self._statistics(features[layer], None if focus is None else focus.style[layer])
            for layer in self._recipe.style_layers
        ]
        return self._style_loss(found, style, shape[1] * shape[2])

    def _variation(self, picture: tf.Tensor) -> tf.Tensor:
        if self._recipe.family is Family.SUMS:
            return losses.variation_sum(picture)
        return losses.variation_relative(picture)


def evened(targets: Targets, weight: float) -> Targets:
    """The same targets for a loss that is easier to minimise; see `core.losses.evening`.

    Args:
        targets: of a recipe of `Family.SUMS`.
        weight: of the evened squares beside the plain ones; 0 changes nothing.
    """
    if not weight:
        return targets
    style = tuple((gram, losses.evening(gram, weight)) for (gram,) in targets.style)
    return replace(targets, style=style)


def mixed(known: Sequence[Sequence[Statistics]], shares: Sequence[float]) -> tuple[Statistics, ...]:
    """Mixes several pictures' statistics, per layer.

    Args:
        known: of each picture, its statistics per layer.
        shares: how much of each picture.
    """
    return tuple(
        tuple(
            tf.add_n([share * part for share, part in zip(shares, parts, strict=True)])
            for parts in zip(*statistics, strict=True)
        )
        for statistics in zip(*known, strict=True)
    )
