"""One bot to a ledger: two would take each other's orders apart, and tell everything twice.

On PostgreSQL it is a lock of the session's, on a connection that does nothing else: the server
takes it back when the bot is gone, however it went. Beside an SQLite file it is a file that the
system locks.
"""

import fcntl
import secrets
import socket
from pathlib import Path
from typing import Final, TextIO

from sqlalchemy import URL, Row
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.studio.ledger.faults import translated
from bot.studio.ledger.results import LedgerInUse, LedgerUnavailable
from bot.uninterrupted import uninterrupted

# Any number of 32 bits does, as long as all versions of Atelier use the same.
_LOCK: Final = 0x41_74_65_6D
_CONNECT_SECONDS: Final = 8
# A machine that is switched off closes no connection: the server asks after this time.
_ASK_SECONDS: Final = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_TRY: Final = sql("SELECT pg_try_advisory_lock(:lock)").bindparams(lock=_LOCK)
_HOLDER: Final = sql(
    "SELECT pid, application_name AS name,"
    " to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI UTC') AS since"
    " FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE locktype = 'advisory' AND pg_database.datname = current_database()"
    " AND classid = 0 AND objid = :lock AND objsubid = 1 AND granted"
).bindparams(lock=_LOCK)
_END: Final = sql("SELECT pg_terminate_backend(:pid)")


class SoleUse:
    """A bot's claim to a ledger, which no second bot is granted meanwhile."""

    def __init__(self, url: URL) -> None:
        self._url = url
        # What an application may be called: 63 characters of ASCII.
        name = f"Atelier {secrets.token_hex(4)} on {socket.gethostname()}"
        self._name = name.encode("ascii", "replace").decode()[:63]
        self._connection: AsyncConnection | None = None
        self._file: TextIO | None = None

    async def claim(self) -> None:
        """Have the ledger to oneself; where that is so already, see that it is still so.

        Raises:
            LedgerInUse: another bot has it.
            LedgerUnavailable: the database is out of reach; then the claim is to be made anew.
        """
        if self._url.get_backend_name() == "postgresql":
            await self._claim_postgresql()
        elif self._file is None and self._url.database not in {None, "", ":memory:"}:
            self._file = _locked(Path(f"{self._url.database}.lock"))

    async def close(self) -> None:
        """Let another bot have it."""
        if self._file is not None:
            self._file.close()
        await self._disconnect()

    async def _claim_postgresql(self) -> None:
        try:
            with translated():
                if self._connection is None:
                    await uninterrupted(self._connect())
                else:
                    await uninterrupted(self._connection.execute(sql("SELECT 1")))
        except BaseException:
            await self._disconnect()
            raise

    async def _connect(self) -> None:
        engine = create_async_engine(
            self._url.set(drivername="postgresql+asyncpg"),
            poolclass=NullPool,
            # No transaction: one that stays open keeps the server from tidying up.
            isolation_level="AUTOCOMMIT",
            connect_args={
                "timeout": _CONNECT_SECONDS,
                "server_settings": {"application_name": self._name, **_ASK_SECONDS},
            },
        )
        self._connection = connection = await engine.connect()
        if await connection.scalar(_TRY):
            return
        other = (await connection.execute(_HOLDER)).first()
        if other is not None and other.name != self._name:
            raise LedgerInUse(_who(other))
        if other is not None:
            # Its network went, and the server has not noticed yet.
            await connection.execute(_END, {"pid": other.pid})
        raise LedgerUnavailable("an earlier connection of this bot's is being ended")

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await uninterrupted(connection.invalidate())
            await uninterrupted(connection.close())


async def holder(connection: AsyncConnection) -> str | None:
    """Which bot has the ledger in a PostgreSQL database, and since when; None: no bot has."""
    other = (await uninterrupted(connection.execute(_HOLDER))).first()
    return None if other is None else _who(other)


def _who(other: Row[tuple[int, str, str]]) -> str:
    return f"{other.name.partition(' on ')[2]}, since {other.since}"


def _locked(path: Path) -> TextIO:
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise LedgerInUse(None) from error
    return lock
