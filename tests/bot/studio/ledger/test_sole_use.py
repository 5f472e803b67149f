"""One bot to a ledger, whichever database it is in and whatever becomes of the connection."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.results import LedgerInUse
from bot.studio.ledger.transaction import Transaction
from tests.bot.outages import Heard, told
from tests.postgresql import Server

END = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name LIKE 'Atelier %' AND datname = current_database()"
)


@pytest.fixture
async def url(server: Server) -> str:
    return server.url(await server.create())


@pytest.fixture
async def alone(url: str) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(url, alone=True)
    yield ledger
    await ledger.close()


async def test_a_second_bot_is_refused_and_anybody_else_is_let_in(ledger_url: str) -> None:
    first = await Ledger.open(ledger_url, alone=True)
    with pytest.raises(LedgerInUse, match=r"another Atelier.* is at work with it: stop that one"):
        await Ledger.open(ledger_url, alone=True)
    looked_at = await Ledger.open(ledger_url)
    assert await looked_at.perform(Transaction.newest_update) is None
    await looked_at.close()
    await first.close()
    await (await Ledger.open(ledger_url, alone=True)).close()


@pytest.mark.usefixtures("alone")
async def test_which_machine_has_it_and_since_when_is_told(url: str) -> None:
    machine = re.escape(socket.gethostname())
    since = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    with pytest.raises(LedgerInUse, match=rf"^another Atelier \(on {machine}, since {since}\) is"):
        await Ledger.open(url, alone=True)


async def test_a_claim_that_an_outage_took_is_made_anew(alone: Ledger, url: str) -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await connection.scalar(END)
    await engine.dispose()
    await alone.through_outages(alone._sole_use.claim)
    with pytest.raises(LedgerInUse):
        await Ledger.open(url, alone=True)


async def test_a_connection_of_ones_own_that_the_server_still_holds_is_no_other_bot(
    alone: Ledger, url: str
) -> None:
    left, alone._sole_use._connection = alone._sole_use._connection, None
    assert left is not None
    await alone.through_outages(alone._sole_use.claim)
    with pytest.raises(LedgerInUse):
        await Ledger.open(url, alone=True)
    await left.invalidate()
    await left.close()


async def test_who_lost_the_claim_to_another_bot_is_told(alone: Ledger, url: str) -> None:
    await alone._sole_use.close()
    other = await Ledger.open(url, alone=True)
    with pytest.raises(LedgerInUse):
        await alone.through_outages(alone._sole_use.claim)
    await other.close()


async def test_a_server_that_says_nothing_counts_as_out_of_reach(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    ledger = await Ledger.open(url, silent_seconds=0.1, waiting=heard)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE updates IN ACCESS EXCLUSIVE MODE"))
        waiting = asyncio.create_task(ledger.perform(Transaction.newest_update))
        await heard.until_away()
        assert not waiting.done()
    assert await waiting is None
    told(
        caplog,
        "The ledger is out of reach; everything waits for it (no answer for 0.1 s)",
        "The ledger is back, after ",
    )
    await engine.dispose()
    await ledger.close()
