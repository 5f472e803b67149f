"""An engine in a child process on this machine: it may crash, hang or explode, and is replaced."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.engines.child_process import ChildGone, ChildProcess
from bot.engines.devices import Device
from bot.engines.frames import FrameError
from bot.engines.messages import (
    Message,
    Painted,
    Ready,
    Refused,
    Stepped,
    Stop,
    Stopped,
    Unfit,
)
from bot.engines.protocol import (
    EngineDied,
    EngineError,
    Finished,
    Job,
    JobRefused,
    OfJob,
    Progress,
)

log = logging.getLogger(__name__)

CHILD: Final = (sys.executable, "-m", "bot.engines.child")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, in seconds, the child may leave the bot waiting.

    Attributes:
        start: from its start until it is warm. TensorFlow's import alone takes seconds, and on
            a slow disk or a busy machine a minute.
        sign: without a sign from the computation, at sizes up to 1024 pixels; for larger ones
            in proportion to their area. An evaluation at 1024 pixels takes some 15 seconds on
            two cores, and a step may need several.
        stop: from Stop until it says Stopped. With what the kernel needs to clear away a killed
            process (0.7 seconds on a very busy machine) this stays well below the two seconds in
            which a cancel must work.
    """

    start: float = 180.0
    sign: float = 120.0
    stop: float = 0.8

    def for_sign(self, size: int) -> float:
        """Seconds without a sign after which a painting of that long side counts as hung."""
        return self.sign * max(1.0, (size / 1024) ** 2)


