"""Orders that are cancelled, at whatever moment."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Order, OrderState
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.files import Files
from tests.bot.studio.dispatching import Studio, images
from tests.bot.studio.scripted import ScriptedEngine


async def test_cancel_stops_the_computation(
    ledger: Ledger, files: Files, engine: ScriptedEngine
) -> None:
    engine.gate.clear()
    studio = Studio(ledger, files, engine)
    order, after = await studio.order(), await studio.order()
    before = images(files)
    async with studio.open():
        async with asyncio.timeout(30):
            await engine.begun.wait()
        cancelled = await studio.cancel(order)
        assert cancelled is not None
        assert cancelled.state is OrderState.CANCELLED
        # The gate stays shut: the next order can only begin once the first was stopped.
        await studio.until(after, lambda known: known.state is OrderState.RUNNING)
        assert engine.stopped == [order.id]
        assert await studio.cancel(order) is None
        engine.gate.set()
        assert (await studio.settled(after)).state is OrderState.DONE
    heard = [progress.iteration for told, progress in studio.listener.heard if told.id == order.id]
    assert heard == [1]
    assert (await studio.known(order)).state is OrderState.CANCELLED
    assert len(images(files) - before) == 1


async def test_cancel_at_any_moment(ledger: Ledger, files: Files, engine: ScriptedEngine) -> None:
    studio = Studio(ledger, files, engine)
    orders: list[Order] = []
    async with studio.open():
        for moment in range(30):
            order = await studio.order(moment)
            for _ in range(moment):
                await asyncio.sleep(0)
            await asyncio.sleep(moment * 0.001)
            cancelled = await studio.cancel(order)
            known = await studio.settled(order)
            assert known.state is (OrderState.DONE if cancelled is None else OrderState.CANCELLED)
            orders.append(known)
        last = await studio.order()
        assert (await studio.settled(last)).state is OrderState.DONE
    assert orders[0].state is OrderState.CANCELLED
    async with ledger.begin() as transaction:
        named = await transaction.named_files()
    await files.sweep(named, older_than=0)
    assert images(files) == named


async def test_cancel_between_claim_and_attempt(
    ledger: Ledger, files: Files, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = ledger.begin
    claimed: list[int] = []

    @asynccontextmanager
    async def cancelling() -> AsyncGenerator[Transaction, None]:
        """Cancels each order as soon as its claim is committed."""
        async with begin() as transaction:
            yield transaction
            running = [
                o.id for o in await transaction.open_orders() if o.state is OrderState.RUNNING
            ]
        for order_id in running:
            if order_id not in claimed:
                claimed.append(order_id)
                async with begin() as transaction:
                    await transaction.cancel(order_id)
                await asyncio.sleep(0.05)

    studio = Studio(ledger, files, engine)
    monkeypatch.setattr(ledger, "begin", cancelling)
    async with studio.open():
        orders = [await studio.order() for _ in range(2)]
        for order in orders:
            assert (await studio.settled(order)).state is OrderState.CANCELLED
    assert claimed == [order.id for order in orders]
    assert engine.jobs == []


async def test_nothing_is_heard_of_a_cancelled_order(ledger: Ledger, files: Files) -> None:
    """Not even where the engine does not stop."""
    engine = ScriptedEngine(stubborn=True)
    engine.gate.clear()
    studio = Studio(ledger, files, engine)
    order = await studio.order(1)
    async with studio.open():
        async with asyncio.timeout(30):
            await engine.begun.wait()
        attempt = studio.dispatcher._attempts[order.id]
        await studio.cancel(order)
        async with asyncio.timeout(30):
            await attempt._halted.wait()
        engine.gate.set()
        after = await studio.order(2)
        assert (await studio.settled(after)).state is OrderState.DONE
    assert (await studio.known(order)).state is OrderState.CANCELLED
    assert [told.id for told, _ in studio.listener.heard] == [order.id, *([after.id] * 3)]


async def test_a_waiting_order_is_cancelled_without_an_engine(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(failing_starts=10**9)
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order = await studio.order()
        cancelled = await studio.cancel(order)
        assert cancelled is not None
        assert (await studio.known(order)).state is OrderState.CANCELLED
    assert engine.jobs == []
