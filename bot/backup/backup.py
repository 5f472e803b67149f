"""Makes a backup while the bot runs: pictures first, then the rows of one moment."""

import errno
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Connection

from bot import storage
from bot.backup import contents, rows
from bot.backup.archive import ArchiveWriter
from bot.backup.contents import BackupError, Report
from bot.settings import Settings
from bot.studio.ledger import migrations
from bot.studio.ledger.repository import utc_now
from bot.studio.ledger.transaction import Transaction

STANDARD_OUTPUT: Final = Path("-")
_CANNOT_BE_WRITTEN: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE}


async def back_up(settings: Settings, file: BinaryIO, *, secrets: bool = False) -> Report:
    """Write everything in DATA_DIR and the ledger into an archive.

    The bot may be at work meanwhile. Files are written before the rows that name them, and go
    after these: so what is there is copied first, and then the rows of one moment are read. A
    file that they name and that was not there yet is copied then; one that has gone again in
    between has left the ledger, too, and a later moment is taken.

    Args:
        settings: whose data these are.
        file: where to; it is only written on.
        secrets: whether the files that are nobody else's business go along.

    Raises:
        BackupError: there is no ledger.
        LedgerTooNew: a newer Atelier wrote it.
        SQLAlchemyError: the database cannot be read.
        OSError: a file cannot be read or written, or the database cannot be reached.
    """
    left_out = () if secrets else contents.SECRETS
    _insist_on_ledger(contents.sqlite_file(settings.ledger_url))
    archive = ArchiveWriter(file)
    archive.add_bytes(contents.HEADER, json.dumps({"format": contents.FORMAT}).encode())
    there = (name for name in contents.kept_in(settings.data_dir) if name not in left_out)
    copied, _ = _add(archive, settings.data_dir, there)
    missing: set[str] = set()
    async with contents.database(settings.ledger_url) as engine:
        while True:
            async with engine.connect() as connection:
                named = await Transaction(connection, utc_now).named_files()
                more, gone = _add(archive, settings.data_dir, sorted(named - copied))
                copied |= more
                if gone <= missing:
                    # Rows that name them were there after the files had gone: they are lost.
                    count = await connection.run_sync(_add_rows, archive)
                    break
                missing |= gone
    archive.seal({"missing": sorted(gone)})
    return Report(rows=count, files=len(copied), missing=tuple(sorted(gone)))


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner may read, under its name once all of it has reached the disk.

    Args:
        path: where to; "-" is the standard output, which knows neither.

    Raises:
        BackupError: there is something already, or no room.
        OSError: it cannot be opened, or the caller's own.
    """
    try:
        if path == STANDARD_OUTPUT:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        else:
            with _new_file(path) as file:
                yield file
    except OSError as error:
        # Others say which file they are about, or are the database's.
        if error.errno not in _CANNOT_BE_WRITTEN or error.filename is not None:
            raise
        raise BackupError(
            f"The backup cannot be written to {path} ({error.strerror}): name another place."
        ) from error


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    _refuse_to_overwrite(path)
    descriptor, name = tempfile.mkstemp(
        dir=path.parent, prefix=f"{path.name}.", suffix=storage.UNFINISHED
    )
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_to_overwrite(path)
        unfinished.rename(path)
        storage.sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _insist_on_ledger(file: Path | None) -> None:
    # SQLite would make one.
    if file is not None and not file.is_file():
        raise BackupError(f"There is no ledger in {file}: check DATA_DIR and DATABASE_URL.")


def _refuse_to_overwrite(path: Path) -> None:
    if path.exists():
        raise BackupError(f"{path} is there already: name another file.")


def _add(archive: ArchiveWriter, data_dir: Path, names: Iterable[str]) -> tuple[set[str], set[str]]:
    """Copy files; the names of those that were there, and of those that were not."""
    there, gone = set(), set()
    for name in names:
        try:
            # Files are replaced, never changed: what is open stays as it is.
            with (data_dir / name).open("rb") as source:
                archive.add(name, source, os.fstat(source.fileno()).st_size)
        except FileNotFoundError:
            gone.add(name)
        else:
            there.add(name)
    return there, gone


def _add_rows(connection: Connection, archive: ArchiveWriter) -> int:
    """Copy the ledger as this transaction sees it; returns how many rows it has."""
    revision = migrations.recognise(connection)
    if revision is None:
        raise BackupError("There is nothing in the ledger: check DATA_DIR and DATABASE_URL.")
    found = rows.reflected(connection)
    facts = {"revision": revision, "last_ids": rows.last_ids(connection, found)}
    archive.add_bytes(contents.LEDGER, json.dumps(facts).encode())
    count = 0
    for table in found.sorted_tables:
        for number, piece in enumerate(rows.dumped(connection, table)):
            archive.add_bytes(f"ledger/{table.name}.{number:06}.jsonl", piece)
            count += len(piece.splitlines())
    return count
