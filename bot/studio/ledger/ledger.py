"""The ledger: the only truth about orders, in SQLite or PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import aiofiles.os
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncTransaction,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from bot.outage import BACKOFF, Outage
from bot.studio.ledger import migrations
from bot.studio.ledger.changes import Changes
from bot.studio.ledger.faults import translated, understood
from bot.studio.ledger.repository import Clock, utc_now
from bot.studio.ledger.results import LedgerError, LedgerUnavailable
from bot.studio.ledger.sole_use import SoleUse
from bot.studio.ledger.transaction import Transaction
from bot.uninterrupted import uninterrupted

# Waiting for a lock is not broken off either; after it the ledger waits in another way.
_BUSY_SECONDS = 4.0
# Connecting is not broken off, so that a stop may have to wait for it.
_CONNECT_SECONDS = 8
# A statement is not broken off, but the host is told that nothing comes.
_SILENT_SECONDS = 10.0
_SOLE_USE_SECONDS = 5.0
# Any number does, as long as all versions of Atelier use the same.
_ADVISORY_LOCK = 0x41_74_65_6C

T = TypeVar("T")


class Ledger:
    """The only truth about orders.

    Its transactions run one after another, on PostgreSQL as on SQLite: each sees all that was
    committed before it, so that reading first and writing then is safe in it. They are short
    (never held open over a wait for anything but the database), which makes that no bottleneck.

    A database that is out of reach (away, locked, without room) is waited for, and that is said
    once in the log: what begins meanwhile begins when it is back. What it takes along in
    mid-transaction meets LedgerUnavailable; `through_outages` is how long-running parts go on.

    `changed` wakes its subscribers after each transaction that changed something; updates that come
    and go are nothing to anybody but the inbox.
    """

    def __init__(
        self, engine: AsyncEngine, clock: Clock, outage: Outage, *, silent_seconds: float
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._outage = outage
        self._silent_seconds = silent_seconds
        self._sole_use = SoleUse(engine.url)
        self._until_written = False
        self._turn = asyncio.Lock()
        self.changed = Changes()

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        clock: Clock = utc_now,
        busy_seconds: float = _BUSY_SECONDS,
        silent_seconds: float = _SILENT_SECONDS,
        waiting: Callable[[bool], None] = lambda _: None,
        alone: bool = False,
    ) -> "Ledger":
        """Connect, as long as it takes, and bring the tables up to date.

        Cancelled while it does the latter, it does so first, and leaves no connection behind.

        Args:
            url: an SQLAlchemy URL, `sqlite+aiosqlite:///...` or `postgresql+asyncpg://...`.
            clock: gives the present moment, aware.
            busy_seconds: how long SQLite itself waits for a lock at each try.
            silent_seconds: after how long without an answer it counts as out of reach.
            waiting: is told when the database turns out to be out of reach (True), now or later,
                and when it is back (False).
            alone: whether to have it to oneself, as the bot must: see `stay_alone`.

        Raises:
            LedgerError: the URL names another database, or one that cannot be read.
            LedgerInUse: it is to be had alone, and another bot has it.
            LedgerTooNew: the ledger was written by a newer version of Atelier.
        """
        try:
            engine = await _engine(url, busy_seconds)
        except (NoSuchModuleError, ModuleNotFoundError, OSError) as error:
            raise LedgerError(f"the ledger cannot be opened: {error}") from error
        outage = Outage(
            "The ledger is out of reach; everything waits for it",
            "The ledger is back",
            changed=waiting,
        )
        ledger = cls(engine, clock, outage, silent_seconds=silent_seconds)
        try:
            if alone:
                # First of all: a newer Atelier does not change the tables under an older one.
                await ledger.through_outages(ledger._sole_use.claim)
            await ledger.through_outages(ledger._bring_up_to_date)
        except BaseException as error:
            await ledger.close()
            if isinstance(error, SQLAlchemyError):
                # SQLAlchemy's own text goes on with statements and addresses of manuals.
                cause = getattr(error, "orig", None) or error
                raise LedgerError(f"the ledger cannot be opened: {cause}") from error
            raise
        return ledger

    async def close(self) -> None:
        """Close all connections."""
        await self._sole_use.close()
        await uninterrupted(self._engine.dispose())

    async def stay_alone(self) -> None:
        """Hold the claim of a ledger that was opened `alone`, for ever, and anew after outages.

        Raises:
            LedgerInUse: another bot has got it during an outage.
        """
        while True:
            await asyncio.sleep(_SOLE_USE_SECONDS)
            await self.through_outages(self._sole_use.claim)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction, None]:
        """One transaction: commits on a clean exit, rolls back on an exception.

        It begins when the database can be reached.

        A task that is cancelled in mid-statement is cancelled after it, and one that is cancelled
        while it commits after the commit: what it did is then either wholly in the ledger or
        wholly not, and subscribers of `changed` know.

        Raises:
            LedgerUnavailable: the database went out of reach meanwhile; after the last statement
                this leaves open whether the transaction was committed.
        """
        # The database would make callers wait, too, but by polling and in no order.
        async with self._turn, AsyncExitStack() as stack:
            loop = asyncio.get_running_loop()
            silence = f"no answer for {self._silent_seconds:g} s"
            stack.callback(
                loop.call_later(self._silent_seconds, self._outage.begin, silence).cancel
            )
            connection, opened = await self.through_outages(lambda: self._begun(stack))
            transaction = Transaction(connection, self._clock)
            try:
                yield transaction
            except BaseException as error:
                await self._roll_back(opened)
                if isinstance(error, LedgerUnavailable):
                    self._lost(error)
                raise
            try:
                with translated():
                    await uninterrupted(opened.commit())
            except LedgerUnavailable as error:
                self._lost(error)
                raise
            finally:
                if transaction.changed:
                    self.changed.announce()
            self._reached(wrote=transaction.wrote)

    async def perform(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do `work` in a transaction, again as often as an outage ends it (`through_outages`)."""

        async def once() -> T:
            async with self.begin() as transaction:
                return await work(transaction)

        return await self.through_outages(once)

    async def through_outages(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do `work` that uses the ledger, again from its start as often as an outage ends it.

        Args:
            work: may have been done already when it is done again: the answer to a commit can be
                lost.
        """
        failures = 0
        while True:
            try:
                return await work()
            except LedgerUnavailable as error:
                self._lost(error)
            failures += 1
            await asyncio.sleep(BACKOFF.delay(failures))

    def _expect_an_answer(self) -> asyncio.TimerHandle:
        seconds = self._silent_seconds
        begin = self._outage.begin
        return asyncio.get_running_loop().call_later(seconds, begin, f"no answer for {seconds:g} s")

    def _lost(self, error: LedgerUnavailable) -> None:
        self._until_written = self._until_written or error.only_writing
        self._outage.begin(error)

    def _reached(self, *, wrote: bool) -> None:
        # Where there is no room, reading shows nothing.
        if wrote or not self._until_written:
            self._until_written = False
            self._outage.end()

    async def _begun(self, stack: AsyncExitStack) -> tuple[AsyncConnection, AsyncTransaction]:
        """A connection, which the stack gives back, and a transaction that has begun on it."""
        async with AsyncExitStack() as attempt:
            with translated():
                connection = await attempt.enter_async_context(self._connected())
                opened = connection.begin()
                await uninterrupted(opened.start())
            stack.push_async_exit(attempt.pop_all())
            return connection, opened

    async def _roll_back(self, opened: AsyncTransaction) -> None:
        try:
            await uninterrupted(opened.rollback())
        except SQLAlchemyError as error:
            # The connection is lost, and with it the transaction.
            if not isinstance(understood(error), LedgerUnavailable):
                raise

    async def _bring_up_to_date(self) -> None:
        with translated():
            async with self._connected() as connection:
                await uninterrupted(_upgrade(connection))
        self._reached(wrote=True)

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


async def _upgrade(connection: AsyncConnection) -> None:
    async with connection.begin():
        await connection.run_sync(migrations.upgrade)


async def _engine(text: str, busy_seconds: float) -> AsyncEngine:
    try:
        url = make_url(text)
    except ArgumentError as error:
        # The text itself may hold a password.
        raise LedgerError("the ledger's URL cannot be read as an SQLAlchemy URL") from error
    if url.get_backend_name() == "sqlite":
        return await _sqlite(url, busy_seconds)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    raise LedgerError(f"the ledger is kept in SQLite or PostgreSQL, not in {url.drivername}")


async def _sqlite(url: URL, busy_seconds: float) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        await aiofiles.os.makedirs(Path(url.database).parent, exist_ok=True)
    # The parameters hold what people wrote.
    engine = create_async_engine(url, connect_args={"timeout": busy_seconds}, hide_parameters=True)

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
        hide_parameters=True,
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
