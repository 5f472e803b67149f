"""Workers, databases and bots that go away in the midst of a painting, and come back."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from bot.engines.protocol import Engine, EngineDied, EngineLost, Finished, Progress
from bot.engines.remote import bot_side, worker_side
from bot.engines.remote.engine import RemoteEngine
from bot.engines.remote.link import Link, conninfo
from bot.engines.remote.workers import Patience, Workers
from bot.outage import Outage
from tests.bot.databases import make_tables
from tests.bot.engines.remote.conftest import Place
from tests.bot.engines.remote.working import JOB, LONG, local, paint, remote, station
from tests.postgresql import Server

ROOT = Path(__file__).parents[4]
LONG_JOB = replace(JOB, iterations=LONG)
QUICK = Patience(silent=3.0)


@asynccontextmanager
async def process(place: Place, name: str = "CPU elsewhere") -> AsyncIterator[int]:
    """A worker of its own; gives its process id."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bot.engines.remote.worker_process", place.worker, name),
        cwd=ROOT,
    )
    try:
        yield running.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.wait()


async def until(
    steps: AsyncGenerator[Progress | Finished, None], condition: Callable[[Progress], bool]
) -> Progress:
    """The first progress for which the condition holds."""
    async with asyncio.timeout(60):
        async for step in steps:
            assert isinstance(step, Progress)
            if condition(step):
                return step
    raise AssertionError("it ended before")


async def lost(steps: AsyncGenerator[Progress | Finished, None], says: str) -> None:
    async with asyncio.timeout(60):
        with pytest.raises(EngineLost, match=says):
            async for _ in steps:
                pass


async def rows(place: Place, query: str) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(place.bot) as connection:
        return await (await connection.execute(query)).fetchall()


async def test_what_a_killed_worker_painted_is_taken_up_by_another(place: Place) -> None:
    async with remote(place.bot, patience=QUICK) as (engine,):
        async with process(place) as pid:
            steps = engine.paint(LONG_JOB)
            step = await until(steps, lambda step: step.checkpoint is not None)
            os.kill(pid, signal.SIGKILL)
            await lost(steps, r"CPU elsewhere gives no sign of life")
        async with station(place.worker, local(), "CPU on here"):
            last = (await paint(engine, replace(JOB, epoch=5, resume=step.checkpoint)))[-1]
            assert engine.name == "CPU on here"
    assert isinstance(last, Finished)
    assert last.image == b"contentstate"
    assert await rows(place, "SELECT id FROM procrastinate_jobs") == []


async def test_a_worker_that_was_frozen_comes_too_late_and_goes_on_to_the_next(
    place: Place,
) -> None:
    async with remote(place.bot, patience=QUICK) as (engine,), process(place) as pid:
        steps = engine.paint(LONG_JOB)
        await until(steps, lambda _: True)
        os.kill(pid, signal.SIGSTOP)
        await lost(steps, "no sign of life")
        os.kill(pid, signal.SIGCONT)
        assert isinstance((await paint(engine, replace(JOB, epoch=5)))[-1], Finished)
        # It has not been started anew, nor has it registered again.
        assert len(await rows(place, "SELECT id FROM workers")) == 1


async def test_a_worker_that_leaves_is_not_waited_for(place: Place) -> None:
    async with remote(place.bot) as (engine,):
        async with station(place.worker, local()) as working:
            steps = engine.paint(LONG_JOB)
            await until(steps, lambda _: True)
            working.cancel()
            await lost(steps, "no sign of life")
        assert await rows(place, "SELECT id FROM workers") == []


async def test_a_database_that_is_away_for_a_while_costs_no_painting(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    url = server.url(await server.create())
    await make_tables(url)
    engine_of_worker = local()
    async with station(conninfo(url), engine_of_worker), remote(conninfo(url)) as (engine,):
        steps = engine.paint(replace(JOB, iterations=300))
        await until(steps, lambda _: True)
        pid = engine_of_worker.pid
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(1.0)
        server.start()
        async with asyncio.timeout(60):
            last = [step async for step in steps][-1]
        assert isinstance(last, Finished)
        assert engine_of_worker.pid == pid
    for line in ("The database is out of reach", "The database is back", "queue is back"):
        assert line in caplog.text


async def test_what_an_earlier_bot_left_is_taken_away_and_its_worker_stops(place: Place) -> None:
    async with station(place.worker, local()):
        earlier = RemoteEngine(Workers(place.bot))
        steps = earlier.paint(LONG_JOB)
        await until(steps, lambda _: True)
        looking = earlier._workers._looking
        assert looking is not None
        looking.cancel()  # as if it had been killed
        async with remote(place.bot) as (engine,):
            assert isinstance((await paint(engine, replace(JOB, order_id=8)))[-1], Finished)
        await lost(steps, "is gone")
        await earlier.close()


async def test_each_engine_has_a_worker_of_its_own(place: Place) -> None:
    async with remote(place.bot, 3) as engines:
        waiting = [asyncio.create_task(engine.start()) for engine in engines]
        async with (
            station(place.worker, local(), "one"),
            station(place.worker, local(), "two"),
            asyncio.timeout(60),
        ):
            done, left = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            while len(done) < 2:
                done, left = await asyncio.wait(waiting, timeout=0.1)
            assert {engine.name for engine in engines} == {"one", "two", "a worker elsewhere"}
            for task in left:
                task.cancel()


@pytest.fixture
async def link(place: Place) -> AsyncIterator[Link]:
    made = Link(place.bot, Outage("It is away", "It is back"))
    yield made
    await made.close()


async def registered(link: Link) -> int:
    return await link.perform(
        lambda c: worker_side.register(c, name="a stranger", speed=1.0, ready=True)
    )


async def test_a_worker_that_speaks_another_way_is_left_alone(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_side, "REVISION", 0)
    await registered(link)
    assert await link.perform(bot_side.workers) == []


async def test_nonsense_is_told_as_a_death(link: Link, place: Place) -> None:
    worker_id = await registered(link)
    async with remote(place.bot) as (engine,):
        painting = asyncio.create_task(paint(engine))
        async with asyncio.timeout(30):
            while (queued := await link.perform(lambda c: worker_side.fetch(c, worker_id))) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        # The answer to a commit may be lost, and a worker ask once more.
        assert await link.perform(lambda c: worker_side.fetch(c, worker_id)) == queued
        job = await link.perform(lambda c: worker_side.read(c, queued))
        assert job == JOB
        await link.perform(lambda c: worker_side.end(c, queued, job))
        with pytest.raises(EngineDied, match="a stranger said Job at the end"):
            await painting


async def test_more_than_fits_is_not_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bot_side._LIMITS, "bytes", 6)
    async with station(place.worker, local()), remote(place.bot) as (engine,):
        steps: list[Progress] = []

        async def watch() -> None:
            async for step in engine.paint(replace(JOB, iterations=200)):
                assert isinstance(step, Progress)
                steps.append(step)

        with pytest.raises(EngineDied, match="spoke nonsense"):
            await watch()
    assert {step.preview for step in steps} == {None}
    assert b"state" in {step.checkpoint for step in steps}


async def test_a_bot_that_stops_needs_no_database(server: Server) -> None:
    url = server.url(await server.create())
    await make_tables(url)
    engine: Engine
    async with station(conninfo(url), local()), remote(conninfo(url)) as (engine,):
        steps = engine.paint(LONG_JOB)
        await until(steps, lambda _: True)
        await asyncio.to_thread(server.stop)
        async with asyncio.timeout(8):
            await steps.aclose()
            await engine.close()
        server.start()
        await server.wait()
