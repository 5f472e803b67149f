"""What a backup holds, and what its parts are called in it."""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.studio.dispatch import checkpoints
from bot.studio.pictures import files
from bot.telegram import profile
from bot.webhook_settings import SECRET_FILE

FORMAT: Final = 1
"""Counts up when an older Atelier could no longer read what is written."""

HEADER: Final = "atelier.json"
"""The first file: {"format": FORMAT}."""
LEDGER: Final = "ledger.json"
"""Stands before all rows: their revision, and the last id that was given out in each table."""
LARGEST_TEXT: Final = 64 * 1024 * 1024
"""Bytes of a header or a piece of a table at most; pieces are written of one megabyte."""
ROWS: Final = re.compile(r"ledger/(?P<table>[a-z_]{1,63})\.\d{6,}\.jsonl")

SECRETS: Final = (SECRET_FILE,)
"""Files of the data directory that are left out unless asked for."""

LOOSE: Final = (profile.MEMORY, *SECRETS)
"""Files of the data directory that lie in no folder of it."""
_CHECKPOINT: Final = re.compile(rf"{checkpoints.FOLDER}/\d{{1,19}}\.npz")
FOLDERS: Final = (files.FOLDER, checkpoints.FOLDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How many rows and files went into a backup or came out of it.

    `missing` are the pictures that the ledger names and the data directory has not.
    """

    rows: int
    files: int
    missing: tuple[str, ...] = ()


class BackupError(Exception):
    """A backup cannot be made or restored; the text says why and what to do, in one line."""


def is_image(name: str) -> bool:
    """Whether a name in an archive is that of a picture."""
    return files.PATH.fullmatch(name) is not None


def is_loose(name: str) -> bool:
    """Whether it is that of another file of the data directory."""
    return name in LOOSE or _CHECKPOINT.fullmatch(name) is not None


def kept_in(data_dir: Path) -> Iterator[str]:
    """The paths in a data directory of all files that belong into a backup, pictures first.

    They are asked for as it goes along: some may be gone when it comes to them.
    """
    for pattern, belongs in (
        (f"{files.FOLDER}/??/*", is_image),
        ("*", is_loose),
        ("*/*", is_loose),
    ):
        for path in data_dir.glob(pattern):
            name = path.relative_to(data_dir).as_posix()
            if belongs(name):
                yield name


def sqlite_file(url: str) -> Path | None:
    """The file of a ledger that is kept in SQLite; None for another."""
    parts = make_url(url)
    return Path(parts.database or "") if parts.get_backend_name() == "sqlite" else None


@asynccontextmanager
async def database(url: str) -> AsyncGenerator[AsyncEngine, None]:
    """Connections to the ledger's database whose transactions each see one moment of it.

    They do not take turns with the bot's: on SQLite a transaction sees what was there at its
    first look (https://www.sqlite.org/isolation.html), on PostgreSQL it is told to.
    """
    is_sqlite = sqlite_file(url) is not None
    engine = create_async_engine(
        url, **({} if is_sqlite else {"isolation_level": "REPEATABLE READ"})
    )
    if is_sqlite:

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
            # Otherwise sqlite3 itself decides when a transaction begins: not for reading.
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    try:
        yield engine
    finally:
        await engine.dispose()
