"""The dispatcher: hands the orders, one after another, to the engines."""

import asyncio
import logging
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from bot.engines.protocol import Engine, EngineDied, EngineLost, Finished, JobRefused
from bot.studio.dispatch.attempt import Attempt
from bot.studio.dispatch.checkpoints import Checkpoints
from bot.studio.dispatch.placement import Placement
from bot.studio.dispatch.progress import ProgressListener
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Order, OrderState, Wishes
from bot.studio.ledger.results import LedgerError
from bot.studio.ledger.transaction import Transaction
from bot.studio.ledger.wishes import NOMINAL_SIZE, with_defaults
from bot.studio.pictures.files import Files

log = logging.getLogger(__name__)

INTERNAL = "internal"
PICTURE_MISSING = "picture_missing"
NO_WISHES = Wishes()

_WATCH_SECONDS = 1.0
"""How soon a cancel is obeyed that was written by another process, of which no signal comes."""

_IDLE_SECONDS = 5.0
"""How soon it is noticed that an engine has gone which had nothing to do."""

# The parts of a stop, in seconds: together they stay below the 8 that the bot's own stop allows.
_PUT_BACK_SECONDS = 1.5
_WORKERS_SECONDS = 2.0
_ENGINES_SECONDS = 3.0


class EngineState(StrEnum):
    """What an engine is about."""

    STARTING = "starting"
    DOWN = "down"
    """It did not start; it is tried again."""
    IDLE = "idle"
    PAINTING = "painting"


