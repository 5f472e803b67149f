"""A fresh ledger for each test, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from telegram import Bot

from bot.studio.ledger.ledger import Ledger
from bot.studio.pictures.files import Files
from tests.bot.databases import Databases, Postgresql, Sqlite, make_tables
from tests.bot.studio.scenes import Clock
from tests.bot.studio.workshop import Workshop
from tests.postgresql import Server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Server) -> Postgresql:
    """Databases of a server of our own."""
    template = asyncio.run(postgresql_server.create())
    asyncio.run(make_tables(postgresql_server.url(template)))
    return Postgresql(postgresql_server, template)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path, empty_ledger: Path) -> Databases:
    if request.param == "sqlite":
        return Sqlite(tmp_path, empty_ledger)
    made: Postgresql = request.getfixturevalue("postgresql")
    return made


@pytest.fixture
async def ledger_url(databases: Databases) -> AsyncIterator[str]:
    """A database with the ledger's tables and nothing in them."""
    async with databases.fresh() as url:
        yield url


@pytest.fixture
async def ledger(ledger_url: str, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_url, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
async def workshop(
    bot: Bot, files: Files, ledger_url: str, picture: Callable[..., bytes]
) -> AsyncIterator[Workshop]:
    ledger = await Ledger.open(ledger_url)
    made = Workshop(bot, ledger, files, picture)
    made.open()
    yield made
    await made.kill()
    await ledger.close()
