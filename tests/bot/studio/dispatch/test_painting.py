"""The dispatcher, against a real ledger and real files: orders become paintings in turn."""

import asyncio

from bot.engines.protocol import Note
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import DeliveryKind, OrderState, Wishes
from bot.studio.pictures.files import Files
from tests.bot.studio.dispatching import Studio
from tests.bot.studio.scenes import Clock
from tests.bot.studio.scripted import JPEG, ScriptedEngine


async def test_an_order_becomes_a_painting(
    ledger: Ledger, files: Files, engine: ScriptedEngine, clock: Clock
) -> None:
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order = await studio.order(wishes=Wishes(size=128, strength=30))
        done = await studio.settled(order)
    assert done.state is OrderState.DONE
    assert done.painting is not None
    assert done.painting.endswith(".jpg")
    assert await files.read(done.painting) == JPEG + b"picture of 7" * 2
    assert [heard.iteration for _, heard in studio.listener.heard] == [1, 2, 3]
    assert {(told.id, told.epoch, told.state) for told, _ in studio.listener.heard} == {
        (order.id, 1, OrderState.RUNNING)
    }
    [job] = engine.jobs
    assert (job.order_id, job.epoch, job.size, job.iterations, job.strength) == (
        order.id,
        1,
        128,
        5,
        30,
    )
    async with ledger.begin() as transaction:
        [delivery] = await transaction.due_deliveries(clock())
    assert (delivery.order_id, delivery.kind) == (order.id, DeliveryKind.PAINTING)
    assert engine.closed


async def test_what_the_engine_remarks_is_kept_with_the_order(ledger: Ledger, files: Files) -> None:
    studio = Studio(ledger, files, ScriptedEngine(note=Note.SMALLER))
    async with studio.open():
        done = await studio.settled(await studio.order())
    assert (done.state, done.note) == (OrderState.DONE, Note.SMALLER)


async def test_what_waits_at_the_start_is_painted(
    ledger: Ledger, files: Files, engine: ScriptedEngine
) -> None:
    studio = Studio(ledger, files, engine)
    interrupted, waiting = await studio.order(1), await studio.order(2)
    async with ledger.begin() as transaction:
        assert await transaction.claim_next() is not None  # as by a process that was killed
    async with studio.open():
        assert (await studio.settled(interrupted)).state is OrderState.DONE
        assert (await studio.settled(waiting)).state is OrderState.DONE
    assert [job.order_id for job in engine.jobs] == [interrupted.id, waiting.id]


async def test_every_engine_has_one_order_and_turns_are_fair(ledger: Ledger, files: Files) -> None:
    engines = ScriptedEngine("left"), ScriptedEngine("right")
    for engine in engines:
        engine.gate.clear()
    studio = Studio(ledger, files, *engines)
    heavy = [await studio.order(1) for _ in range(3)]
    light = await studio.order(2)
    async with studio.open():
        async with asyncio.timeout(30):
            await asyncio.gather(*(engine.begun.wait() for engine in engines))
        at_work = {job.order_id for engine in engines for job in engine.jobs}
        assert at_work == {heavy[0].id, light.id}
        for engine in engines:
            engine.gate.set()
        for order in (*heavy, light):
            assert (await studio.settled(order)).state is OrderState.DONE
    painted = [job.order_id for engine in engines for job in engine.jobs]
    assert sorted(painted) == sorted(order.id for order in (*heavy, light))
