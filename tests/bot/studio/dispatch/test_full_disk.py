"""A painting that ends while the disk is full."""

import pytest

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import OrderState
from bot.studio.pictures.files import Files
from tests.bot.full_disk import FULL, ROOM_AGAIN, Disk
from tests.bot.outages import Heard, told
from tests.bot.studio.dispatching import Studio, images
from tests.bot.studio.scripted import JPEG, ScriptedEngine


async def test_a_painting_is_kept_until_there_is_room(
    ledger: Ledger, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    files, heard = Files(disk.folder), Heard()
    files.full._changed = heard
    painting = JPEG + bytes(300_000)
    engine = ScriptedEngine(painting=painting, saving=True)
    engine.gate.clear()
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order = await studio.order()
        before = images(files)
        await engine.begun.wait()
        await disk.fill()
        engine.gate.set()
        await heard.until_away()
        assert (await studio.known(order)).state is OrderState.RUNNING
        assert images(files) == before
        await disk.empty()
        done = await studio.settled(order)
    assert done.state is OrderState.DONE
    assert await files.read(done.painting or "") == painting
    assert [job.order_id for job in engine.jobs] == [order.id]
    told(caplog, FULL, ROOM_AGAIN)


async def test_what_was_cancelled_meanwhile_is_let_go_of(ledger: Ledger, disk: Disk) -> None:
    files, heard = Files(disk.folder), Heard()
    files.full._changed = heard
    engine = ScriptedEngine()
    engine.gate.clear()
    studio = Studio(ledger, files, engine)
    async with studio.open():
        order = await studio.order(1)
        after = await studio.order(2)
        before = images(files)
        await engine.begun.wait()
        await disk.fill()
        engine.gate.set()
        await heard.until_away()
        await studio.cancel(order)
        await disk.empty()
        await studio.settled(after)
    assert (await studio.known(order)).state is OrderState.CANCELLED
    assert len(images(files) - before) == 1
