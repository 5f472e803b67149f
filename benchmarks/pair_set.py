"""The photos and styles by which changes of the engine are judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A photo to be painted in the manner of a style.

    Attributes:
        photo: a name of `judges_env.PHOTOS`, or "group"; a file's where it is not ours.
        style: a name of the gallery; a file's where it is not ours.
        unseen: whether it is never used for tuning.
    """

    photo: str
    style: str
    unseen: bool = False

    @property
    def name(self) -> str:
        """Such as "cat-mosaic"."""
        return f"{self.photo}-{self.style}"


PEOPLE: Final[Mapping[str, tuple[int, int, int, int]]] = MappingProxyType(
    {
        "office": (230, 30, 680, 480),
        "hopper": (60, 0, 460, 400),
        "astronaut": (80, 0, 400, 320),
        "standing": (250, 60, 800, 610),
    }
)
"""Whom the group is made of, and which part of each photo: left, top, right and bottom."""

PAIRS: Final = (
    Pair(photo="astronaut", style="starlight"),
    Pair(photo="hopper", style="mosaic"),
    Pair(photo="office", style="cubism"),
    Pair(photo="standing", style="woodcut", unseen=True),
    Pair(photo="group", style="pastel", unseen=True),
    Pair(photo="cat", style="watercolour"),
    Pair(photo="cat", style="mosaic"),
    Pair(photo="coffee", style="stained-glass"),
    Pair(photo="pavilion", style="starlight"),
    Pair(photo="rocket", style="ink-wash"),
    Pair(photo="flower", style="pointillism", unseen=True),
    Pair(photo="motorcycle", style="halftone", unseen=True),
)
"""Five portraits, one of them a group; places, animals and things."""

OTHERS: Final = (
    Pair(photo="faces/two_on_stage.jpg", style="woman-with-hat-matisse.jpg", unseen=True),
    Pair(photo="golden_gate.jpg", style="shipwreck.jpg"),
    Pair(photo="hoovertowernight.jpg", style="starlight"),
)
"""Of pictures that may be looked at and not shown, in a folder that `--pictures` names."""
