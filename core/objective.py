"""What a painting minimises: a loss of pictures, and its gradient.

Two classes compute it: `core.whole_objective` at once, `core.tiled_objective` tile by tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, TypeAlias

import tensorflow as tf

from core import losses
from core.keep_mask import KeepMask
from core.steps import Losses

Statistics: TypeAlias = tuple[tf.Tensor, ...]
"""What a style is known by at a layer: (Gram matrix,), or that, mean and covariance.

As a target the first may be followed by its `losses.EigenWeights`, see `eigen_weighted`."""


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


class ContentMeasure(NamedTuple):
    """How a content layer's features are compared.

    Attributes:
        centring: None for `Family.SUMS`.
        factor: what turns the layer's sum over places into its part of the content loss.
    """

    centring: Centring | None
    factor: tf.Tensor


class ContentTarget(NamedTuple):
    """What a content layer is compared with.

    Attributes:
        features: the photo's, shape (1, height, width, channels): where they point
            from their mean, or, for `Family.SUMS`, themselves. Of a picture that is
            computed in tiles, a NumPy array, float16 where they are directions.
        measure: how they are compared.
        weights: how much each place counts, shape (1, height, width, 1); None: alike.
    """

    features: tf.Tensor
    measure: ContentMeasure
    weights: tf.Tensor | None = None


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


class Objective(Protocol):
    """A recipe's loss on a feature network."""

    def statistics(self, picture: tf.Tensor) -> tuple[Statistics, ...]:
        """What a picture's style is known by, per style layer.

        Args:
            picture: shape (1, height, width, 3), RGB, 0 to 255.
        """

    def targets(
        self,
        content: tf.Tensor,
        style: tuple[Statistics, ...],
        mask: tf.Tensor | None = None,
        content_weights: tf.Tensor | None = None,
    ) -> Targets:
        """Computes what pictures will be compared with.

        Args:
            content: shape (1, height, width, 3), RGB, 0 to 255.
            style: what is wanted: a picture's `statistics`, or several pictures' `mixed`.
            mask: shape (1, height, width, 1), 0 to 1: where to stay close to the
                content.
            content_weights: of the same shape: how much each place counts for the
                content; None: alike.
        """

    def evaluate(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Evaluation:
        """Evaluates loss and gradient at a picture.

        Args:
            picture: shape (1, height, width, 3), RGB, nominally 0 to 255.
            targets: of a content of the same size.
            weights: of the parts.
        """

    def with_less_memory(self) -> Objective | None:
        """The same for less memory; None if there is no such thing."""


def mixed(known: Sequence[Sequence[Statistics]], shares: Sequence[float]) -> tuple[Statistics, ...]:
    """Mixes several pictures' statistics, each per style layer, by shares that add up to 1."""
    return tuple(
        tuple(
            tf.add_n([share * part for share, part in zip(shares, parts, strict=True)])
            for parts in zip(*statistics, strict=True)
        )
        for statistics in zip(*known, strict=True)
    )


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
