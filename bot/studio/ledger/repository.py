"""What every repository shares: the open transaction, the clock, and reading and writing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CursorResult, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import ColumnElement, UpdateBase

from bot.studio.ledger.faults import translated
from bot.telegram.place import Place
from bot.uninterrupted import uninterrupted

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class Repository:
    """An open transaction."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._wrote = False
        self._changed = False

    @property
    def changed(self) -> bool:
        """Whether anything was changed that somebody may wait for (`Ledger.changed`)."""
        return self._changed

    @property
    def wrote(self) -> bool:
        """Whether anything was changed in this transaction so far."""
        return self._wrote

    async def _read(self, statement: Executable) -> Sequence[Row[Any]]:
        return (await self._execute(statement)).all()

    async def _write(self, statement: UpdateBase, *, awaited: bool = True) -> int:
        """Run a change that returns no rows, and that somebody may wait for; the rows touched."""
        touched = (await self._execute(statement)).rowcount
        self._note(written=touched > 0, awaited=awaited)
        return touched

    async def _write_ids(self, statement: UpdateBase, *, awaited: bool = True) -> list[int]:
        """Run a change that returns one integer column."""
        found = [int(row[0]) for row in await self._read(statement)]
        self._note(written=bool(found), awaited=awaited)
        return found

    def _note(self, *, written: bool, awaited: bool) -> None:
        self._wrote = self._wrote or written
        self._changed = self._changed or (written and awaited)

    async def _execute(self, statement: Executable) -> CursorResult[Any]:
        with translated():
            return await uninterrupted(self._connection.execute(statement))

    def _new(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT: both databases do, SQLAlchemy's common one does not."""
        if self._connection.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)


def place_columns(place: Place) -> dict[str, Any]:
    """A place as the columns that hold it."""
    return {
        "chat_id": place.chat_id,
        "thread_id": place.thread_id or 0,
        "private": place.private,
    }


def place_of(row: Row[Any]) -> Place:
    """The place that a row's columns hold."""
    return Place(chat_id=row.chat_id, thread_id=row.thread_id or None, private=row.private)


def at_place(table: Table, place: Place) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a row of `table` lies at `place`."""
    return (table.c.chat_id == place.chat_id, table.c.thread_id == (place.thread_id or 0))
