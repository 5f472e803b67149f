"""One attempt of one engine at one order, while it lasts."""

import asyncio
import logging
import time
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from bot import memory
from bot.engines.protocol import Engine, EngineDied, Finished, Job, Note, Progress
from bot.studio.dispatch.checkpoints import Checkpoints
from bot.studio.dispatch.progress import ProgressListener
from bot.studio.ledger.model import Order, Wishes
from bot.studio.ledger.wishes import NOMINAL_SIZE, with_defaults
from bot.studio.pictures.files import Files

log = logging.getLogger(__name__)

_AFTER_A_DEATH: Final = 0.7
"""Half of the pixels: what an engine dies of is the memory for them more often than anything else,
and a second death would end the order."""


class Attempt:
    """The computing part of an attempt; what comes of it is the dispatcher's business.

    It can be halted from outside at any moment: the engine is then told to stop, and the listener
    hears nothing more of it.
    """

    def __init__(
        self,
        order: Order,
        files: Files,
        checkpoints: Checkpoints,
        listener: ProgressListener,
        defaults: Wishes,
    ) -> None:
        self.order = order
        self._files = files
        self._checkpoints = checkpoints
        self._listener = listener
        self._wishes = with_defaults(order.wishes, defaults)
        self._asked = self._wishes.size or NOMINAL_SIZE
        self._size = _after_deaths(self._asked, order.deaths)
        self._halted = asyncio.Event()
        self._computing: asyncio.Task[Finished] | None = None
        self._expected_end: float | None = None

    def remaining(self) -> float | None:
        """In how many seconds it is expected to be done; None: it is too early to tell."""
        return None if self._expected_end is None else self._expected_end - time.monotonic()

    def halt(self) -> None:
        """Stop computing, if it is still being done."""
        self._halted.set()
        if self._computing is not None:
            self._computing.cancel()

    async def compute(self, engine: Engine) -> Finished | None:
        """Have the order painted.

        Returns:
            The painting; None when the attempt was halted.

        Raises:
            EngineError: as `Engine.paint`.
            FileNotFoundError: one of the order's pictures is gone.
        """
        if self._halted.is_set():
            return None
        self._computing = asyncio.create_task(self._paint(engine))
        try:
            await asyncio.wait([self._computing])
        except asyncio.CancelledError:
            self.halt()
            await asyncio.wait([self._computing])
            raise
        if self._computing.cancelled():
            if self._halted.is_set():
                return None
            raise EngineDied("the engine gave the job up")
        return self._computing.result()

    async def _paint(self, engine: Engine) -> Finished:
        job = await self._job()
        finished: Finished | None = None
        # Closing the generator is what stops the engine, whatever ended the loop.
        async with aclosing(engine.paint(job)) as steps:
            async for step in steps:
                if isinstance(step, Finished):
                    finished = step
                else:
                    if step.checkpoint is not None:
                        await self._checkpoints.write(self.order.id, step.checkpoint)
                    if step.remaining is not None:
                        self._expected_end = time.monotonic() + step.remaining
                    self._hear(replace(step, checkpoint=None))
        if finished is None:
            raise EngineDied("the engine ended the job without a painting")
        if self._size < self._asked:
            finished = replace(finished, note=Note.SMALLER)
        return finished

    def _hear(self, progress: Progress) -> None:
        if self._halted.is_set():
            return
        try:
            self._listener.progressed(self.order, progress)
        except Exception:
            # Talk about a painting must not cost the painting.
            log.exception("Order %d: its progress could not be passed on", self.order.id)

    async def _job(self) -> Job:
        order, wishes = self.order, self._wishes
        content = await self._read(order.content.path)
        styles = tuple([await self._read(style.path) for style in order.styles])
        return Job(
            order_id=order.id,
            epoch=order.epoch,
            content=content,
            styles=styles,
            size=self._size,
            iterations=wishes.iterations,
            quality=wishes.quality,
            strength=wishes.strength,
            keep_colours=wishes.keep_colours,
            resume=await self._checkpoints.read(order.id),
        )

    async def _read(self, path: str | None) -> bytes:
        if path is None:
            raise FileNotFoundError(f"order {self.order.id} has a picture without a file")
        return await self._files.read(path)


def _after_deaths(size: int, deaths: int) -> int:
    """The size at which an order is tried that engines have died of so often."""
    return max(round(size * _AFTER_A_DEATH**deaths), min(size, memory.SMALLEST))
