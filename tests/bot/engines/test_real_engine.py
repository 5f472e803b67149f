"""The engine as the bot uses it: TensorFlow, the shipped weights, and a child process."""

import asyncio
import io
import os
import signal
import sys
from contextlib import aclosing
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import core
from bot.engines.devices import Device
from bot.engines.process import ProcessEngine
from bot.engines.protocol import EngineDied, Finished, Job, JobRefused, Progress

ROOT = Path(__file__).parents[3]


def picture(seed: int, width: int, height: int) -> bytes:
    """A picture with large and small shapes in it."""
    generator = np.random.default_rng(seed)
    coarse = PIL.Image.fromarray(generator.integers(0, 256, (6, 8, 3), np.uint8))
    return core.encode_jpeg(coarse.resize((width, height), PIL.Image.Resampling.BICUBIC))


def job(epoch: int = 1, styles: int = 1, **wishes: object) -> Job:
    return Job(
        order_id=1,
        epoch=epoch,
        content=picture(1, 120, 80),
        styles=tuple(picture(2 + number, 90, 90) for number in range(styles)),
        **{"size": 48, "iterations": 6, **wishes},  # type: ignore[arg-type]
    )


async def test_an_engine_paints_stops_refuses_and_survives_being_killed() -> None:
    engine = ProcessEngine(Device(), preview_every=0.0)
    try:
        await engine.start()
        assert engine.name == "CPU"
        pid = engine.pid
        assert pid

        async with aclosing(engine.paint(job())) as messages:
            *steps, painting = [message async for message in messages]
        assert isinstance(painting, Finished)
        assert (painting.width, painting.height) == (48, 32)
        with PIL.Image.open(io.BytesIO(painting.image)) as image:
            assert image.size == (48, 32)
        progress = [step for step in steps if isinstance(step, Progress)]
        assert progress[-1].iteration == progress[-1].iterations == 6
        assert progress[0].preview is not None

        wishes = {"strength": 30, "keep_colours": True, "quality": "fine"}
        async with aclosing(engine.paint(job(9, styles=2, **wishes))) as messages:
            other = [message async for message in messages][-1]
        assert isinstance(other, Finished)
        assert other.image != painting.image

        stopped = engine.paint(job(2, iterations=5000))
        await anext(stopped)
        await stopped.aclose()

        with pytest.raises(JobRefused) as refused:
            async for _ in engine.paint(job(3, size=5)):
                pass
        assert refused.value.reason == "OptionsError"

        killed = engine.paint(job(4, iterations=5000))
        await anext(killed)
        child = engine.pid
        assert child
        os.kill(child, signal.SIGKILL)
        with pytest.raises(EngineDied):
            async for _ in killed:
                pass
        last = [message async for message in engine.paint(job(5))][-1]
        assert isinstance(last, Finished)
        assert engine.pid not in {child, None}
    finally:
        await engine.close()


async def test_the_bot_itself_never_imports_tensorflow() -> None:
    program = (
        "import sys, bot.engines.process, bot.engines.devices, bot.engines.job_runner\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('tensorflow', 'keras')])"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.strip() == b"[]"
