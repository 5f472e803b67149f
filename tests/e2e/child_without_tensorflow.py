"""`python -m tests.e2e.child_without_tensorflow`: an engine's child that waits instead of painting.

All but the painter is the real child's. So what a test shows of the bot around it (a kill, a
cancel, a fault of Telegram's) does not wait for TensorFlow, which takes longer than the test.
"""

from collections.abc import Generator, Sequence
from functools import partial
from typing import Final

import PIL.Image

import core
from bot.engines import child
from core.images import fit
from tests.waiting_steps import steps

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
        blended = partial(PIL.Image.blend, content.resize(size), style[0].resize(size))
        yield from steps(
            blended,
            size=size,
            iterations=options.iterations or _USUAL_ITERATIONS,
            seconds=STEP_SECONDS,
            resume=resume,
        )


if __name__ == "__main__":
    child.main(BlendingPainter)
