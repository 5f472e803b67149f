"""The ledger: the only truth about orders, in SQLite or PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiofiles.os
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.studio.ledger import migrations
from bot.studio.ledger.changes import Changes
from bot.studio.ledger.repository import Clock, utc_now
from bot.studio.ledger.results import LedgerError
from bot.studio.ledger.transaction import Transaction
from bot.uninterrupted import uninterrupted

_BUSY_SECONDS = 30
# Connecting is not broken off, so that a stop may have to wait for it.
_CONNECT_SECONDS = 8
# Any number does, as long as all versions of Atelier use the same.
_ADVISORY_LOCK = 0x41_74_65_6C


class Ledger:
    """The only truth about orders.

    Its transactions run one after another, on PostgreSQL as on SQLite: each sees all that was
    committed before it, so that reading first and writing then is safe in it. They are short
    (never held open over a wait for anything but the database), which makes that no bottleneck.

    `changed` wakes its subscribers after each transaction that wrote something.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._turn = asyncio.Lock()
        self.changed = Changes()

    @classmethod
    async def open(cls, url: str, *, clock: Clock = utc_now) -> "Ledger":
        """Connect, and bring the tables up to date.

        Cancelled meanwhile, it does so first, and leaves no connection behind.

        Args:
            url: an SQLAlchemy URL, `sqlite+aiosqlite:///...` or `postgresql+asyncpg://...`.
            clock: gives the present moment, aware.

        Raises:
            LedgerError: the URL names another database, the database cannot be reached or read,
                or the ledger was written by a newer version of Atelier.
        """
        try:
            engine = await _engine(url)
        except (NoSuchModuleError, ModuleNotFoundError, OSError) as error:
            raise LedgerError(f"the ledger cannot be opened: {error}") from error
        ledger = cls(engine, clock)
        try:
            async with ledger._connected() as connection:
                await uninterrupted(_bring_up_to_date(connection))
        except BaseException as error:
            await ledger.close()
            if isinstance(error, SQLAlchemyError | OSError):
                # SQLAlchemy's own text goes on with statements and addresses of manuals.
                cause = getattr(error, "orig", None) or error
                raise LedgerError(f"the ledger cannot be opened: {cause}") from error
            raise
        return ledger

    async def close(self) -> None:
        """Close all connections."""
        await uninterrupted(self._engine.dispose())

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction, None]:
        """One transaction: commits on a clean exit, rolls back on an exception.

        A task that is cancelled in mid-statement is cancelled after it, and one that is cancelled
        while it commits after the commit: what it did is then either wholly in the ledger or
        wholly not, and subscribers of `changed` know.
        """
        # The database would make callers wait, too, but by polling and in no order.
        async with self._turn, self._connected() as connection:
            opened = connection.begin()
            await uninterrupted(opened.start())
            transaction = Transaction(connection, self._clock)
            try:
                yield transaction
            except BaseException:
                await uninterrupted(opened.rollback())
                raise
            try:
                await uninterrupted(opened.commit())
            finally:
                if transaction.wrote:
                    self.changed.announce()

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[AsyncConnection, None]:
        """A connection, given back by the end of this whoever is cancelled meanwhile.

        SQLAlchemy's own context manager lets the giving back go on behind a cancelled task; the
        ledger could be closed before it, and the connection would stay open.
        """
        connection = self._engine.connect()
        try:
            await uninterrupted(connection.start())
            yield connection
        finally:
            if connection.sync_connection is not None:
                await uninterrupted(connection.close())


async def _bring_up_to_date(connection: AsyncConnection) -> None:
    async with connection.begin():
        await connection.run_sync(migrations.upgrade)


async def _engine(text: str) -> AsyncEngine:
    try:
        url = make_url(text)
    except ArgumentError as error:
        # The text itself may hold a password.
        raise LedgerError("the ledger's URL cannot be read as an SQLAlchemy URL") from error
    if url.get_backend_name() == "sqlite":
        return await _sqlite(url)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    raise LedgerError(f"the ledger is kept in SQLite or PostgreSQL, not in {url.drivername}")


async def _sqlite(url: URL) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        await aiofiles.os.makedirs(Path(url.database).parent, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # Otherwise sqlite3 itself decides when a transaction begins, and never IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and asks for the lock later could be refused it.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        pool_pre_ping=True,
        # A process that hangs in mid-transaction must not hold the lock for ever.
        connect_args={
            "server_settings": {"idle_in_transaction_session_timeout": "60000"},
            "timeout": _CONNECT_SECONDS,
        },
    )

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")

    return engine
