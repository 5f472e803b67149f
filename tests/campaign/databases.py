"""The ledger's database as a campaign sees it: where it is, what it holds, how it is hurt."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.settings import LEDGER_FILE
from tests.bot.databases import make_tables, sqlite_url
from tests.postgresql import Server

_AGAIN_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 60.0


class Database(Protocol):
    """The ledger's database."""

    @property
    def url(self) -> str:
        """What `DATABASE_URL` would say."""
        ...

    @property
    def is_postgresql(self) -> bool: ...

    def kill(self) -> None:
        """Kill the whole server."""

    def kill_connections(self) -> None:
        """Kill the processes that serve connections; the server then starts itself anew."""

    def freeze(self) -> None:
        """Stop it in its tracks."""

    def thaw(self) -> None:
        """Let it go on."""

    async def start(self) -> None:
        """Start it, if it was killed, and wait until it answers."""


class Sqlite:
    """A file below the data directory; there is no server to hurt."""

    is_postgresql = False

    def __init__(self, data_dir: Path) -> None:
        self.url = sqlite_url(data_dir / LEDGER_FILE)

    def kill(self) -> None:
        raise TypeError("SQLite has no server: the plan must not break it")

    kill_connections = freeze = thaw = kill

    async def start(self) -> None:
        """There is nothing to start."""


class Postgresql:
    """A database of a server of the campaign's own."""

    is_postgresql = True

    def __init__(self, server: Server, url: str) -> None:
        self._server = server
        self.url = url

    def kill(self) -> None:
        self.thaw()
        self._server.kill()

    def kill_connections(self) -> None:
        for pid in self._children():
            if b"atelier test_" in _command(pid):
                _signal(pid, signal.SIGKILL)

    def freeze(self) -> None:
        for pid in (*self._children(), self._server.pid):
            _signal(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in (*self._children(), self._server.pid):
            _signal(pid, signal.SIGCONT)

    async def start(self) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                # It does not start before the last process of the one before is gone.
                self._server.start()
                try:
                    async with asyncio.timeout(1.0):
                        await self._server.wait()
                except TimeoutError:
                    continue
                return

    def _children(self) -> list[int]:
        path = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children")
        try:
            return [int(pid) for pid in path.read_text().split()]
        except FileNotFoundError:
            return []


class Records:
    """Reads the database beside the bot."""

    def __init__(self, url: str) -> None:
        self._engine: AsyncEngine = create_async_engine(url, poolclass=NullPool)

    async def rows(self, query: str) -> list[Row[Any]]:
        """What a query finds, as soon as the database answers."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                try:
                    async with self._engine.connect() as connection:
                        return list((await connection.execute(text(query))).all())
                except (DBAPIError, OSError):
                    await asyncio.sleep(_AGAIN_SECONDS)

    async def execute(self, *statements: str) -> None:
        """Carry out statements in one transaction."""
        async with self._engine.begin() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)

    async def close(self) -> None:
        await self._engine.dispose()


@asynccontextmanager
async def database(data_dir: Path, server: Server | None) -> AsyncIterator[Database]:
    """A database with the ledger's tables: SQLite's, unless there is a server."""
    if server is None:
        made: Database = Sqlite(data_dir)
    else:
        await server.wait()
        made = Postgresql(server, server.url(await server.create()))
    await make_tables(made.url)
    yield made


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
