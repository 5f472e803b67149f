"""An engine that paints on whichever worker stands behind it."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from bot.engines.frames import FrameError
from bot.engines.messages import Died, Message, Painted, Refused
from bot.engines.protocol import EngineDied, EngineLost, Finished, Job, JobRefused, Progress
from bot.engines.remote import bot_side
from bot.engines.remote.bot_side import Seen, Sight, Worker
from bot.engines.remote.link import Connection
from bot.engines.remote.workers import Workers

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.25
"""Between two looks at a job."""
MOST_WORKERS: Final = 32
"""How many devices elsewhere may paint for one bot."""

_UNTOUCHED_LOOKS: Final = 40
"""So often a job is looked at before its worker, whose engine may be coming up, has to begin."""
_NOBODY: Final = "a worker elsewhere"


class RemoteEngine:
    """Implements `Engine` with one of the registered workers, another one when that is lost.

    It is up while a worker stands behind it: `start` waits for one for ever.

    Args:
        workers: where one is to be had.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._worker: Worker | None = None
        self._link = workers.link()

    @property
    def name(self) -> str:
        """The device and its machine in words."""
        return self._worker.name if self._worker else _NOBODY

    @property
    def has_device(self) -> bool:
        """See `Engine.has_device`."""
        return self._worker is not None

    @property
    def speed(self) -> float:
        """See `Engine.speed`."""
        return self._worker.speed if self._worker else 1.0

    async def start(self) -> None:
        """See `Engine.start`."""
        while True:
            if self._worker is None:
                self._worker = await self._workers.assign()
            known = self._workers.known(self._worker.id)
            if known is not None and known.ready:
                return
            self._workers.release(self._worker)
            self._worker = None

    async def paint(self, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        """See `Engine.paint`. Of progress that nobody takes only the newest is kept."""
        await self.start()
        worker = self._worker
        if worker is None:
            raise EngineLost("There is no worker.")
        self._workers.want(job)
        try:
            async with aclosing(self._watched(worker, job)) as signs:
                async for sign in signs:
                    yield sign
        finally:
            # Never waits for the database: whoever cancels may be in a hurry.
            self._workers.drop(job)

    async def close(self) -> None:
        """See `Engine.close`."""
        await self._workers.close()
        await self._link.close()

    async def _watched(self, worker: Worker, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        async def put(connection: Connection) -> int:
            return await bot_side.put(connection, worker.id, job)

        try:
            job_id, seen, looks = await self._link.perform(put), Seen(), 0
        except FrameError as error:
            raise JobRefused("FrameError", str(error)) from error
        while True:
            sight = await self._look(worker, job_id, seen)
            if sight.progress is not None:
                yield sight.progress
            if sight.result is not None:
                yield _finished(worker, sight.result)
                return
            # Looks are counted and not seconds, of which the database may have been away for many.
            looks += 1
            if not sight.begun and looks > _UNTOUCHED_LOOKS:
                raise EngineLost(f"{worker.name} does not take up the job.")
            seen = sight.seen
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, worker: Worker, job_id: int, seen: Seen) -> Sight:
        async def look(connection: Connection) -> Sight | None:
            return await bot_side.look(connection, job_id, seen)

        try:
            sight = await self._link.perform(look)
        except FrameError as error:
            raise EngineDied(f"{worker.name} spoke nonsense ({error}).") from error
        if sight is None:
            raise EngineLost(f"The job that {worker.name} had is gone.")
        if sight.result is None and self._workers.known(worker.id) is None:
            raise EngineLost(f"{worker.name} gives no sign of life.")
        return sight


def _finished(worker: Worker, result: Message) -> Finished:
    match result:
        case Painted():
            return result.finished
        case Refused():
            raise JobRefused(result.reason, result.message)
        case Died():
            raise EngineDied(result.message)
        case _:
            raise EngineDied(f"{worker.name} said {type(result).__name__} at the end of a job.")


def remote_engines(conninfo: str) -> list[RemoteEngine]:
    """Engines for all workers that there may be in a database.

    Args:
        conninfo: the database, as `link.conninfo` makes it.
    """
    workers = Workers(conninfo)
    return [RemoteEngine(workers) for _ in range(MOST_WORKERS)]