class ProcessEngine:
    """Implements `Engine` with one long-lived child process for one device.

    A child that died, hung or exploded is replaced: at once in the background if it was painting,
    else at the next `start` or `paint`. `start` may be called again at any time; when the engine
    is up it returns at once, so a caller can make sure of it before it takes an order in hand.

    Args:
        device: what to paint on.
        command: what runs the child.
        patience: how long to wait for it.
        preview_every: seconds between two previews.
    """

    def __init__(
        self,
        device: Device,
        *,
        command: Sequence[str] = CHILD,
        patience: Patience = Patience(),
        preview_every: float = 2.0,
    ) -> None:
        self._device = device
        self._command = [*command, f"--preview-every={preview_every}"]
        if device.gpu is not None:
            self._command.append("--gpu")
        self._patience = patience
        self._child: asyncio.Task[ChildProcess] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._painting = False
        self._closed = False
        self._model: str | None = None

    @property
    def name(self) -> str:
        """The device in words; once the engine was up, with what TensorFlow calls it."""
        if self._model is None or self._model == self._device.name:
            return self._device.name
        return f"{self._device.name} ({self._model})"

    @property
    def has_device(self) -> bool:
        """See `Engine.has_device`."""
        return True

    @property
    def speed(self) -> float:
        """See `Engine.speed`."""
        return self._device.speed

    @property
    def pid(self) -> int | None:
        """Process id of the child that is up, if one is."""
        child = self._up()
        return child.pid if child else None

    async def start(self) -> None:
        """See `Engine.start`."""
        await self._ready()

    async def paint(self, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        """See `Engine.paint`. Of progress that nobody takes only the newest is kept."""
        if self._painting:
            raise RuntimeError("An engine paints one job at a time.")
        self._painting = True
        try:
            child = await self._ready()
            ended = False
            try:
                await self._send(child, job)
                while not ended:
                    message = await self._sign(child, job)
                    ended = isinstance(message, Painted | Refused)
                    if result := _translate(message):
                        yield result
            except EngineError:
                ended = True
                raise
            finally:
                if not ended:
                    self._stopping = asyncio.create_task(self._stop(child, job))
                    await asyncio.shield(self._stopping)
        finally:
            self._painting = False

    async def close(self) -> None:
        """See `Engine.close`."""
        self._closed = True
        task, self._child = self._child, None
        if task is None:
            return
        if not task.done():
            task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is None:
            await task.result().end()

    async def _ready(self) -> ChildProcess:
        """The child that is up, or a new one once it is."""
        if self._stopping is not None:
            await asyncio.wait([self._stopping])
        # Shielded: whoever loses interest in waiting does not end the child for the others.
        if child := self._up():
            return child
        return await asyncio.shield(self._begin())

    def _up(self) -> ChildProcess | None:
        task = self._child
        if task is None or not task.done() or task.cancelled() or task.exception():
            return None
        return task.result() if task.result().alive else None

    def _begin(self) -> asyncio.Task[ChildProcess]:
        if self._closed:
            raise EngineDied(f"The engine on {self.name} is closed.")
        if self._child is None or (self._child.done() and self._up() is None):
            self._child = asyncio.create_task(self._bring_up(), name=f"start of {self.name}")
            self._child.add_done_callback(self._log_start)
        return self._child

    def _replace(self) -> None:
        if not self._closed:
            self._begin()

    def _log_start(self, task: asyncio.Task[ChildProcess]) -> None:
        if task.cancelled():
            return
        if error := task.exception():
            log.error("The engine did not come up: %s", error)
        else:
            log.info("The engine on %s is up (process %d)", self.name, task.result().pid)

    async def _bring_up(self) -> ChildProcess:
        try:
            child = await ChildProcess.spawn(
                f"engine on {self._device.name}", self._command, self._device.environment
            )
        except ChildGone as error:
            raise EngineDied(f"The engine on {self._device.name} {error}.") from error
        try:
            async with asyncio.timeout(self._patience.start):
                message = await child.receive()
        except ChildGone as error:
            raise EngineDied(f"The engine on {self._device.name} {error}.") from error
        except BaseException as error:
            await child.kill()
            if isinstance(error, TimeoutError):
                raise EngineDied(
                    f"The engine on {self._device.name} was not up"
                    f" after {self._patience.start:g} seconds."
                ) from error
            raise
        match message:
            case Ready(device=model):
                self._model = model
                return child
            case Unfit(message=reason):
                await child.end()
                raise EngineDied(f"The engine on {self._device.name} cannot start: {reason}")
            case _:
                await child.kill()
                raise EngineDied(f"The engine on {self._device.name} did not introduce itself.")

    async def _send(self, child: ChildProcess, job: Job) -> None:
        async with self._watched(child, job):
            try:
                await child.send(job)
            except FrameError as error:
                raise JobRefused("FrameError", str(error)) from error

    async def _sign(self, child: ChildProcess, job: Job) -> Message:
        """The next message about this attempt."""
        async with self._watched(child, job):
            while True:
                message = await child.receive()
                if isinstance(message, OfJob) and message.belongs_to(job):
                    return message

    @contextlib.asynccontextmanager
    async def _watched(self, child: ChildProcess, job: Job) -> AsyncGenerator[None, None]:
        """Turn the child's end or silence into EngineDied, and have it replaced."""
        seconds = self._patience.for_sign(job.size)
        try:
            async with asyncio.timeout(seconds):
                yield
        except ChildGone as error:
            self._replace()
            raise EngineDied(f"The engine on {self.name} {error}.") from error
        except TimeoutError as error:
            log.warning("No sign from the engine on %s for %g seconds", self.name, seconds)
            await child.kill()
            self._replace()
            raise EngineDied(
                f"The engine on {self.name} gave no sign for {seconds:g} seconds."
            ) from error

    async def _stop(self, child: ChildProcess, job: Job) -> None:
        """Have the attempt stopped, by force if need be."""
        try:
            async with asyncio.timeout(self._patience.stop):
                await child.send(Stop(order_id=job.order_id, epoch=job.epoch))
                while True:
                    match await child.receive():
                        case Painted() | Refused() | Stopped() as last if last.belongs_to(job):
                            return
        except ChildGone:
            pass  # just as well
        except TimeoutError:
            log.info("The engine on %s is in the midst of a step: replaced", self.name)
            await child.kill()
        self._replace()


def _translate(message: Message) -> Progress | Finished | None:
    """What the child said to whoever waits for the painting; None for a mere sign of life."""
    match message:
        case Stepped():
            return message.progress
        case Painted():
            return message.finished
        case Refused():
            raise JobRefused(message.reason, message.message)
        case _:
            return None
