"""A fresh ledger for each test; on PostgreSQL, too, where TEST_DATABASE_URL names a database.

That database is emptied before each test: name none that holds anything of worth.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.studio.ledger.ledger import Ledger
from tests.bot.studio.scenes import Clock

POSTGRESQL = os.environ.get("TEST_DATABASE_URL")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRESQL else [])])
async def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/50 %/ledger.db"
    assert POSTGRESQL is not None
    engine = create_async_engine(POSTGRESQL)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return POSTGRESQL


@pytest.fixture
async def ledger(ledger_url: str, clock: Clock) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(ledger_url, clock=clock)
    yield opened
    await opened.close()
