"""The whole bot while its database is away: people are answered afterwards, nothing restarts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Person, Sandbox
from bot.settings import LEDGER_FILE
from bot.studio.ledger.model import Arrival, Picture
from bot.studio.ledger.transaction import Transaction
from bot.words import Library
from tests.bot.chat.conftest import USUAL_SIZES, Open, _house, is_painting, picture
from tests.bot.databases import make_tables
from tests.bot.outages import locked, told, until_said
from tests.postgresql import Server

LOVELY = "Lovely. Now send the picture whose style you like."
AWAY = "The ledger is out of reach; everything waits for it ("
BACK = "The ledger is back, after "

Outage = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
async def url(server: Server) -> str:
    made = server.url(await server.create())
    await make_tables(made)
    return made.replace("postgresql+asyncpg:", "postgresql:")


@pytest.fixture(params=["sqlite", "postgresql"])
def settings_and_outage(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[dict[str, str], Outage]:
    """The settings of a bot, and what takes its database away for as long as it lasts."""
    if request.param == "sqlite":
        return {}, partial(locked, tmp_path / LEDGER_FILE)
    url: str = request.getfixturevalue("url")
    server: Server = request.getfixturevalue("server")

    @asynccontextmanager
    async def stop() -> AsyncIterator[None]:
        await asyncio.to_thread(server.stop)
        yield
        server.start()

    return {"database_url": url}, stop


async def test_who_writes_while_the_database_is_away_is_answered_afterwards(
    settings_and_outage: tuple[dict[str, str], Outage],
    open_house: Open,
    ada: Person,
    bob: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings, outage = settings_and_outage
    house = await open_house(**settings)
    await bob.send_photo(picture(3))
    await bob.wait_for(lambda message: message.words == LOVELY)
    await bob.send_photo(picture(4))
    await house.engine.began.wait()
    caplog.clear()
    async with outage():
        await ada.send_photo(picture(1))
        house.engine.may_finish.set()
        await until_said(caplog, AWAY)
        await ada.send_photo(picture(2))
    await ada.wait_for(lambda message: message.words == LOVELY)
    for person in (ada, bob):
        await person.wait_for(is_painting)
    await house.idle()
    assert [job.order_id for job in house.engine.jobs] == [1, 2]
    assert house.said() == [LOVELY, LOVELY]
    told(caplog, AWAY, BACK)


async def test_an_update_whose_handling_met_the_outage_is_handled_again(
    open_house: Open,
    server: Server,
    url: str,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    add_picture, tries = Transaction.add_picture, 0

    async def stopped_meanwhile(transaction: Transaction, arrival: Arrival) -> Picture | None:
        nonlocal tries
        tries += 1
        if tries <= 3:  # oftener than a poisonous update is tried
            await asyncio.to_thread(server.stop)
            server.start()
        return await add_picture(transaction, arrival)

    monkeypatch.setattr(Transaction, "add_picture", stopped_meanwhile)
    house = await open_house(database_url=url)
    await ada.send_photo(picture(1))
    await ada.wait_for(lambda message: message.words == LOVELY)
    assert tries == 4
    assert house.said() == [LOVELY]
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_stop_does_not_wait_for_the_database(
    settings_and_outage: tuple[dict[str, str], Outage],
    sandbox: Sandbox,
    tmp_path: Path,
    languages: Library,
    ada: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings, outage = settings_and_outage
    async with AsyncExitStack() as stack:
        opened = _house(
            sandbox,
            tmp_path,
            settings,
            library=languages,
            most_styles=1,
            sizes=USUAL_SIZES,
            album_quiet=0.3,
        )
        house = await stack.enter_async_context(opened)
        for seed in (1, 2):
            await ada.send_photo(picture(seed))
        await house.engine.began.wait()
        async with outage():
            house.engine.may_finish.set()
            await ada.send_photo(picture(3))
            await until_said(caplog, AWAY)
            async with asyncio.timeout(20):
                await stack.aclose()
    assert not [record for record in caplog.records if record.exc_info], caplog.text


async def test_a_database_that_comes_up_after_the_bot_is_waited_for(
    open_house: Open, server: Server, url: str, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.to_thread(server.stop)
    opening: asyncio.Task[Any] = asyncio.ensure_future(open_house(database_url=url))
    await until_said(caplog, AWAY)
    await ada.send_photo(picture(1))
    server.start()
    await opening
    await ada.wait_for(lambda message: message.words == LOVELY)
    told(caplog, AWAY, BACK)
