"""What is to be painted, and how, with everything decided."""

from __future__ import annotations

from dataclasses import dataclass

import PIL.Image

from core.checkpoint import fingerprint
from core.faces import Face
from core.objective import Weights
from core.recipes import Recipe
from core.schedule import Plan


@dataclass(frozen=True, slots=True)
class Specification:
    """What is to be painted, and how.

    Attributes:
        recipe: the recipe.
        plan: its stages for these pictures.
        weights: of the parts of the loss.
        seed: of the noise in the start.
        content: RGB, in its own size.
        styles: the same, at least one.
        shares: how much of each style, adding up to 1.
        mix: how far towards the styles the painting is to go, 0 to 1.
        mask: white where the photo is to be kept, of any size; None: nowhere.
        faces: in the photo, that the painting is to hold on to.
        firmness: how firmly it is to, see `core.faces.content_weights`.
        colours: RGB, whose colours are laid over the painting; None: its own.
        seconds: how long it may take, and is to; None: as long as the plan does.
        start_model: the handle of the one whose picture comes first; "none": none does.
        quick: whether that picture is the painting.
    """

    recipe: Recipe
    plan: Plan
    weights: Weights
    seed: int
    content: PIL.Image.Image
    styles: tuple[PIL.Image.Image, ...]
    shares: tuple[float, ...] = (1.0,)
    mix: float = 1.0
    mask: PIL.Image.Image | None = None
    faces: tuple[Face, ...] = ()
    firmness: float = 1.0
    colours: PIL.Image.Image | None = None
    seconds: float | None = None
    start_model: str = "none"
    quick: bool = False

    def fingerprint(self) -> str:
        """Tells paintings apart, but not the time that they may take."""
        others = tuple(extra for extra in (self.mask, self.colours) if extra is not None)
        return fingerprint(
            (self.content, *self.styles, *others),
            *(self.plan, self.weights, self.seed, self.shares, self.mix),
            *(self.start_model, self.quick, self.faces, self.firmness),
        )
