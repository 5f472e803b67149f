"""What a painting hands out while it comes into being, and at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import PIL.Image

from core.checkpoint import State
from core.notes import Note


@dataclass(frozen=True, slots=True)
class Losses:
    """The parts of the loss, each with its weight, and their sum.

    Attributes:
        content: distance from the photo.
        style: distance from the style.
        variation: roughness.
        total: their sum, which is what falls. A recipe that works coarse to
            fine measures anew at each size, so it may jump when the size grows.
    """

    content: float
    style: float
    variation: float
    total: float


class LazyImage:
    """A picture that is made when somebody first asks for it, and then kept."""

    def __init__(self, make: Callable[[], PIL.Image.Image]) -> None:
        self._make: Callable[[], PIL.Image.Image] | None = make
        self._image: PIL.Image.Image | None = None

    @property
    def image(self) -> PIL.Image.Image:
        """The picture, in RGB."""
        if self._make is not None:
            self._image = self._make()
            # What it was made from may be large.
            self._make = None
        if self._image is None:
            raise RuntimeError("The picture was never made.")
        return self._image


@dataclass(frozen=True, slots=True)
class Step:
    """The painting after some of its iterations.

    Attributes:
        iteration: the iteration that the step belongs to, from 1. It never
            falls. There is a step after every evaluation of the loss, so an
            iteration may have several; its last one is its result.
        iterations: iterations in all.
        losses: at this step.
        elapsed: seconds since the painting began.
        picture: holds the image until it is asked for.
        share: part of the work that is done, from 0 to 1. It never falls, and
            is 1 at the end. Iterations count by their pixels: those at small
            sizes are many and cheap.
        photo_loss: the total loss of the photo itself, by the same measure as
            `losses` (that is, at the size that is being worked on).
        loss_left: what is left of the photo's loss, over all sizes, from 1 before
            anything is painted. It never rises, and falls all the way.
        note: what a person should know about the painting, if anything.
        state: makes the state from which a run can go on here, if there is one.
    """

    iteration: int
    iterations: int
    losses: Losses
    elapsed: float
    picture: LazyImage
    share: float
    photo_loss: float
    loss_left: float
    note: Note | None = None
    state: Callable[[], State] | None = None

    @property
    def image(self) -> PIL.Image.Image:
        """The picture so far, RGB, of the painting's final size.

        It is made when first asked for, at any time: after later steps or
        after the painting was closed, too.
        """
        return self.picture.image

    def checkpoint(self, limit: int | None = None) -> bytes:
        """What the painting can be continued from, as `resume` of `core.paint`.

        The continued painting is the same as an uninterrupted one, to within
        rounding, unless a limit made the minimiser forget.

        Args:
            limit: the most bytes wanted; see `core.checkpoint.State.encode`.
        """
        if self.state is None:
            raise RuntimeError("The step has no state to go on from.")
        return self.state().encode(limit)


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished painting.

    Attributes:
        image: RGB, of the content's aspect ratio and the asked long side.
        losses: at the last step.
        history: the losses at the end of each iteration, the first one first.
        iterations: iterations done.
        elapsed: seconds that it took.
        note: what a person should know about it, if anything.
    """

    image: PIL.Image.Image
    losses: Losses
    history: tuple[Losses, ...]
    iterations: int
    elapsed: float
    note: Note | None = None
