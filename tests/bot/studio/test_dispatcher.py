"""The dispatcher, against a real ledger and real files."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.engines.protocol import EngineDied, Finished, Job, JobRefused, Note, Progress
from bot.studio.dispatcher import Dispatcher
from bot.studio.files import Files
from bot.studio.herald import Herald
from bot.studio.ledger import Book, Ledger
from bot.studio.model import DeliveryKind, Order, OrderState, Wishes
from tests.bot.studio.scenes import Clock, picture, queued_order, wanted
from tests.bot.studio.scripted import JPEG, Listener, ScriptedEngine

HOST = Wishes(size=96, iterations=5)


class Studio:
    """A ledger, files and a dispatcher that runs."""

    def __init__(
        self, ledger: Ledger, files: Files, *engines: ScriptedEngine, herald: Herald | None = None
    ) -> None:
        self.ledger = ledger
        self.files = files
        self.listener = Listener()
        self.dispatcher = Dispatcher(
            ledger, files, engines, herald or self.listener, defaults=HOST, delays=(0.01,)
        )

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None, None]:
        running = asyncio.create_task(self.dispatcher.run())
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def order(self, user_id: int = 7, *, wishes: Wishes | None = None) -> Order:
        path = await self.files.write(b"picture of %d" % user_id, ".jpg")
        async with self.ledger.begin() as book:
            return await queued_order(book, user_id, path=path, wishes=wishes or Wishes())

    async def known(self, order: Order) -> Order:
        async with self.ledger.begin() as book:
            known = await book.order(order.id)
        assert known is not None
        return known

    async def until(self, order: Order, condition: Callable[[Order], bool]) -> Order:
        """The order as soon as the condition holds."""
        with self.ledger.changed.subscribe() as changes:
            async with asyncio.timeout(30):
                while not condition(known := await self.known(order)):
                    await changes.wait()
        return known

    async def settled(self, order: Order) -> Order:
        return await self.until(order, lambda known: known.state.final)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "data")


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    engine = ScriptedEngine()
    yield engine
    assert engine.at_work == 0


def _images(tmp_path: Path) -> set[str]:
    root = tmp_path / "data"
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


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
    async with ledger.begin() as book:
        [delivery] = await book.due_deliveries(clock())
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
    async with ledger.begin() as book:
        assert await book.claim_next() is not None  # as by a process that was killed
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


@pytest.mark.parametrize("through", ["dispatcher", "ledger"])
async def test_cancel_stops_the_computation(
    ledger: Ledger, files: Files, engine: ScriptedEngine, tmp_path: Path, through: str
) -> None:
    engine.gate.clear()
    studio = Studio(ledger, files, engine)
    order, after = await studio.order(), await studio.order()
    before = _images(tmp_path)
    async with studio.open():
        async with asyncio.timeout(30):
            await engine.begun.wait()
        if through == "dispatcher":
            cancelled = await studio.dispatcher.cancel(order.id)
        else:
            async with ledger.begin() as book:
                cancelled = await book.cancel(order.id)
        assert cancelled is not None
        assert cancelled.state is OrderState.CANCELLED
        # The gate stays shut: the next order can only begin once the first was stopped.
        await studio.until(after, lambda known: known.state is OrderState.RUNNING)
        assert engine.stopped == [order.id]
        assert await studio.dispatcher.cancel(order.id) is None
        engine.gate.set()
        assert (await studio.settled(after)).state is OrderState.DONE
    heard = [progress.iteration for told, progress in studio.listener.heard if told.id == order.id]
    assert heard == [1]
    assert (await studio.known(order)).state is OrderState.CANCELLED
    assert len(_images(tmp_path) - before) == 1


async def test_cancel_at_any_moment(
    ledger: Ledger, files: Files, engine: ScriptedEngine, tmp_path: Path
) -> None:
    studio = Studio(ledger, files, engine)
    orders: list[Order] = []
    async with studio.open():
        for moment in range(30):
            order = await studio.order(moment)
            for _ in range(moment):
                await asyncio.sleep(0)
            await asyncio.sleep(moment * 0.001)
            cancelled = await studio.dispatcher.cancel(order.id)
            known = await studio.settled(order)
            assert known.state is (OrderState.DONE if cancelled is None else OrderState.CANCELLED)
            orders.append(known)
        last = await studio.order()
        assert (await studio.settled(last)).state is OrderState.DONE
    assert orders[0].state is OrderState.CANCELLED
    async with ledger.begin() as book:
        named = await book.named_files()
    await files.sweep(named, older_than=0)
    assert _images(tmp_path) == named


async def test_cancel_between_claim_and_attempt(
    ledger: Ledger, files: Files, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = ledger.begin
    claimed: list[int] = []

    @asynccontextmanager
    async def cancelling() -> AsyncGenerator[Book, None]:
        """Cancels each order as soon as its claim is committed."""
        async with begin() as book:
            yield book
            running = [o.id for o in await book.open_orders() if o.state is OrderState.RUNNING]
        for order_id in running:
            if order_id not in claimed:
                claimed.append(order_id)
                async with begin() as book:
                    await book.cancel(order_id)
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
        await studio.dispatcher.cancel(order.id)
        await asyncio.sleep(0.01)
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
        cancelled = await studio.dispatcher.cancel(order.id)
        assert cancelled is not None
        assert (await studio.known(order)).state is OrderState.CANCELLED
    assert engine.jobs == []


async def test_an_engine_that_does_not_start_is_tried_again(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(failing_starts=3)
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order = await studio.order()
        assert (await studio.settled(order)).state is OrderState.DONE
    assert engine.starts >= 4


async def test_a_death_of_the_engine_costs_one_try(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(faults=[EngineDied("killed")])
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order = await studio.order()
        done = await studio.settled(order)
    assert (done.state, done.deaths) == (OrderState.DONE, 1)
    assert [job.epoch for job in engine.jobs] == [1, 3]


async def test_a_poisonous_order_does_not_loop(ledger: Ledger, files: Files, clock: Clock) -> None:
    engine = ScriptedEngine(faults=[EngineDied("killed"), EngineDied("killed")])
    studio = Studio(ledger, files, engine)
    async with studio.open():
        poison, other = await studio.order(1), await studio.order(2)
        failed = await studio.settled(poison)
        assert (failed.state, failed.failure) == (OrderState.FAILED, "engine_died")
        assert (await studio.settled(other)).state is OrderState.DONE
    async with ledger.begin() as book:
        kinds = [(d.order_id, d.kind) for d in await book.due_deliveries(clock())]
    assert kinds == [(poison.id, DeliveryKind.FAILURE), (other.id, DeliveryKind.PAINTING)]
    assert len(engine.jobs) == 3


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
    async with ledger.begin() as book:
        first = (await book.due_deliveries(clock()))[0]
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
                async with self.ledger.begin() as book:
                    await book.put_back(job.order_id, job.epoch, died=False)
            yield step


async def test_a_late_painting_is_dropped(ledger: Ledger, files: Files, tmp_path: Path) -> None:
    engine = _Overtaken()
    engine.ledger = ledger
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    before = _images(tmp_path)
    async with studio.open():
        done = await studio.settled(order)
    assert [job.epoch for job in engine.jobs] == [1, 3]
    assert _images(tmp_path) - before == {done.painting}


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
        await studio.dispatcher.cancel(order.id)
        await _emptied(folder)


async def test_after_a_death_an_order_starts_afresh(ledger: Ledger, files: Files) -> None:
    engine = ScriptedEngine(faults=[EngineDied("of its checkpoint, perhaps")], saving=True)
    studio = Studio(ledger, files, engine)
    order = await studio.order()
    async with studio.open():
        assert (await studio.settled(order)).state is OrderState.DONE
    assert [job.resume for job in engine.jobs] == [None, None]


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


class _Deaf(Listener):
    def progressed(self, order: Order, progress: Progress) -> None:
        super().progressed(order, progress)
        raise RuntimeError("the courier stumbled")


async def test_trouble_with_the_card_does_not_cost_the_painting(
    ledger: Ledger, files: Files, engine: ScriptedEngine
) -> None:
    studio = Studio(ledger, files, engine, herald=_Deaf())
    async with studio.open():
        assert (await studio.settled(await studio.order())).state is OrderState.DONE


async def test_a_painting_outlives_trouble_with_the_database(
    ledger: Ledger, files: Files, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = ledger.begin
    troubles = 0

    def troubled() -> contextlib.AbstractAsyncContextManager[Book]:
        nonlocal troubles
        if engine.jobs and engine.at_work == 0 and troubles < 3:
            troubles += 1
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))
        return begin()

    studio = Studio(ledger, files, engine)
    order = await studio.order()
    running = asyncio.create_task(studio.dispatcher.run())
    monkeypatch.setattr(ledger, "begin", troubled)
    with ledger.changed.subscribe() as changes:
        async with asyncio.timeout(30):
            while troubles < 3:
                await changes.wait(0.01)
    monkeypatch.undo()
    assert (await studio.settled(order)).state is OrderState.DONE
    assert len(engine.jobs) == 1
    await studio.dispatcher.stop()
    await running


async def test_a_defect_ends_the_run_and_is_raised(
    ledger: Ledger, files: Files, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defective(_book: Book) -> Order | None:
        raise TypeError("a defect")

    monkeypatch.setattr(Book, "claim_next", defective)
    studio = Studio(ledger, files, engine)
    with pytest.raises(TypeError, match="a defect"):
        async with asyncio.timeout(30):
            await studio.dispatcher.run()
    assert engine.closed


async def test_the_outlook_of_all_open_orders(
    ledger: Ledger, files: Files, engine: ScriptedEngine, clock: Clock
) -> None:
    studio = Studio(ledger, files, engine)
    async with studio.open():
        for _ in range(3):
            await studio.settled(await studio.order())
        async with ledger.begin() as book:
            durations = await book.recent_durations()
        assert {duration.seconds for duration in durations} == {1.0}
        engine.gate.clear()
        engine.begun.clear()
        running = await studio.order(1)
        async with asyncio.timeout(30):
            await engine.begun.wait()
        second = await studio.order(1, wishes=Wishes(size=192))
        first = await studio.order(2)
        async with ledger.begin() as book:
            content, style = await picture(book, user_id=3), await picture(book, user_id=3)
            preparing = await book.place_order(wanted(content, style, user_id=3), limit=5)
        outlook = await studio.dispatcher.outlook()
        engine.gate.set()
    assert {order_id: seen.position for order_id, seen in outlook.items()} == {
        running.id: 0,
        first.id: 1,
        second.id: 2,
        preparing.id: 3,
    }
    waits = {order_id: seen.wait for order_id, seen in outlook.items()}
    left = waits[running.id]
    assert left is not None
    assert 0 < left <= 60  # the engine's own word, less the time since
    assert waits[first.id] == left
    assert waits[second.id] == left + 1
    assert waits[preparing.id] == left + 1 + 4  # four times the pixels
    assert clock.now.tzinfo is not None
