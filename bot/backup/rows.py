"""The ledger's rows as text, the same for either database and for any revision of the tables.

Which columns there are is asked of the database, not of this version's code: a backup of an older
revision is taken into tables of that revision, and these are brought up to date.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    MetaData,
    Table,
    column,
    delete,
    event,
    func,
    insert,
    select,
    table,
)
from sqlalchemy.engine import Inspector
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.functions import FunctionElement

from bot.backup.archive import PIECE, ArchiveDamaged, parsed
from bot.studio.ledger import tables
from bot.studio.ledger.faults import understood
from bot.studio.ledger.results import LedgerUnavailable
from bot.studio.ledger.tables import Moment

_AT_ONCE: Final = 500
"""Rows that are fetched together."""
# Where each database keeps the last id that it gave out: https://www.sqlite.org/autoinc.html and
# https://www.postgresql.org/docs/current/view-pg-sequences.html
_SQLITE: Final = table("sqlite_sequence", column("name"), column("seq"))
_POSTGRESQL: Final = table(
    "pg_sequences", column("schemaname"), column("sequencename"), column("last_value")
)


def reflected(connection: Connection) -> MetaData:
    """The ledger's tables as they are in this database, with types that are the same in each."""
    found = MetaData()

    @event.listens_for(found, "column_reflect")
    def generalise(_inspector: Inspector, _table: Table, column: ReflectedColumn) -> None:
        if isinstance(column["type"], DateTime):
            column["type"] = Moment()
        elif isinstance(column["type"], JSON):
            column["type"] = JSON(none_as_null=True)

    found.reflect(connection, only=lambda name, _: name in tables.metadata.tables)
    return found


def dumped(connection: Connection, table: Table) -> Iterator[bytes]:
    """All rows of a table, one JSON object a line, in pieces of about a megabyte."""
    lines, size = [], 0
    result = connection.execution_options(yield_per=_AT_ONCE).execute(select(table))
    for row in result.mappings():
        line = json.dumps(dict(row), default=datetime.isoformat).encode()
        lines.append(line)
        size += len(line)
        if size >= PIECE:
            yield b"\n".join(lines)
            lines, size = [], 0
    if lines:
        yield b"\n".join(lines)


def load(connection: Connection, table: Table, piece: bytes) -> int:
    """Insert a piece of `dumped`; returns how many rows it holds.

    Raises:
        ArchiveDamaged: it holds something else, or what cannot stand in the table.
        SQLAlchemyError: the database is out of reach, or full.
    """
    moments = [column.name for column in table.c if isinstance(column.type, Moment)]
    rows = []
    for line in piece.splitlines():
        row = parsed(line)
        if not isinstance(row, dict) or set(row) != set(table.c.keys()):
            raise ArchiveDamaged(f"it holds a row that is none of {table.name}")
        rows.append(row | {name: _moment(row[name]) for name in moments})
    try:
        connection.execute(insert(table), rows)
    except (SQLAlchemyError, OverflowError) as error:
        if isinstance(error, SQLAlchemyError) and _is_out_of_reach(error):
            raise
        raise ArchiveDamaged(f"it holds rows that {table.name} does not take") from error
    return len(rows)


def last_ids(connection: Connection, found: MetaData) -> dict[str, int]:
    """The last id that was given out in each table that counts its rows.

    It can be of a row that is no more: ids are never given out twice.
    """
    counted = {}
    for name in _counting(found):
        if connection.dialect.name == "sqlite":
            query = select(_SQLITE.c.seq).where(_SQLITE.c.name == name)
        else:
            sequence = func.format("%I.%I", _POSTGRESQL.c.schemaname, _POSTGRESQL.c.sequencename)
            query = select(_POSTGRESQL.c.last_value).where(sequence == _sequence(name))
        if last := connection.scalar(query):
            counted[name] = int(last)
    return counted


def count_on(connection: Connection, found: MetaData, given_out: dict[str, Any]) -> None:
    """Have each table that counts its rows go on after the last id that was given out."""
    for name in given_out.keys() & _counting(found):
        last = int(given_out[name])
        if connection.dialect.name == "sqlite":
            connection.execute(delete(_SQLITE).where(_SQLITE.c.name == name))
            connection.execute(insert(_SQLITE).values(name=name, seq=last))
        else:
            connection.execute(select(func.setval(_sequence(name), last)))


def _counting(found: MetaData) -> set[str]:
    return {one.name for one in found.sorted_tables if one.primary_key.columns.keys() == ["id"]}


def _sequence(name: str) -> FunctionElement[str]:
    return func.pg_get_serial_sequence(name, "id")


def _is_out_of_reach(error: SQLAlchemyError) -> bool:
    return isinstance(understood(error), LedgerUnavailable)


def _moment(value: object) -> datetime | None:
    try:
        moment = None if value is None else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ArchiveDamaged(f"it holds {value!r:.40} as a time") from error
    if moment is not None and moment.tzinfo is None:
        raise ArchiveDamaged(f"it holds {value!r:.40}, a time without a zone")
    return moment
