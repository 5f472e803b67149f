"""Engines that die or refuse, pictures that are gone, and trouble around a painting."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from sqlalchemy import select

from bot.engines.protocol import EngineDied, EngineLost, Finished, Job, JobRefused, Note, Progress
from bot.studio.dispatch import dispatcher
from bot.studio.dispatch.dispatcher import EngineState
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import DeliveryKind, Order, OrderState, Wishes
from bot.studio.ledger.queue import LOSSES_ALLOWED
from bot.studio.ledger.results import LedgerUnavailable
from bot.studio.ledger.tables import orders
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.files import Files
from tests.bot.studio.dispatching import Studio, images
from tests.bot.studio.scenes import Clock
from tests.bot.studio.scripted import Listener, ScriptedEngine


async def test_an_engine_that_does_not_start_is_tried_again(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(failing_starts=3)
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order = await studio.order()
        assert (await studio.settled(order)).state is OrderState.DONE
    assert engine.starts >= 4


async def test_an_engine_that_never_starts_is_known_to_be_down(
    ledger: Ledger, files: Files
) -> None:
    studio = Studio(ledger, files, ScriptedEngine("the one", failing_starts=10**9))
    assert studio.dispatcher.engines == [("the one", EngineState.STARTING)]
    async with studio.open(), asyncio.timeout(20):
        while studio.dispatcher.engines != [("the one", EngineState.DOWN)]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class _Elsewhere(ScriptedEngine):
    """An engine that may go, and come again."""

    def __init__(self) -> None:
        super().__init__("elsewhere")
        self.there = asyncio.Event()

    @property
    def has_device(self) -> bool:
        return self.up

    async def start(self) -> None:
        await self.there.wait()
        await super().start()


async def test_an_idle_engine_that_goes_and_comes_again_is_known_to(
    ledger: Ledger, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "_IDLE_SECONDS", 0.05)
    engine = _Elsewhere()
    studio = Studio(ledger, files, engine)
    async with studio.open(), asyncio.timeout(20):
        assert studio.dispatcher.engines == []
        for there, state in (
            (engine.there.set, EngineState.IDLE),
            (engine.there.clear, EngineState.STARTING),
            (engine.there.set, EngineState.IDLE),
        ):
            there()
            while studio.dispatcher.engines != [("elsewhere", state)]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_a_death_of_the_engine_costs_one_try(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(faults=[EngineDied("killed")])
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order = await studio.order(wishes=Wishes(size=512))
        done = await studio.settled(order)
    assert (done.state, done.deaths) == (OrderState.DONE, 1)
    assert [job.epoch for job in engine.jobs] == [1, 3]
    # It may have been too large for the memory there is.
    assert [job.size for job in engine.jobs] == [512, 358]
    assert done.note is Note.SMALLER


async def test_a_poisonous_order_does_not_loop(ledger: Ledger, files: Files, clock: Clock) -> None:
    engine = ScriptedEngine(faults=[EngineDied("killed"), EngineDied("killed")])
    studio = Studio(ledger, files, engine)
    async with studio.open():
        poison, other = await studio.order(1), await studio.order(2)
        failed = await studio.settled(poison)
        assert (failed.state, failed.failure) == (OrderState.FAILED, "engine_died")
        assert (await studio.settled(other)).state is OrderState.DONE
    async with ledger.begin() as transaction:
        kinds = [(d.order_id, d.kind) for d in await transaction.due_deliveries(clock())]
    assert kinds == [(poison.id, DeliveryKind.FAILURE), (other.id, DeliveryKind.PAINTING)]
    assert len(engine.jobs) == 3


async def test_an_order_that_loses_engine_after_engine_does_not_loop(
    ledger: Ledger, files: Files
) -> None:
    engine = ScriptedEngine(faults=[EngineLost("out of reach")] * (LOSSES_ALLOWED + 1))
    studio = Studio(ledger, files, engine)
    async with studio.open():
        failed = await studio.settled(await studio.order())
    assert (failed.state, failed.failure) == (OrderState.FAILED, "engine_died")
    assert (failed.deaths, len(engine.jobs)) == (0, LOSSES_ALLOWED + 1)


@pytest.mark.parametrize(
    ("fault", "failure"),
    [(JobRefused("ImageTooLarge", "it is too large"), "ImageTooLarge"), (KeyError(1), "internal")],
)
async def test_a_failed_order_is_told_and_the_next_begins(
    ledger: Ledger, files: Files, clock: Clock, fault: Exception, failure: str
) -> None:
    engine = ScriptedEngine(faults=[fault])
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order, after = await studio.order(1), await studio.order(2)
        failed = await studio.settled(order)
        assert (failed.state, failed.failure) == (OrderState.FAILED, failure)
        assert (await studio.settled(after)).state is OrderState.DONE
    async with ledger.begin() as transaction:
        first = (await transaction.due_deliveries(clock()))[0]
    assert (first.order_id, first.kind) == (order.id, DeliveryKind.FAILURE)


async def test_a_picture_that_is_gone_fails_its_order(
    ledger: Ledger, files: Files, engine: ScriptedEngine
) -> None:
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    assert order.content.path is not None
    await files.delete(order.content.path)
    async with studio.open():
        failed = await studio.settled(order)
    assert (failed.state, failed.failure) == (OrderState.FAILED, "picture_missing")
    assert engine.jobs == []


class _Unfinished(ScriptedEngine):
    """Ends its jobs without a painting."""

    async def paint(self, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        async for step in super().paint(job):
            if isinstance(step, Progress):
                yield step


async def test_an_end_without_a_painting_counts_as_a_death(ledger: Ledger, files: Files) -> None:
    studio = Studio(ledger, files, _Unfinished())
    async with studio.open():
        failed = await studio.settled(await studio.order())
    assert (failed.state, failed.failure, failed.deaths) == (OrderState.FAILED, "engine_died", 2)


class _Overtaken(ScriptedEngine):
    """While its first job is painted, another process puts the order back."""

    ledger: Ledger

    async def paint(self, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        async for step in super().paint(job):
            if isinstance(step, Finished) and len(self.jobs) == 1:
                async with self.ledger.begin() as transaction:
                    await transaction.put_back(job.order_id, job.epoch, died=False)
            yield step


async def test_a_late_painting_is_dropped(ledger: Ledger, files: Files) -> None:
    engine = _Overtaken()
    engine.ledger = ledger
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    before = images(files)
    async with studio.open():
        done = await studio.settled(order)
    assert [job.epoch for job in engine.jobs] == [1, 3]
    assert images(files) - before == {done.painting}


class _Deaf(Listener):
    def progressed(self, order: Order, progress: Progress) -> None:
        super().progressed(order, progress)
        raise RuntimeError("the courier stumbled")


async def test_trouble_with_the_card_does_not_cost_the_painting(
    ledger: Ledger, files: Files, engine: ScriptedEngine
) -> None:
    studio = Studio(ledger, files, engine, listener=_Deaf())
    async with studio.open():
        assert (await studio.settled(await studio.order())).state is OrderState.DONE


class _Stumbling:
    """A ledger whose answer to a commit is lost, once for each order that is in such a state."""

    def __init__(self, ledger: Ledger, *states: OrderState) -> None:
        self._begin = ledger.begin
        self._states = states
        self.lost: set[tuple[int, OrderState]] = set()

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with self._begin() as transaction:
            yield transaction
            seen: set[tuple[int, OrderState]] = set()
            if transaction.wrote:
                rows = await transaction._read(select(orders.c.id, orders.c.state))
                seen = {(row.id, row.state) for row in rows if row.state in self._states}
        if seen - self.lost:
            self.lost |= seen
            raise LedgerUnavailable("the connection is gone")


@pytest.mark.parametrize("state", [OrderState.RUNNING, OrderState.DONE])
async def test_the_lost_answer_to_a_commit_costs_no_order_and_no_painting(
    ledger: Ledger,
    files: Files,
    engine: ScriptedEngine,
    monkeypatch: pytest.MonkeyPatch,
    state: OrderState,
) -> None:
    studio = Studio(ledger, files, engine)
    placed = [await studio.order(user_id) for user_id in (1, 2)]
    stumbling = _Stumbling(ledger, state)
    monkeypatch.setattr(ledger, "begin", stumbling.begin)
    async with studio.open():
        for order in placed:
            assert (await studio.settled(order)).state is OrderState.DONE
    assert stumbling.lost == {(order.id, state) for order in placed}
    assert [job.order_id for job in engine.jobs] == [order.id for order in placed]


async def test_a_defect_ends_the_run_and_is_raised(
    ledger: Ledger, files: Files, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defective(_book: Transaction, *, after: int) -> Order | None:
        assert after == 0
        raise TypeError("a defect")

    monkeypatch.setattr(Transaction, "claim_next", defective)
    studio = Studio(ledger, files, engine)
    with pytest.raises(TypeError, match="a defect"):
        async with asyncio.timeout(30):
            await studio.dispatcher.run()
    assert engine.closed