class Dispatcher:
    """One worker for each engine; each takes whatever the ledger says is next.

    Args of the constructor:
        ledger: whose orders these are.
        files: where their pictures are, and where the paintings go.
        engines: one for each device.
        listener: hears of the progress of running orders.
        defaults: the host's wishes, for what an order leaves open.
        placement: which engine is to paint what; one of its own unless given.
        delays: seconds between tries at what ought to work (starting an engine); the last one
            repeats.
    """

    def __init__(
        self,
        ledger: Ledger,
        files: Files,
        engines: Sequence[Engine],
        listener: ProgressListener,
        *,
        defaults: Wishes = NO_WISHES,
        placement: Placement | None = None,
        delays: Sequence[float] = (1, 2, 5, 15, 30, 60),
    ) -> None:
        self._ledger = ledger
        self._files = files
        self._checkpoints = Checkpoints(files.data_dir)
        self._engines = tuple(engines)
        self._states = dict.fromkeys(self._engines, EngineState.STARTING)
        self._listener = listener
        self._defaults = defaults
        self._placement = placement or Placement()
        self._delays = tuple(delays)
        self._attempts: dict[int, Attempt] = {}
        self._claiming = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping: asyncio.Task[list[Order]] | None = None

    @property
    def engines(self) -> list[tuple[str, EngineState]]:
        """The name of each engine that has a device, and what it is about."""
        return [(engine.name, state) for engine, state in self._states.items() if engine.has_device]

    async def run(self) -> None:
        """Work until stopped or cancelled; begins with what a killed process left running.

        Raises:
            Exception: a defect in a worker; running orders have been put back.
        """
        if self._is_stopping():
            return
        try:
            await self._ledger.perform(Transaction.requeue_running)
            still_open = await self._ledger.perform(Transaction.open_orders)
            await self._checkpoints.keep_only([order.id for order in still_open])
            if self._is_stopping():
                return
            self._tasks = [
                asyncio.create_task(self._watch(), name="dispatcher watch"),
                *(
                    asyncio.create_task(self._work(engine), name=f"dispatcher {engine.name}")
                    for engine in self._engines
                ),
            ]
            ended, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            await self.stop()
        for task in ended:
            if not task.cancelled():
                task.result()

    async def stop(self) -> list[Order]:
        """Put running orders back into the queue, and close the engines; within 8 seconds.

        Returns:
            The orders that were put back. Calling it again does nothing more.
        """
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())
        return await asyncio.shield(self._stopping)

    async def _work(self, engine: Engine) -> None:
        """Serve one engine for ever."""
        with self._ledger.changed.subscribe() as changes:
            while not self._is_stopping():
                # Each time: it may have died since, and no order should pay for that.
                self._placement.down(engine)
                self._states[engine] = EngineState.STARTING
                await self._bring_up(engine)
                self._states[engine] = EngineState.IDLE
                self._placement.up(engine)
                attempt = await self._claim(engine)
                if attempt is None:
                    # Whoever leaves orders to others looks whether they get on.
                    leaves = self._placement.turn(engine) > 0
                    await changes.wait(_WATCH_SECONDS if leaves else _IDLE_SECONDS)
                    continue
                self._states[engine] = EngineState.PAINTING
                await self._serve(engine, attempt)

    async def _bring_up(self, engine: Engine) -> None:
        tries = 0
        while True:
            try:
                await engine.start()
            except Exception:
                delay = self._delay(tries)
                self._states[engine] = EngineState.DOWN
                log.exception("Engine %s did not start; again in %g s", engine.name, delay)
            else:
                return
            tries += 1
            await asyncio.sleep(delay)

    async def _claim(self, engine: Engine) -> Attempt | None:
        """An attempt at the order that is next; None if none waits."""
        tries = after = 0

        async def claim(transaction: Transaction) -> Order | None:
            nonlocal tries
            tries += 1
            if tries > 1:
                # The answer to the commit of an earlier try may have been lost.
                for order in await transaction.open_orders():
                    if order.state is OrderState.RUNNING and order.id not in self._attempts:
                        await transaction.put_back(order.id, order.epoch, died=False)
            return await transaction.claim_next(after=after)

        async with self._claiming:
            after = self._placement.turn(engine)
            order = await self._ledger.perform(claim)
            if order is None:
                return None
            log.info("Order %d begins on %s (epoch %d)", order.id, engine.name, order.epoch)
            attempt = Attempt(order, self._files, self._checkpoints, self._listener, self._defaults)
            self._attempts[order.id] = attempt
            self._placement.begun(engine, attempt.remaining)
            return attempt

    async def _serve(self, engine: Engine, attempt: Attempt) -> None:
        """Have one order painted, and settle it."""
        order = attempt.order
        try:
            # Who cancelled it after the claim may have found no attempt to halt.
            if await self._is_current(order):
                await self._attempt(engine, attempt)
            await self._drop_checkpoint(order)
        finally:
            del self._attempts[order.id]

    async def _drop_checkpoint(self, order: Order) -> None:
        """Forget where an attempt stood, unless the order was merely put back.

        After a death it is forgotten, too: what the engine died of may lie in it.
        """
        known = await self._ledger.perform(lambda transaction: transaction.order(order.id))
        if known is None or known.state.final or known.deaths > order.deaths:
            await self._checkpoints.delete(order.id)

    async def _attempt(self, engine: Engine, attempt: Attempt) -> None:
        order = attempt.order
        try:
            finished = await attempt.compute(engine)
            if finished is None:
                log.info("Order %d was halted", order.id)
            else:
                self._measure(engine, order, finished)
                await self._keep(order, finished)
        except EngineDied:
            log.warning("Order %d: the engine died", order.id, exc_info=True)
            await self._put_one_back(order, died=True)
        except EngineLost as loss:
            log.warning("Order %d goes back into the queue: %s", order.id, loss)
            await self._put_one_back(order, lost=True)
        except JobRefused as refusal:
            log.warning("Order %d was refused: %s: %s", order.id, refusal.reason, refusal)
            await self._fail(order, refusal.reason)
        except FileNotFoundError:
            log.exception("Order %d: a picture is missing", order.id)
            await self._fail(order, PICTURE_MISSING)
        except Exception:
            log.exception("Order %d failed", order.id)
            await self._fail(order, INTERNAL)

    async def _keep(self, order: Order, finished: Finished) -> None:
        """Write the painting, file first; drop it when the order has moved on meanwhile.

        What took minutes is not thrown away because a disk is full: it is held until there is room.
        """
        path = await self._files.write_in_time(finished.image, _suffix(finished.image))

        async def finish(transaction: Transaction) -> bool:
            if await transaction.finish(order.id, order.epoch, painting=path, note=finished.note):
                return True
            # The answer to a commit can be lost, and this be the second try.
            known = await transaction.order(order.id)
            return known is not None and known.painting == path

        if await self._ledger.perform(finish):
            log.info("Order %d is done after %.1f s", order.id, finished.elapsed)
        else:
            log.info("Order %d finished too late; dropped", order.id)
            await self._files.delete(path)

    def _measure(self, engine: Engine, order: Order, finished: Finished) -> None:
        if order.epoch == 1:  # else it may have been continued
            size = with_defaults(order.wishes, self._defaults).size or NOMINAL_SIZE
            self._placement.measured(engine, size, finished.elapsed)

    async def _put_one_back(self, order: Order, *, died: bool = False, lost: bool = False) -> None:
        await self._ledger.perform(
            lambda transaction: transaction.put_back(order.id, order.epoch, died=died, lost=lost)
        )

    async def _fail(self, order: Order, failure: str) -> None:
        await self._ledger.perform(
            lambda transaction: transaction.fail(order.id, order.epoch, failure=failure)
        )

    async def _watch(self) -> None:
        """Halt attempts whose order was cancelled, put back or deleted by whatever way."""
        with self._ledger.changed.subscribe() as changes:
            while True:
                await changes.wait(_WATCH_SECONDS)
                for attempt in tuple(self._attempts.values()):
                    if not await self._is_current(attempt.order):
                        attempt.halt()

    async def _is_current(self, order: Order) -> bool:
        known = await self._ledger.perform(lambda transaction: transaction.order(order.id))
        return (
            known is not None and known.state is OrderState.RUNNING and known.epoch == order.epoch
        )

    def _delay(self, tries: int) -> float:
        return self._delays[min(tries, len(self._delays) - 1)]

    def _is_stopping(self) -> bool:
        return self._stopping is not None

    async def _stop(self) -> list[Order]:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_WORKERS_SECONDS)
        # From here on a painting that comes late is dropped.
        put_back = await self._put_back()
        closing = [asyncio.create_task(engine.close()) for engine in self._engines]
        if closing:
            done, late = await asyncio.wait(closing, timeout=_ENGINES_SECONDS)
            for task in late:
                task.cancel()
            for task in done:
                if (error := task.exception()) is not None:
                    log.error("An engine did not close well", exc_info=error)
        return put_back

    async def _put_back(self) -> list[Order]:
        try:
            async with asyncio.timeout(_PUT_BACK_SECONDS), self._ledger.begin() as transaction:
                return await transaction.requeue_running()
        except (LedgerError, SQLAlchemyError, TimeoutError) as error:
            # The next start does it, too.
            name = type(error).__name__
            log.warning("Running orders could not be put back into the queue: %s", name)
            return []


def _suffix(image: bytes) -> str:
    """The suffix for an encoded image's first bytes."""
    if image.startswith(b"\x89PNG"):
        return ".png"
    return ".jpg" if image.startswith(b"\xff\xd8") else ".bin"
