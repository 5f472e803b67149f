"""One device of a worker's: registered, fed from the queue, and put to work."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from itertools import count
from typing import Final

from procrastinate.jobs import Job as QueuedJob

from bot.backoff import Backoff
from bot.engines.frames import FrameError
from bot.engines.messages import Died, Message, Painted, Refused, Stepped
from bot.engines.protocol import Engine, EngineError, Finished, Job, JobRefused
from bot.engines.remote import worker_side
from bot.engines.remote.link import Connection, Link

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.25
"""Between two looks for a job, or whether it still is one's own."""
BEAT_SECONDS: Final = 2.0
CHECKPOINT_SECONDS: Final = 15.0
"""Between two checkpoints that are sent: each may have 48 MB, and a network be slow."""

_ENGINE_FAILURES: Final = Backoff(first=1.0, longest=60.0)


class _NotOurs(Exception):
    """The bot has taken the job away."""


class Station:
    """Paints what the bot lays before one engine.

    Args:
        engine: on this machine.
        name: device and machine in words.
        link: makes connections to the database.
        checkpoint_seconds: between two checkpoints that are sent.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        name: str,
        link: Callable[[], Link],
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._name = name
        self._link = link()
        # Signs of life do not wait for a checkpoint that is on its way.
        self._uploads = link()
        self._checkpoint_seconds = checkpoint_seconds
        self._clock = clock
        self._ready = False
        self._id: int | None = None

    async def run(self) -> None:
        """Work until cancelled; then what is being painted goes to another worker at once."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._beat(), name=f"signs of life of {self._name}")
                tasks.create_task(self._work(), name=f"work of {self._name}")
        finally:
            await self._leave()

    async def _beat(self) -> None:
        while True:
            await self._link.perform(self._sign_of_life)
            await asyncio.sleep(BEAT_SECONDS)

    async def _sign_of_life(self, connection: Connection) -> None:
        known = self._id is not None and await worker_side.beat(
            connection, self._id, ready=self._ready
        )
        if not known:
            self._id = await worker_side.register(
                connection, name=self._name, speed=self._engine.speed, ready=self._ready
            )
            log.info("%s is worker %d", self._name, self._id)

    async def _work(self) -> None:
        while True:
            await self._bring_up()
            queued = await self._link.perform(self._fetch)
            if queued is None:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._serve(queued)

    async def _bring_up(self) -> None:
        failures = 0
        while True:
            starting = asyncio.create_task(self._engine.start())
            try:
                done, _ = await asyncio.wait([starting], timeout=LOOK_SECONDS)
                self._ready = self._ready and bool(done)
                await starting
            except EngineError as error:
                self._ready = False
                failures += 1
                delay = _ENGINE_FAILURES.delay(failures)
                log.error("%s; again in %g s", error, delay)  # noqa: TRY400 (a line is enough)
                await asyncio.sleep(delay)
            else:
                if not self._ready:
                    self._ready = True
                    await self._link.perform(self._sign_of_life)
                return
            finally:
                starting.cancel()

    async def _fetch(self, connection: Connection) -> QueuedJob | None:
        return None if self._id is None else await worker_side.fetch(connection, self._id)

    async def _serve(self, queued: QueuedJob) -> None:
        log.info("Job %s (%s) begins on %s", queued.id, queued.lock, self._name)
        painting = asyncio.create_task(self._paint(queued))
        try:
            while not painting.done():
                await asyncio.wait([painting], timeout=LOOK_SECONDS)
                if not painting.done():
                    await self._see_that_it_is_ours(queued)
            painting.result()
        except _NotOurs:
            log.info("Job %s was taken away", queued.id)
        else:
            log.info("Job %s ends", queued.id)
        finally:
            painting.cancel()
            await asyncio.gather(painting, return_exceptions=True)

    async def _see_that_it_is_ours(self, queued: QueuedJob) -> None:
        if not await self._link.perform(lambda c: worker_side.is_own(c, queued)):
            raise _NotOurs

    async def _paint(self, queued: QueuedJob) -> None:
        try:
            job = await self._uploads.perform(lambda c: worker_side.read(c, queued))
        except FrameError as error:
            result: Message = Refused(
                order_id=0, epoch=0, reason=type(error).__name__, message=str(error)
            )
        else:
            result = await self._result(queued, job)

        async def end(connection: Connection) -> bool:
            return await worker_side.end(connection, queued, result)

        if not await self._uploads.perform(end):
            raise _NotOurs

    async def _result(self, queued: QueuedJob, job: Job) -> Message:
        attempt = {"order_id": job.order_id, "epoch": job.epoch}
        numbers, checkpoint_due = count(1), self._clock() + self._checkpoint_seconds
        finished: Finished | None = None
        try:
            async with aclosing(self._engine.paint(job)) as steps:
                async for step in steps:
                    if isinstance(step, Finished):
                        finished = step
                        continue
                    progress = step
                    if step.checkpoint is not None and self._clock() < checkpoint_due:
                        progress = replace(step, checkpoint=None)
                    elif step.checkpoint is not None:
                        checkpoint_due = self._clock() + self._checkpoint_seconds
                    await self._tell(queued, Stepped(**attempt, progress=progress), next(numbers))
        except JobRefused as refusal:
            return Refused(**attempt, reason=refusal.reason, message=str(refusal))
        except EngineError as error:
            log.warning("Job %s: %s", queued.id, error)
            return Died(**attempt, message=f"{self._name}: {error}")
        if finished is None:
            return Died(**attempt, message=f"{self._name} ended the job without a painting.")
        return Painted(**attempt, finished=finished)

    async def _tell(self, queued: QueuedJob, stepped: Stepped, number: int) -> None:
        if not await self._uploads.perform(
            lambda connection: worker_side.tell(connection, queued, stepped, number)
        ):
            raise _NotOurs

    async def _leave(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                if (worker_id := self._id) is not None:
                    await self._link.perform(lambda c: worker_side.leave(c, worker_id))
        await self._link.close()
        await self._uploads.close()
