"""The ledger's rows as text, the same for either database and for any revision of the tables.

Which columns there are is asked of the database, not of this version's code: a backup of an older
revision is taken into tables of that revision, and these are brought up to date.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, Connection, DateTime, MetaData, Table, event, insert, select, text
from sqlalchemy.engine import Inspector
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import SQLAlchemyError

from bot.backup.archive import PIECE, ArchiveDamaged, parsed
from bot.studio.ledger import tables
from bot.studio.ledger.faults import understood
from bot.studio.ledger.results import LedgerUnavailable
from bot.studio.ledger.tables import Moment

_AT_ONCE: Final = 500
"""Rows that are fetched together."""


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
    for table in _counting(found):
        if connection.dialect.name == "sqlite":
            query = "SELECT seq FROM sqlite_sequence WHERE name = :name"
        else:
            query = (
                "SELECT last_value FROM pg_sequences WHERE format('%I.%I', schemaname, "
                "sequencename) = pg_get_serial_sequence(:name, 'id')"
            )
        if last := connection.scalar(text(query), {"name": table.name}):
            counted[table.name] = int(last)
    return counted


def count_on(connection: Connection, found: MetaData, given_out: dict[str, Any]) -> None:
    """Have each table that counts its rows go on after the last id that was given out."""
    for table in _counting(found):
        last = given_out.get(table.name)
        if last is None:
            continue
        values = {"name": table.name, "last": int(last)}
        if connection.dialect.name == "sqlite":
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            query = "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"
        else:
            query = "SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"
        connection.execute(text(query), values)


def _counting(found: MetaData) -> list[Table]:
    return [table for table in found.sorted_tables if table.primary_key.columns.keys() == ["id"]]


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
