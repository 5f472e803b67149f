"""A connection to PostgreSQL that is made anew as often as it breaks."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar, cast

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import make_url

from bot.outage import BACKOFF, Outage

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# Without these a connection whose other end is gone is waited on for a quarter of an hour, and
# whoever is frozen in mid-transaction holds its locks for ever.
_NETWORK: Final = (
    "connect_timeout=8 keepalives_idle=5 keepalives_interval=2 keepalives_count=3"
    " tcp_user_timeout=10000"
    " options='-c idle_in_transaction_session_timeout=5000 -c tcp_user_timeout=10000'"
)
_AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError)

T = TypeVar("T")


def conninfo(url: str) -> str:
    """The libpq connection string for a SQLAlchemy URL of PostgreSQL; it may hold a password."""
    made = make_url(url).set(drivername="postgresql")
    if "ssl" in made.query:  # as asyncpg spells it
        made = made.update_query_dict({"sslmode": made.query["ssl"]})
        made = made.difference_update_query(["ssl"])
    return make_conninfo(made.render_as_string(hide_password=False), **conninfo_to_dict(_NETWORK))


class Link:
    """One connection, used by one transaction at a time.

    Args:
        conninfo: where to, as `conninfo` makes it.
        outage: is told when the database is out of reach, and when it is back.
    """

    def __init__(self, conninfo: str, outage: Outage) -> None:
        self._conninfo = conninfo
        self._outage = outage
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def perform(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in a transaction, again as often as the database goes away meanwhile.

        The answer to a commit can be lost: then `work` is done again although it was done.
        """
        failures = 0
        while True:
            try:
                async with self._transaction() as connection:
                    result = await work(connection)
            except (*_AWAY, ConnectorException) as error:
                if not _is_away(error):
                    raise
                self._outage.begin(error.__cause__ or error)
            else:
                self._outage.end()
                return result
            failures += 1
            await asyncio.sleep(BACKOFF.delay(failures))

    async def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[Connection, None]:
        async with self._turn:
            if self._connection is None or self._connection.closed:
                self._connection = await psycopg.AsyncConnection.connect(
                    self._conninfo,
                    autocommit=True,
                    application_name=f"Atelier on {socket.gethostname()}"[:63],
                )
            try:
                async with self._connection.transaction():
                    yield self._connection
            except BaseException:
                # Broken off in the middle: nobody knows what it still has to say.
                await self.close()
                raise


def _is_away(error: Exception) -> bool:
    cause = error.__cause__ if isinstance(error, ConnectorException) else error
    return isinstance(cause, _AWAY)


class _InTransaction:
    """What Procrastinate takes for its pool: a connection whose transaction is somebody else's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection, None]:
        yield self._connection


async def queue(connection: Connection) -> JobManager:
    """Procrastinate's queue, within the transaction that is open on a connection."""
    connector = PsycopgConnector()
    await connector.open_async(cast("AsyncConnectionPool", _InTransaction(connection)))
    return JobManager(connector)
