"""A cancelled task leaves no lock behind, wherever in its transaction it was cancelled."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Draft
from bot.telegram.place import Place
from bot.uninterrupted import uninterrupted


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(f"sqlite+aiosqlite:///{tmp_path / 'ledger.sqlite3'}")
    yield ledger
    await ledger.close()


async def _write(ledger: Ledger, number: int) -> None:
    async with ledger.begin() as transaction:
        await transaction.save_draft(Draft(place=Place(chat_id=number), user_id=1, prompt=number))


async def test_a_transaction_cancelled_anywhere_leaves_no_lock_behind(ledger: Ledger) -> None:
    for number in range(200):
        task = asyncio.create_task(_write(ledger, number))
        for _ in range(number % 40):
            await asyncio.sleep(0)
        if number % 3:
            await asyncio.sleep(0.0005 * (number % 7))
        task.cancel()
        # SQLite itself would wait half a minute for a lock that was left behind.
        async with asyncio.timeout(10):
            await _write(ledger, 1000 + number)
            await asyncio.gather(task, return_exceptions=True)


async def test_work_is_done_before_its_task_is_cancelled() -> None:
    done = asyncio.Event()
    begun = asyncio.Event()

    async def work() -> int:
        begun.set()
        await done.wait()
        return 7

    task = asyncio.create_task(uninterrupted(work()))
    await begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    done.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_work_is_the_callers() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise LookupError("gone")

    with pytest.raises(LookupError):
        await uninterrupted(work())


async def test_who_is_cancelled_is_cancelled_whatever_becomes_of_the_work() -> None:
    begun, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await done.wait()
        raise LookupError("gone")

    task = asyncio.create_task(uninterrupted(work()))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    done.set()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await task
    assert isinstance(cancelled.value.__cause__, LookupError)
