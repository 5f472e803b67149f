"""What a painting minimises: a recipe's loss and its gradient, as one graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

import tensorflow as tf

from core import losses
from core.features import FeatureNetwork
from core.keep_mask import KeepMask, content_place_weights, keep_mask, pixel_loss, style_weights
from core.recipes import Family, Recipe
from core.steps import Losses
from core.tracing import AnySizeGraph

Statistics: TypeAlias = tuple[tf.Tensor, ...]
"""What a style is known by at a layer: (Gram matrix,), or that, mean and covariance.

As a target the first may be followed by its `losses.EigenWeights`, see `eigen_weighted`."""


_FLAT_OF_PHOTO: Final = 0.01
_FLAT_OF_STYLE: Final = 0.001
"""Parts of the photo's and of the style's mean squared distance from their mean features,
that together are the distance at which a place begins to count as flat."""


class Centring(NamedTuple):
    """What a content layer's features are seen against; see `losses.directions`.

    Attributes:
        own: mean of the photo's features, shape (channels,).
        wanted: mean that the style wants, shape (channels,).
        floor: squared distance below which a place is flat, a scalar.
    """

    own: tf.Tensor
    wanted: tf.Tensor
    floor: tf.Tensor


class ContentTarget(NamedTuple):
    """What a content layer is compared with.

    Attributes:
        features: the photo's, shape (1, height, width, channels): where they point
            from their mean, or, for `Family.SUMS`, themselves. Of a picture that is
            computed in tiles, a NumPy array, float16 where they are directions.
        centring: None for `Family.SUMS`.
        factor: what turns the layer's sum over places into its part of the content loss.
    """

    features: tf.Tensor
    centring: Centring | None
    factor: tf.Tensor


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
        content: of the photo, per content layer of the recipe.
        style: the style's statistics of features, per style
            layer of the recipe.
        photo: unweighted losses of the photo itself: content, style, variation. The
            first is not 0 where another mean is wanted than its own.
        keep: where the picture is to stay close to the photo; None: nowhere.
    """

    content: tuple[ContentTarget, ...]
    style: tuple[Statistics, ...]
    photo: tuple[float, float, float]
    keep: KeepMask | None = None


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
        self._graph = AnySizeGraph(self._loss_and_gradient)

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
        own = tuple(self._statistics(features[layer]) for layer in recipe.style_layers)
        wanted = self._blend(styles, shares)
        if mix < 1.0:
            wanted = mixed([own, wanted], [1.0 - mix, mix])
        sizes = {layer: tuple(features[layer].shape[1:3]) for layer in self._layers}
        seen = tuple(
            self._content_target(features[layer], centring, factor)
            for layer, centring, factor in zip(
                recipe.content_layers,
                self._centrings(own, wanted),
                self._factors(sizes),
                strict=True,
            )
        )
        keep = None if mask is None else keep_mask(mask, content, sizes)
        apart, style, variation = self._parts(content, features, seen, wanted, keep).numpy()
        return Targets(seen, wanted, (float(apart), float(style), float(variation)), keep)

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        """Evaluates loss and gradient at a picture.

        Args:
            picture: shape (1, height, width, 3), RGB, nominally 0 to 255.
            targets: of a content of the same size.
            weights: of the parts.
        """
        factors = tf.constant(weights.factors, tf.float32)
        parts, gradient = self._graph(
            picture, targets.content, targets.style, targets.keep, factors
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

    def _centrings(
        self, own: Sequence[Statistics], wanted: Sequence[Statistics]
    ) -> list[Centring | None]:
        """What features are seen against, per content layer.

        Args:
            own: the photo's statistics, per style layer.
            wanted: the same of what is wanted.
        """
        recipe = self._recipe
        if recipe.family is Family.SUMS:
            return [None for _ in recipe.content_layers]
        known = dict(zip(recipe.style_layers, zip(own, wanted, strict=True), strict=True))
        centrings: list[Centring | None] = []
        for layer in recipe.content_layers:
            (_, mean, covariance), (_, wanted_mean, wanted_covariance) = known[layer]
            floor = _FLAT_OF_PHOTO * tf.linalg.trace(covariance)
            floor += _FLAT_OF_STYLE * tf.linalg.trace(wanted_covariance)
            centrings.append(Centring(mean, wanted_mean, floor))
        return centrings

    def _factors(self, sizes: Mapping[str, tuple[int, int]]) -> list[tf.Tensor]:
        """What turns sums over places into parts of the loss, per content layer.

        Args:
            sizes: height and width of each layer.
        """
        layers = self._recipe.content_layers.items()
        if self._recipe.family is Family.SUMS:
            return [tf.constant(weight, tf.float32) for _, weight in layers]
        return [
            tf.constant(weight / (sizes[layer][0] * sizes[layer][1]), tf.float32)
            for layer, weight in layers
        ]

    @staticmethod
    def _content_target(
        features: tf.Tensor, centring: Centring | None, factor: tf.Tensor
    ) -> ContentTarget:
        """What to compare a content layer with, by the photo's features there."""
        if centring is None:
            return ContentTarget(features, None, factor)
        return ContentTarget(
            losses.directions(features, centring.own, centring.floor), centring, factor
        )

    @staticmethod
    def _content_loss(
        features: tf.Tensor, target: ContentTarget, kept: tf.Tensor | None
    ) -> tf.Tensor:
        """A content layer's part of the content loss.

        Args:
            features: shape (1, height, width, channels).
            target: of the same size.
            kept: the mask at that size; None: there is none.
        """
        weights = 1.0 if kept is None else content_place_weights(kept)
        if target.centring is None:
            return target.factor * losses.content_sum(features, target.features, weights)
        own, mean, floor = target.centring
        if kept is not None:
            # Where the photo is kept, so is its mean.
            mean += kept * (own - mean)
        found = losses.directions(features, mean, floor)
        return target.factor * losses.direction_distance(found, target.features, weights)

    def _style_loss(
        self, found: Sequence[Statistics], wanted: Sequence[Statistics], pixels: tf.Tensor | int
    ) -> tf.Tensor:
        """The style loss of a picture of so many pixels, by its statistics per style layer."""
        parts = []
        weights = self._recipe.style_layers.values()
        for weight, ours, theirs in zip(weights, found, wanted, strict=True):
            if self._recipe.family is Family.SUMS:
                eigen = losses.EigenWeights(*theirs[1:]) if theirs[1:] else None
                part = losses.style_sum(ours[0], theirs[0], pixels, eigen)
            else:
                part = losses.style_relative(ours, theirs)
            parts.append(weight * part)
        return tf.add_n(parts)

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
            features = self._network(picture, self._layers)
            parts = self._parts(picture, features, content, style, keep) * factors
            total = tf.reduce_sum(parts)
        return parts, tape.gradient(total, picture)

    def _parts(
        self,
        picture: tf.Tensor,
        features: dict[str, tf.Tensor],
        content: tuple[ContentTarget, ...],
        style: tuple[Statistics, ...],
        keep: KeepMask | None,
    ) -> tf.Tensor:
        """Unweighted content, style and variation losses, shape (3,)."""
        return tf.stack(
            [
                self._content(picture, features, content, keep),
                self._style(picture, features, style, keep),
                self._variation(picture),
            ]
        )

    def _content(
        self,
        picture: tf.Tensor,
        features: dict[str, tf.Tensor],
        content: tuple[ContentTarget, ...],
        keep: KeepMask | None,
    ) -> tf.Tensor:
        parts = []
        for layer, target in zip(self._recipe.content_layers, content, strict=True):
            kept = None if keep is None else keep.kept[layer]
            parts.append(self._content_loss(features[layer], target, kept))
        if keep is not None:
            parts.append(pixel_loss(picture, keep))
        return tf.add_n(parts)

    def _style(
        self,
        picture: tf.Tensor,
        features: dict[str, tf.Tensor],
        style: tuple[Statistics, ...],
        keep: KeepMask | None,
    ) -> tf.Tensor:
        shape = tf.shape(picture)
        found = [
            self._statistics(
                features[layer], None if keep is None else style_weights(keep.kept[layer])
            )
            for layer in self._recipe.style_layers
        ]
        return self._style_loss(found, style, shape[1] * shape[2])

    def _variation(self, picture: tf.Tensor) -> tf.Tensor:
        if self._recipe.family is Family.SUMS:
            return losses.variation_sum(picture)
        return losses.variation_relative(picture)


def eigen_weighted(targets: Targets, weight: float) -> Targets:
    """The same targets for a loss that is easier to minimise; see `core.losses.eigen_weights`.

    Args:
        targets: of a recipe of `Family.SUMS`.
        weight: of the eigenvector-weighted squares beside the plain ones; 0 changes nothing.
    """
    if not weight:
        return targets
    style = tuple((gram, *losses.eigen_weights(gram, weight)) for (gram,) in targets.style)
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
