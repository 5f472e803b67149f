"""What every engine owes to whoever has it paint, whether its child is here or elsewhere."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.engines.protocol import Engine, EngineDied, Finished, JobRefused, Note, Progress
from tests.bot.engines.remote.conftest import Place, place
from tests.bot.engines.remote.working import JOB, LONG, local, paint, remote, station

__all__ = ["place"]

Opened = Callable[..., AbstractAsyncContextManager[Engine]]


@pytest.fixture(params=["process", "remote"])
def opened(request: pytest.FixtureRequest) -> Opened:
    """Opens an engine over a child of some mode."""
    if request.param == "process":

        @asynccontextmanager
        async def open_here(mode: str, once: Path | None = None) -> AsyncIterator[Engine]:
            engine = local(mode, once)
            try:
                yield engine
            finally:
                await engine.close()

        return open_here
    where: Place = request.getfixturevalue("place")

    @asynccontextmanager
    async def open_elsewhere(mode: str, once: Path | None = None) -> AsyncIterator[Engine]:
        async with station(where.worker, local(mode, once)), remote(where.bot) as (engine,):
            yield engine

    return open_elsewhere


async def test_jobs_are_painted_one_after_another_with_previews_and_checkpoints(
    opened: Opened,
) -> None:
    async with opened("well") as engine:
        await engine.start()
        for size in (64, 100):
            job = replace(JOB, size=size, iterations=200, resume=b" resumed", epoch=size)
            *steps, last = await paint(engine, job)
            progress = [step for step in steps if isinstance(step, Progress)]
            assert len(progress) == len(steps)
            assert [step.iteration for step in progress] == sorted(s.iteration for s in progress)
            assert any(step.preview == b"preview" for step in progress)
            assert any(step.checkpoint == b"state" for step in progress)
            image = b"content resumed"
            assert last == Finished(image=image, width=size, height=1, elapsed=1.0)


async def test_a_note_about_the_painting_comes_along(opened: Opened) -> None:
    async with opened("retaken") as engine:
        last = (await paint(engine))[-1]
        assert isinstance(last, Finished)
        assert last.note is Note.RETAKEN


async def test_closing_the_generator_stops_the_work_and_leaves_the_engine_well(
    opened: Opened,
) -> None:
    async with opened("well") as engine:
        steps = engine.paint(replace(JOB, iterations=LONG))
        async with asyncio.timeout(30):
            await anext(steps)
            await steps.aclose()
        assert isinstance((await paint(engine, replace(JOB, epoch=4)))[-1], Finished)


async def test_cancelling_the_consumer_stops_the_work_too(opened: Opened) -> None:
    async with opened("well") as engine:
        started = asyncio.Event()

        async def consume() -> None:
            async with contextlib.aclosing(engine.paint(replace(JOB, iterations=LONG))) as steps:
                async for _ in steps:
                    started.set()

        task = asyncio.create_task(consume())
        async with asyncio.timeout(30):
            await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance((await paint(engine, replace(JOB, epoch=4)))[-1], Finished)


async def test_a_refused_job_leaves_the_engine_well(opened: Opened) -> None:
    async with opened("refuse") as engine:
        for epoch in (3, 4):
            with pytest.raises(JobRefused, match=r"No\.") as caught:
                await paint(engine, replace(JOB, epoch=epoch))
            assert caught.value.reason == "Nope"


async def test_a_death_is_told_and_the_next_attempt_succeeds(
    opened: Opened, tmp_path: Path
) -> None:
    async with opened("exit", once=tmp_path / "once") as engine:
        with pytest.raises(EngineDied):
            await paint(engine)
        assert isinstance((await paint(engine, replace(JOB, epoch=4)))[-1], Finished)
