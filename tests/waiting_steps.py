"""The steps of a painting that takes its time and does no work."""

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import PIL.Image

import core
from core.checkpoint import State
from core.steps import LazyImage, Losses


def steps(
    image: Callable[[float], PIL.Image.Image],
    *,
    size: tuple[int, int],
    iterations: int,
    seconds: float,
    resume: bytes | None = None,
) -> Iterator[core.Step]:
    """What `core.Painter.paint` yields, an iteration each time.

    Args:
        image: makes the picture as it is at a share of the work from 0 to 1.
        size: its width and height in pixels.
        iterations: how many there are; the last one comes in any case.
        seconds: what each one takes.
        resume: a checkpoint to go on from.
    """
    begun = 0 if resume is None else State.decode(resume).iteration
    for iteration in range(min(begun, iterations - 1) + 1, iterations + 1):
        time.sleep(seconds)
        share = iteration / iterations
        left = 1 - share
        yield core.Step(
            iteration=iteration,
            iterations=iterations,
            losses=Losses(content=left, style=left, variation=left, total=left),
            elapsed=iteration * seconds,
            picture=LazyImage(partial(image, share)),
            share=share,
            photo_loss=1.0,
            loss_left=left,
            state=partial(_state, iteration, iteration * seconds, size),
        )


def _state(iteration: int, elapsed: float, size: tuple[int, int]) -> State:
    return State(
        painting="",
        stage=0,
        iteration=iteration,
        before=0,
        elapsed=elapsed,
        size=size,
        point=np.zeros((1, size[1], size[0], 3), np.float32),
        pairs=(),
    )
