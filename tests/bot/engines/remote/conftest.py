"""A database with the ledger's tables, and a role that workers have in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.engines.remote.link import conninfo
from bot.engines.remote.role import make_role
from tests.bot.databases import Postgresql


@dataclass(frozen=True, slots=True)
class Place:
    """Where bot and workers meet: the ledger's URL, and what each needs to connect."""

    url: str
    bot: str
    worker: str
    worker_url: str


@pytest.fixture
async def place(postgresql: Postgresql) -> AsyncIterator[Place]:
    async with postgresql.fresh() as url:
        worker_url = await make_role(url, "worker_in_tests")
        yield Place(url, conninfo(url), conninfo(worker_url), worker_url)
