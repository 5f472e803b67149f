"""`python -m tests.campaign.painting_child`: an engine's child that waits, and paints one colour.

Everything but the painter is the real child's: the channel, the job runner, the checkpoints. So no
TensorFlow has to be started for an engine that is about to be killed.
"""

import argparse
import os
import socket
import time
from collections.abc import Generator, Sequence
from functools import partial
from typing import Final

import numpy as np
import PIL.Image

import core
from bot.engines import child_setup
from bot.engines.child_channel import ChildChannel, Control
from bot.engines.job_runner import JobRunner, ReportIntervals
from bot.engines.messages import Ready
from core.checkpoint import State
from core.steps import LazyImage, Losses

STEPS: Final = 8
STEP_SECONDS: Final = 0.03
SIZE: Final = (32, 24)

POISON: Final = (255, 0, 255)
"""The colour of a photo over which the child dies."""

_POISONOUS_STEP: Final = 3

_HURRIED: Final = ReportIntervals(steps=0.02, previews=0.1, checkpoints=0.05)


class FlatPainter:
    """Paints the colour in the middle of the photo."""

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
        begun = State.decode(resume).iteration if resume is not None else 0
        middle = content.convert("RGB").getpixel((content.width // 2, content.height // 2))
        assert isinstance(middle, tuple)
        image = PIL.Image.new("RGB", SIZE, middle)
        for number in range(min(begun, STEPS - 1) + 1, STEPS + 1):
            time.sleep(STEP_SECONDS)
            if number >= _POISONOUS_STEP and is_like(middle, POISON):
                os._exit(70)
            left = 1 - number / STEPS
            yield core.Step(
                iteration=number,
                iterations=STEPS,
                losses=Losses(content=left, style=left, variation=left, total=left),
                elapsed=number * STEP_SECONDS,
                picture=LazyImage(lambda: image),
                share=number / STEPS,
                photo_loss=1.0,
                loss_left=left,
                state=partial(_state, number),
            )


def is_like(colour: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two colours are the same, but for what JPEG does to them."""
    return max(abs(one - another) for one, another in zip(colour, other, strict=True)) <= 16


def _state(number: int) -> State:
    return State(
        painting="flat",
        stage=0,
        iteration=number,
        before=0,
        elapsed=number * STEP_SECONDS,
        size=SIZE,
        point=np.zeros((1, SIZE[1], SIZE[0], 3), np.float32),
        pairs=(),
    )


def main() -> None:
    """Serve the bot until it hangs up. Never returns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    arguments, _ = parser.parse_known_args()
    child_setup.die_with_parent(arguments.parent)
    child_setup.leave_signals_to_the_parent()
    os.set_inheritable(arguments.fd, False)
    channel = ChildChannel(socket.socket(fileno=arguments.fd))
    control = Control(channel)
    control.start()
    runner = JobRunner(FlatPainter(), channel.send, intervals=_HURRIED)
    channel.send(Ready(device="CPU"))
    while True:
        job = control.next_job()
        runner.work(job, lambda: control.stopped(job))  # noqa: B023 (not kept beyond the call)


if __name__ == "__main__":
    main()
