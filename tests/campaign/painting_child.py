"""`python -m tests.campaign.painting_child`: an engine's child that waits, and paints one colour.

Everything but the painter is the real child's: the channel, the job runner, the checkpoints. So no
TensorFlow has to be started for an engine that is about to be killed.
"""

import os
from collections.abc import Generator, Sequence
from typing import Final

import PIL.Image

import core
from bot.engines import child
from bot.engines.job_runner import ReportIntervals
from tests.waiting_steps import steps

STEPS: Final = 8
STEP_SECONDS: Final = 0.03
SIZE: Final = (32, 24)

POISON: Final = (255, 0, 255)
"""The colour of a photo over which the child dies."""

_POISONOUS_STEP: Final = 3

_HURRIED: Final = ReportIntervals(steps=0.02, previews=0.1, checkpoints=0.05)


class FlatPainter:
    """Paints the colour in the middle of the photo."""

    def warm(self) -> None:
        """There is nothing to load."""

    def describe(self) -> str:
        """See `bot.engines.child.ReadyPainter`."""
        return "CPU"

    def paint(
        self,
        content: PIL.Image.Image,
        style: Sequence[PIL.Image.Image],
        options: core.Options | None = None,
        *,
        resume: bytes | None = None,
    ) -> Generator[core.Step]:
        """See `bot.engines.job_runner.Painter`."""
        del style, options
        middle = content.convert("RGB").getpixel((content.width // 2, content.height // 2))
        assert isinstance(middle, tuple)
        image = PIL.Image.new("RGB", SIZE, middle)
        for step in steps(
            lambda _share: image,
            size=SIZE,
            iterations=STEPS,
            seconds=STEP_SECONDS,
            resume=resume,
        ):
            if step.iteration >= _POISONOUS_STEP and is_like(middle, POISON):
                os._exit(70)
            yield step


def is_like(colour: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two colours are the same, but for what JPEG does to them."""
    return max(abs(one - another) for one, another in zip(colour, other, strict=True)) <= 16


if __name__ == "__main__":
    child.main(FlatPainter, _HURRIED)
