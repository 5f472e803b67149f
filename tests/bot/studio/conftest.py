"""A fresh ledger for each test, on both databases."""

from collections.abc import AsyncIterator, Callable

import pytest
from telegram import Bot

from bot.studio.ledger.ledger import Ledger
from bot.studio.pictures.files import Files
from tests.bot.databases import Databases
from tests.bot.studio.scenes import Clock
from tests.bot.studio.workshop import Workshop


@pytest.fixture
def clock() -> Clock:
    return Clock()


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
