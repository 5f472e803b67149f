"""A stop of the dispatcher, and what the next start goes on from."""

import asyncio
import time
from pathlib import Path

from bot.engines.protocol import EngineDied, EngineLost
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import OrderState
from bot.studio.pictures.files import Files
from tests.bot.studio.dispatching import Studio
from tests.bot.studio.scripted import ScriptedEngine


async def test_a_stop_keeps_the_order_for_the_next_start(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine()
    engine.gate.clear()
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    async with studio.open():
        async with asyncio.timeout(30):
            await engine.begun.wait()
        put_back = await studio.dispatcher.stop()
        assert [(known.id, known.state) for known in put_back] == [(order.id, OrderState.QUEUED)]
        assert engine.stopped == [order.id]
        assert engine.closed
        assert await studio.dispatcher.stop() == put_back
    assert (await studio.known(order)).deaths == 0
    again = Studio(ledger, files, fresh := ScriptedEngine())
    async with again.open():
        assert (await again.settled(order)).state is OrderState.DONE
    assert len(fresh.jobs) == 1


async def _emptied(folder: Path) -> None:
    """Waits until nothing is left in a folder: it is cleared after the order is settled."""

    def wait() -> None:
        for _ in range(3000):
            if not list(folder.iterdir()):
                return
            time.sleep(0.01)
        raise AssertionError(list(folder.iterdir()))

    await asyncio.to_thread(wait)


async def test_an_interrupted_order_goes_on_from_its_checkpoint(
    ledger: Ledger, files: Files
) -> None:
    first, second = ScriptedEngine(saving=True), ScriptedEngine(saving=True)
    first.gate.clear()
    studio = Studio(ledger, files, first)
    order = await studio.order()
    async with studio.open():
        await first.begun.wait()
    kept = files.data_dir / "checkpoints" / f"{order.id}.npz"
    assert kept.read_bytes() == b"order %d after 1" % order.id

    studio = Studio(ledger, files, second)
    (kept.parent / "99999.npz").write_bytes(b"of an order that is long over")
    async with studio.open():
        assert (await studio.settled(order)).state is OrderState.DONE
        await _emptied(kept.parent)
    assert [job.resume for job in first.jobs] == [None]
    assert [job.resume for job in second.jobs] == [b"order %d after 1" % order.id]
    assert all(progress.checkpoint is None for _, progress in studio.listener.heard)


async def test_a_cancelled_order_leaves_no_checkpoint(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(saving=True)
    engine.gate.clear()
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    async with studio.open():
        await engine.begun.wait()
        folder = files.data_dir / "checkpoints"
        assert len(list(folder.iterdir())) == 1
        await studio.cancel(order)
        await _emptied(folder)


async def test_after_a_death_an_order_starts_afresh(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(faults=[EngineDied("of its checkpoint, perhaps")], saving=True)
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    async with studio.open():
        assert (await studio.settled(order)).state is OrderState.DONE
    assert [job.resume for job in engine.jobs] == [None, None]


async def test_after_an_engine_was_lost_an_order_goes_on_where_it_stood(
    ledger: Ledger, files: Files
) -> None:
    engine = ScriptedEngine(faults=[EngineLost("out of reach")], saving=True)
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    async with studio.open():
        done = await studio.settled(order)
    assert (done.state, done.deaths, done.losses) == (OrderState.DONE, 0, 1)
    assert [job.resume for job in engine.jobs] == [None, b"order %d after 1" % order.id]


async def test_a_stop_does_not_wait_for_a_stubborn_engine(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(stubborn=True)
    engine.gate.clear()
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    running = asyncio.create_task(studio.dispatcher.run())
    async with asyncio.timeout(30):
        await engine.begun.wait()
    async with asyncio.timeout(8):
        await studio.dispatcher.stop()
    assert engine.closed
    assert (await studio.known(order)).state is OrderState.QUEUED
    engine.gate.set()
    await running
    # What it painted after all came too late.
    assert (await studio.known(order)).state is OrderState.QUEUED


async def test_a_stop_before_the_start_is_a_stop(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine()
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    await studio.dispatcher.stop()
    await studio.dispatcher.run()
    assert engine.closed
    assert engine.jobs == []
    assert (await studio.known(order)).state is OrderState.QUEUED


async def test_a_stop_in_the_midst_of_the_start(ledger: Ledger, files: Files) -> None:
    for moment in range(10):
        engine = ScriptedEngine()
        studio = Studio(ledger, files, engine)
        running = asyncio.create_task(studio.dispatcher.run())
        await asyncio.sleep(moment * 0.001)
        async with asyncio.timeout(30):
            await studio.dispatcher.stop()
            await running
        assert engine.closed
