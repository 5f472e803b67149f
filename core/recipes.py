"""Recipes: which layers are compared, how, with which weights and schedule."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType


class Family(Enum):
    """A way of measuring content, style and variation; see `core.losses`."""

    SUMS = "sums"
    """Chollet's: sums of squares over unnormalised features, about 1e9 at first."""

    RELATIVE = "relative"
    """Relative to the target's own, about 1 at first. Content layers are style layers, too."""


class Padding(Enum):
    """What a convolution sees beyond the picture's border."""

    ZERO = "zero"
    """Nothing, as VGG19 was trained."""

    MIRROR = "mirror"
    """The picture mirrored at its border, so that no frame appears."""


class Fit(Enum):
    """How the style is brought to the content's size."""

    STRETCH = "stretch"
    """To exactly the content's size, out of shape."""

    AREA = "area"
    """To the content's area, in its own shape."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the schedule at one size.

    Attributes:
        scale: long side as a part of the painting's, in (0, 1].
        iterations: iterations at this size, where the recipe's own number of
            iterations is asked for; another number is shared out alike.
        eigen_weight: of the squares between eigenvectors that are added to the style
            loss of `Family.SUMS`, so that it can be minimised sooner; see
            `core.losses.eigen_weights`.
    """

    scale: float
    iterations: int
    eigen_weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A named way to paint.

    Attributes:
        family: how losses are measured.
        content_layers: layers compared with the photo, and their weights.
        style_layers: layers whose Gram matrices are compared with the style's,
            and their weights.
        content_weight, style_weight, variation_weight: weights of the three.
        padding: of the feature network.
        fit: how the style is brought to the content's size.
        stages: the schedule, the smallest size first, ending with scale 1.
        restart_evaluations: if set, each iteration is a run of SciPy's
            L-BFGS-B of so many evaluations, started anew; else it is one step
            of one uninterrupted run of `core.minimise`.
        size: long side in pixels where none is asked for.
        height: if set, the height in pixels where no size is asked for.
        noise: standard deviation, in grey levels, of the noise that is added
            to the start.
        start_model: handle of the start model whose picture comes first, where
            none is asked for; "none": the photo comes first.
        from_opening: whether the minimisation begins at that picture, too,
            rather than at the photo.
        nearest: whether pictures are brought to the painting's size by nearest
            neighbour, as Keras' `load_img` does, rather than by Lanczos' filter.
        exact: whether features are computed in float32 where a coarser format
            would be faster.
        face_layers: the content layers at which faces in the photo count for more than
            its other places; none: faces are painted as all else.
    """

    family: Family
    content_layers: Mapping[str, float]
    style_layers: Mapping[str, float]
    content_weight: float
    style_weight: float
    variation_weight: float
    padding: Padding
    fit: Fit
    stages: tuple[Stage, ...]
    restart_evaluations: int | None = None
    size: int = 512
    height: int | None = None
    noise: float = 0.0
    start_model: str = "none"
    from_first_picture: bool = False
    nearest: bool = False
    exact: bool = False
    face_layers: Collection[str] = ()

    @property
    def iterations(self) -> int:
        """The recipe's own number of iterations."""
        return sum(stage.iterations for stage in self.stages)


def _weighted(shares: Mapping[str, float]) -> Mapping[str, float]:
    """The same proportions, adding up to 1."""
    total = sum(shares.values())
    return MappingProxyType({layer: share / total for layer, share in shares.items()})


def _even(*layers: str) -> Mapping[str, float]:
    return _weighted(dict.fromkeys(layers, 1))


_STYLE_LAYERS = tuple(f"block{block}_conv1" for block in range(1, 6))

SEED = Recipe(
    # Chollet's listing (Deep Learning with Python, section 8.3), constant by constant.
    family=Family.SUMS,
    content_layers=_even("block5_conv2"),
    style_layers=_even(*_STYLE_LAYERS),
    content_weight=0.025,
    style_weight=1.0,
    variation_weight=1e-4,
    padding=Padding.ZERO,
    fit=Fit.STRETCH,
    stages=(Stage(scale=1.0, iterations=20),),
    restart_evaluations=20,
    height=400,
    nearest=True,
    exact=True,
)

SEED_FAST = replace(
    SEED,
    # The same loss within a few per cent: block4_conv1 has nearly all of it, block1_conv1 a
    # ten-thousandth, and what lies beyond takes a third of the time. The curvature is never
    # forgotten at a size, and until the end the loss is one whose curvature is less uneven;
    # see docs/engine.md.
    content_layers=_even("block4_conv1"),
    style_layers=MappingProxyType(dict.fromkeys(_STYLE_LAYERS[1:4], 1 / len(_STYLE_LAYERS))),
    content_weight=0.0,
    exact=False,
    stages=(
        Stage(scale=0.25, iterations=15, eigen_weight=1.0),
        Stage(scale=0.5, iterations=15, eigen_weight=1.0),
        Stage(scale=1.0, iterations=30, eigen_weight=1.0),
        Stage(scale=1.0, iterations=70),
    ),
    restart_evaluations=None,
    start_model="shipped",
    from_first_picture=True,
)

ATELIER = Recipe(
    # Tuned by eye and by two networks' distances, see docs/engine.md. The deep layers
    # count for less than elsewhere, and no size is below half, because both let things
    # of the style (an eye, a sail) appear where the photo has nothing of the kind. Most
    # evaluations are made at half the size, where each costs a quarter; the full size
    # adds fine strokes.
    family=Family.RELATIVE,
    content_layers=_even(*_STYLE_LAYERS[1:]),
    style_layers=_weighted(dict(zip(_STYLE_LAYERS, (5, 5, 5, 3.5, 1.2), strict=True))),
    content_weight=0.38,
    style_weight=1.0,
    variation_weight=0.014,
    padding=Padding.MIRROR,
    fit=Fit.AREA,
    stages=(Stage(0.5, 32), Stage(1.0, 20)),
    size=512,
    noise=8.0,
    start_model="shipped",
    face_layers=_STYLE_LAYERS[3:],
)

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {"atelier": ATELIER, "seed": SEED, "seed-fast": SEED_FAST}
)
"""The recipes by name, the default first."""
