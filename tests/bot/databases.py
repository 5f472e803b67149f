"""Where tests keep their ledgers: SQLite files, or databases of a PostgreSQL server."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from bot.studio.ledger.ledger import Ledger
from tests.postgresql import Server


class Databases(Protocol):
    """Makes databases."""

    def fresh(self, *, empty: bool = False) -> AbstractAsyncContextManager[str]:
        """The URL of a new database with the ledger's tables, or with none.

        They are copied: making them takes longer than most tests.
        """
        ...


class Sqlite:
    """Files in a folder whose name is not easy to write as a URL."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder / "50 %"
        self._template = template
        self._numbers = count(1)

    @asynccontextmanager
    async def fresh(self, *, empty: bool = False) -> AsyncIterator[str]:
        path = self._folder / f"{next(self._numbers)}.db"
        await asyncio.to_thread(path.parent.mkdir, exist_ok=True)
        if not empty:
            await asyncio.to_thread(shutil.copy, self._template, path)
        yield sqlite_url(path)


class Postgresql:
    """Databases of a server; each is dropped after use."""

    def __init__(self, server: Server, template: str) -> None:
        self._server = server
        self._template = template

    @asynccontextmanager
    async def fresh(self, *, empty: bool = False) -> AsyncIterator[str]:
        template = "template0" if empty else self._template
        name = await self._server.create(template=template)
        try:
            yield self._server.url(name)
        finally:
            await self._server.drop(name)


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def make_tables(url: str) -> None:
    ledger = await Ledger.open(url)
    await ledger.close()
