"""A fresh ledger for each test, on both databases."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from telegram import Bot

from bot.studio.ledger.ledger import Ledger
from bot.studio.pictures.files import Files
from tests.bot.databases import Databases, Postgresql, Sqlite, make_tables
from tests.bot.studio.scenes import Clock
from tests.bot.studio.workshop import Workshop
from tests.postgresql import WANTED, programs, serving


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A server of our own; where it is not installed, its tests are skipped, but never in CI."""
    folder = programs()
    if folder is None and os.environ.get("CI"):
        pytest.fail(WANTED)
    if folder is None:
        pytest.skip(WANTED)
    with serving(folder) as server:
        template = asyncio.run(server.create())
        asyncio.run(make_tables(server.url(template)))
        yield Postgresql(server, template)


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
