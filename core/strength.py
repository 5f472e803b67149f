"""A strength that means the same on every picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DEFAULT_STRENGTH: Final = 50
"""The strength at which a recipe's own weights hold."""

_LEAST_CONTENT: Final = 0.005
"""Part of the content's weight that is left at strength 100."""

_SOON: Final = 0.75
"""Exponent of the way to the style: a quiet style shows little of itself at first."""

_EVEN: Final = 0.25
"""Part of the fall of the content's weight, on a logarithmic scale, that is in proportion
to the strength; the rest goes by its cube, since there is less and less to give up."""


@dataclass(frozen=True, slots=True)
class StrengthEffect:
    """What a strength does to the loss.

    Attributes:
        mix: how far towards the style the wanted statistics lie, 0 to 1.
        content: factor for the weight of the content.
        variation: factor for the weight of smoothness, which would blur a photo.
        faces: factor for how much more faces count for the content than other places:
            they are held on to alike at all strengths, so that they stay somebody's.
    """

    mix: float
    content: float
    variation: float
    faces: float


def strength_effect(strength: float) -> StrengthEffect:
    """Turns a strength into its effect on the loss.

    Weights alone are no scale: what a weight does depends on how far the style
    is from the photo. So up to `DEFAULT_STRENGTH` the style that is aimed at moves
    from the photo's own statistics (where the photo itself has no loss at all)
    to the style's, whatever that way is. Beyond, the style is fully aimed at,
    and the content holds less and less against it. Both at a pace by which the
    pictures of equal steps differ alike, by LPIPS, over several styles.

    Args:
        strength: 0, the photo, to 100, hardly more than the style.
    """
    way = strength / DEFAULT_STRENGTH
    if way <= 1.0:
        return StrengthEffect(way**_SOON, 1.0, way, 1.0)
    beyond = way - 1.0
    content = _LEAST_CONTENT ** (_EVEN * beyond + (1.0 - _EVEN) * beyond**3)
    return StrengthEffect(1.0, content, 1.0, 1.0 / content)
