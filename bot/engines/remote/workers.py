"""Follows the workers that there are, and says which of them an engine may use."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.engines.protocol import OfJob
from bot.engines.remote import bot_side
from bot.engines.remote.bot_side import Worker
from bot.engines.remote.link import Connection, Link
from bot.outage import Outage

log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long workers are waited for, in seconds.

    Attributes:
        silent: without a sign of life (there is one every two seconds) a worker counts as lost.
        after_outage: for so long after the database was out of reach nobody counts as lost:
            workers have to find their way back to it, too.
        slow: a look at the workers that takes longer counts as an outage.
    """

    silent: float = 10.0
    after_outage: float = 60.0
    slow: float = 5.0


class Workers:
    """The workers that are registered in a database.

    It looks at them for as long as any engine is in use: from the first `assign` to `close`.

    Args:
        conninfo: the database, as `link.conninfo` makes it.
        patience: how long they are waited for.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        patience: Patience = Patience(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conninfo = conninfo
        self._patience = patience
        self._clock = clock
        self._outage = Outage(
            "The workers' queue is out of reach",
            "The workers' queue is back",
            changed=self._suffered,
        )
        self._failed = False
        self._link = self.link()
        self._known: dict[int, Worker] = {}
        self._taken: set[int] = set()
        self._wanted: set[str] = set()
        self._unsteady: float | None = None
        self._changed = asyncio.Condition()
        self._hurry = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    def link(self) -> Link:
        """A connection of one's own to the database."""
        return Link(self._conninfo, self._outage)

    def known(self, worker_id: int) -> Worker | None:
        """A worker, unless it is lost."""
        return self._known.get(worker_id)

    async def assign(self) -> Worker:
        """Wait for a worker that is ready and has no engine yet; it is the caller's from now on."""
        async with self._changed:
            while (worker := self._free()) is None:
                if self._looking is None:
                    self._looking = asyncio.create_task(self._look(), name="look at the workers")
                await self._changed.wait()
                if self._looking is not None and self._looking.done():
                    looking, self._looking = self._looking, None
                    looking.result()
        self._taken.add(worker.id)
        log.info("Worker %d is at hand: %s", worker.id, worker.name)
        return worker

    def release(self, worker: Worker) -> None:
        """Leave a worker to another engine."""
        self._taken.discard(worker.id)
        log.info("Worker %d is given up: %s", worker.id, worker.name)

    def want(self, attempt: OfJob) -> None:
        """Have what an attempt lays before a worker left there."""
        self._wanted.add(bot_side.lock_of(attempt))

    def drop(self, attempt: OfJob) -> None:
        """Have it taken away: its worker stops."""
        self._wanted.discard(bot_side.lock_of(attempt))
        self._hurry.set()

    async def close(self) -> None:
        """Look no more; what is painted elsewhere is taken away, if the database is at hand."""
        looking, self._looking = self._looking, None
        if looking is None:
            return
        looking.cancel()
        await asyncio.wait([looking])
        self._wanted.clear()
        try:
            async with asyncio.timeout(1.0):
                await self._link.perform(self._round)
        except TimeoutError:
            log.info("Workers are not told; they are at the next start")
        await self._link.close()

    def _free(self) -> Worker | None:
        ready = (worker for worker in self._known.values() if worker.ready)
        return next((worker for worker in ready if worker.id not in self._taken), None)

    def _suffered(self, away: bool) -> None:
        self._failed = self._failed or away

    async def _look(self) -> None:
        try:
            while True:
                began = self._clock()
                found = await self._link.perform(self._round)
                now = self._clock()
                if self._failed or now - began > self._patience.slow:
                    self._failed, self._unsteady = False, now
                await self._learn(found, now)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await self._hurry.wait()
                self._hurry.clear()
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _round(self, connection: Connection) -> list[Worker]:
        await bot_side.sweep(connection, self._wanted)
        return await bot_side.workers(connection)

    async def _learn(self, found: list[Worker], now: float) -> None:
        patient = self._unsteady is not None and (
            now - self._unsteady < self._patience.after_outage
        )
        before = self._known
        self._known = {
            worker.id: worker
            for worker in found
            if worker.silent <= self._patience.silent or (patient and worker.id in before)
        }
        for worker_id in before.keys() - self._known.keys():
            log.warning("Worker %d is lost: %s", worker_id, before[worker_id].name)
        if self._free() is not None:
            async with self._changed:
                self._changed.notify_all()
