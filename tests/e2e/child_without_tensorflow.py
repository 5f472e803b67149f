"""`python -m tests.e2e.child_without_tensorflow`: an engine's child that waits instead of painting.

All but the painter is the real child's. So what a test shows of the bot around it (a kill, a
cancel, a fault of Telegram's) does not wait for TensorFlow, which takes longer than the test.
"""

import time
from collections.abc import Generator, Sequence
from functools import partial
from typing import Final

import numpy as np
import PIL.Image

import core
from bot.engines import child
from core.checkpoint import State
from core.images import fit
from core.steps import LazyImage, Losses

STEP_SECONDS: Final = 0.07

_USUAL_SIZE: Final = 64
_USUAL_ITERATIONS: Final = 100


class BlendingPainter:
    """In place of `core.Painter`: the style shows through the photo, the more the later it is."""

    def warm(self) -> None:
        """There is nothing to load."""

    def describe(self) -> str:
        """See `core.Painter`."""
        return "CPU"

    def paint(
        self,
        content: PIL.Image.Image,
        style: Sequence[PIL.Image.Image],
        options: core.Options | None = None,
        *,
        resume: bytes | None = None,
    ) -> Generator[core.Step]:
        """See `core.Painter`."""
        options = options or core.Options()
        size = fit(*content.size, options.size or _USUAL_SIZE)
        begun = 0 if resume is None else State.decode(resume).iteration
        pictures = content.resize(size), style[0].resize(size)
        iterations = options.iterations or _USUAL_ITERATIONS
        for number in range(begun + 1, iterations + 1):
            time.sleep(STEP_SECONDS)
            share = number / iterations
            left = 1 - share / 2
            yield core.Step(
                iteration=number,
                iterations=iterations,
                losses=Losses(content=0.0, style=left, variation=0.0, total=left),
                elapsed=number * STEP_SECONDS,
                picture=LazyImage(partial(PIL.Image.blend, *pictures, share)),
                share=share,
                photo_loss=1.0,
                loss_left=left,
                state=partial(_state, number, size),
            )


def _state(iteration: int, size: tuple[int, int]) -> State:
    return State(
        painting="",
        stage=0,
        iteration=iteration,
        before=0,
        elapsed=iteration * STEP_SECONDS,
        size=size,
        point=np.zeros((1, size[1], size[0], 3), np.float32),
        pairs=(),
    )


if __name__ == "__main__":
    core.Painter = BlendingPainter  # type: ignore[misc, assignment]
    child.main()
