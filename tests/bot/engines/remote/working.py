"""Workers at work in the test's own process, over children that behave as told."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.engines.devices import Device
from bot.engines.process import Patience as ChildPatience
from bot.engines.process import ProcessEngine
from bot.engines.protocol import Engine, Finished, Job, Progress
from bot.engines.remote.engine import RemoteEngine
from bot.engines.remote.link import Link
from bot.engines.remote.station import Station
from bot.engines.remote.workers import Patience, Workers
from bot.outage import Outage

FAULTY = Path(__file__).parents[1] / "faulty_child.py"
JOB = Job(order_id=7, epoch=3, content=b"content", styles=(b"style",), size=64)
USUAL = Patience()
LONG = 100_000
"""Iterations of a job that does not end by itself within any test."""


def local(mode: str = "well", once: Path | None = None) -> ProcessEngine:
    command = [sys.executable, str(FAULTY), mode, *([f"--once={once}"] if once else [])]
    return ProcessEngine(
        Device(), command=command, patience=ChildPatience(start=60, sign=60, stop=0.8)
    )


@asynccontextmanager
async def station(
    conninfo: str, engine: Engine, name: str = "CPU on here", checkpoint_seconds: float = 0.0
) -> AsyncIterator[asyncio.Task[None]]:
    """A worker's device at work; the task may be cancelled before the end."""
    outage = Outage("The database is out of reach", "The database is back")
    made = Station(
        engine,
        name=name,
        link=lambda: Link(conninfo, outage),
        checkpoint_seconds=checkpoint_seconds,
    )
    working = asyncio.create_task(made.run())
    try:
        yield working
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        await engine.close()


@asynccontextmanager
async def remote(
    conninfo: str, number: int = 1, patience: Patience = USUAL
) -> AsyncIterator[Sequence[RemoteEngine]]:
    """Engines of a bot's that paint elsewhere."""
    workers = Workers(conninfo, patience=patience)
    engines = [RemoteEngine(workers) for _ in range(number)]
    try:
        yield engines
    finally:
        for engine in engines:
            await engine.close()


async def paint(engine: Engine, job: Job = JOB) -> list[Progress | Finished]:
    async with asyncio.timeout(60), contextlib.aclosing(engine.paint(job)) as signs:
        return [sign async for sign in signs]
