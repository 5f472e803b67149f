"""A database that comes and goes."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.results import LedgerError, LedgerUnavailable
from bot.studio.ledger.transaction import Transaction
from tests.bot.databases import make_tables, sqlite_url
from tests.bot.outages import Heard, locked, told
from tests.postgresql import Server

AWAY = "The ledger is out of reach; everything waits for it ("
BACK = "The ledger is back, after "


@pytest.fixture
async def url(server: Server) -> str:
    made = server.url(await server.create())
    await make_tables(made)
    return made


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def ledger(url: str, heard: Heard) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(url, waiting=heard)
    yield ledger
    await ledger.close()


async def keep(transaction: Transaction) -> bool:
    return await transaction.keep_update(1, "{}")


async def test_a_locked_sqlite_ledger_is_waited_for(
    tmp_path: Path, empty_ledger: Path, caplog: pytest.LogCaptureFixture, heard: Heard
) -> None:
    path = tmp_path / "ledger.db"
    await asyncio.to_thread(shutil.copy, empty_ledger, path)
    async with locked(path):
        opening = asyncio.create_task(
            Ledger.open(sqlite_url(path), busy_seconds=0.05, waiting=heard)
        )
        await heard.until_away()
    ledger = await opening
    told(caplog, AWAY + "database is locked)", BACK)
    caplog.clear()
    heard.away.clear()
    async with locked(path):
        tasks = [asyncio.create_task(ledger.perform(keep)) for _ in range(3)]
        await heard.until_away()
        assert not any(task.done() for task in tasks)
    assert await asyncio.gather(*tasks) == [True, False, False]
    told(caplog, AWAY + "database is locked)", BACK)
    await ledger.close()


async def test_a_stopped_server_is_waited_for(
    server: Server, ledger: Ledger, caplog: pytest.LogCaptureFixture, heard: Heard
) -> None:
    await ledger.perform(keep)
    await asyncio.to_thread(server.stop)
    tasks = [asyncio.create_task(ledger.perform(Transaction.newest_update)) for _ in range(3)]
    await heard.until_away()
    assert not any(task.done() for task in tasks)
    server.start()
    assert await asyncio.gather(*tasks) == [1, 1, 1]
    told(caplog, AWAY, BACK)


async def test_a_server_that_is_not_up_yet_is_waited_for(
    server: Server, url: str, caplog: pytest.LogCaptureFixture, heard: Heard
) -> None:
    await asyncio.to_thread(server.stop)
    opening = asyncio.create_task(Ledger.open(url, waiting=heard))
    await heard.until_away()
    server.start()
    ledger = await opening
    assert await ledger.perform(keep)
    told(caplog, AWAY, BACK)
    await ledger.close()


async def test_whoever_waits_for_a_database_can_be_stopped(
    server: Server, url: str, heard: Heard
) -> None:
    await asyncio.to_thread(server.stop)
    opening = asyncio.create_task(Ledger.open(url, waiting=heard))
    await heard.until_away()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening


async def test_what_a_stop_of_the_server_took_along_is_done_again(
    server: Server, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    tries = 0

    async def keep_two(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        await transaction.keep_update(1, "{}")
        if tries == 1:
            await asyncio.to_thread(server.stop)
            server.start()
        await transaction.keep_update(2, "{}")

    await ledger.perform(keep_two)
    assert tries == 2
    assert await ledger.perform(Transaction.kept_updates) == [(1, "{}"), (2, "{}")]
    told(caplog, AWAY, BACK)


async def test_a_transaction_that_meets_an_outage_says_so(server: Server, ledger: Ledger) -> None:
    async def stopped_meanwhile() -> None:
        async with ledger.begin() as transaction:
            await transaction.keep_update(1, "{}")
            await asyncio.to_thread(server.stop)

    with pytest.raises(LedgerUnavailable):
        await stopped_meanwhile()
    server.start()
    assert await ledger.perform(Transaction.kept_updates) == []


async def test_a_database_that_does_not_exist_is_not_waited_for(server: Server) -> None:
    with pytest.raises(LedgerError, match="does not exist") as refusal:
        await Ledger.open(server.url("nowhere"))
    assert not isinstance(refusal.value, LedgerUnavailable)
    assert "\n" not in str(refusal.value)
