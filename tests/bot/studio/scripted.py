"""An engine that does what the test says: for the dispatcher's manners and an engine's faults."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable

from bot.engines.protocol import EngineDied, Finished, Job, Note, Progress
from bot.studio.ledger.model import Order

JPEG = b"\xff\xd8"


class ScriptedEngine:
    """Joins the pictures' bytes in three steps.

    `faults` are raised after the first step, one for each job until they run out; None lets a job
    pass. `painting` comes out instead, where given. `gate` holds each
    job after its first step for as long as it is clear.
    """

    def __init__(
        self,
        name: str = "scripted",
        *,
        faults: Iterable[Exception | None] = (),
        failing_starts: int = 0,
        stubborn: bool = False,
        saving: bool = False,
        note: Note | None = None,
        painting: bytes | None = None,
        speed: float = 1.0,
    ) -> None:
        self._name = name
        self._speed = speed
        self._painting = painting
        self._faults = deque(faults)
        self._failing_starts = failing_starts
        self._stubborn = stubborn
        self._saving = saving
        self._note = note
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.told_to_stop = asyncio.Event()
        self.starts = 0
        self.up = False
        self.jobs: list[Job] = []
        self.stopped: list[int] = []
        self.at_work = 0
        self.closed = False

    @property
    def has_device(self) -> bool:
        return True

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def name(self) -> str:
        return self._name

    async def start(self) -> None:
        self.starts += 1
        if self.starts <= self._failing_starts:
            raise EngineDied("it does not come up")
        self.up = True

    async def paint(self, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        assert self.up, "an order is not risked on an engine that is down"
        self.jobs.append(job)
        self.at_work += 1
        assert self.at_work == 1, "an engine has one job at a time"
        complete = False
        try:
            for iteration in range(1, 4):
                yield Progress(
                    iteration=iteration,
                    iterations=3,
                    loss=1.0 / iteration,
                    elapsed=float(iteration),
                    remaining=60.0,
                    share=iteration / 3,
                    checkpoint=self._checkpoint(job, iteration),
                )
                self.begun.set()
                if self._faults and (fault := self._faults.popleft()) is not None:
                    self.up = not isinstance(fault, EngineDied)
                    raise fault
                await self._wait()
            yield Finished(
                image=self._painting or JPEG + job.content + b"".join(job.styles),
                width=4,
                height=3,
                elapsed=3.0,
                note=self._note,
            )
            complete = True
        finally:
            self.at_work -= 1
            if not complete:
                self.stopped.append(job.order_id)

    def _checkpoint(self, job: Job, iteration: int) -> bytes | None:
        return b"order %d after %d" % (job.order_id, iteration) if self._saving else None

    async def _wait(self) -> None:
        while True:
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                self.told_to_stop.set()
                if not self._stubborn or self.closed:
                    raise
            else:
                return

    async def close(self) -> None:
        self.closed = True


class Listener:
    """A herald that remembers."""

    def __init__(self) -> None:
        self.heard: list[tuple[Order, Progress]] = []

    def progressed(self, order: Order, progress: Progress) -> None:
        self.heard.append((order, progress))
