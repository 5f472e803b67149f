"""Restores a backup into an empty place: all of it, or nothing."""

import os
import shutil
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection, Table, inspect, make_url

from bot.backup import contents, rows
from bot.backup.archive import ArchiveDamaged, ArchiveReader, Member, parsed
from bot.backup.contents import BackupError, Report
from bot.settings import LEDGER_FILE, Settings
from bot.studio.ledger import migrations
from bot.studio.ledger.repository import utc_now
from bot.studio.ledger.results import LedgerTooNew
from bot.studio.ledger.sole_use import SoleUse
from bot.studio.ledger.tables import metadata
from bot.studio.ledger.transaction import Transaction

_TOO_NEW: Final = "The backup was made by a newer Atelier: update this one first."
_ID_LIMIT: Final = 2**63


@dataclass(slots=True, kw_only=True)
class _Taken:
    """What has been taken from an archive so far."""

    files: set[str] = field(default_factory=set)
    revision: str | None = None
    last_ids: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    rows: int = 0


async def restore(settings: Settings, file: BinaryIO) -> Report:
    """Bring back what `back_up` has written, into an empty DATA_DIR and an empty ledger.

    The rows are inserted while the whole archive is checked, in a transaction that ends only when
    the files that they name are there; nothing else is written before all of it has been seen.
    A bot that starts meanwhile is refused the ledger on PostgreSQL, and waits for it on SQLite; the
    caller sees to it that none is at work in DATA_DIR.

    Args:
        settings: whose data these shall be.
        file: the archive; it is read twice.

    Raises:
        BackupError: the place is not empty or too small, or a newer Atelier wrote the archive.
        ArchiveDamaged: the file is no backup, or damaged.
        LedgerInUse: a bot has the ledger.
        SQLAlchemyError: the database cannot be used.
        OSError: a file cannot be read or written, or the database cannot be reached.
    """
    data_dir = settings.data_dir
    _insist_on_room(data_dir, os.fstat(file.fileno()).st_size)
    made = _still_to_come(settings)
    try:
        async with (
            _alone(settings.ledger_url),
            contents.database(settings.ledger_url) as engine,
            engine.begin() as connection,
        ):
            await connection.run_sync(_insist_on_no_tables)
            taken = await connection.run_sync(_take_rows, file)
            named = await Transaction(connection, utc_now).named_files()
            _insist_on_files(named, taken)
            # Older tables are brought up to date; ids are counted on in those that come of it.
            await connection.run_sync(migrations.upgrade)
            await connection.run_sync(_count_on, taken)
            file.seek(0)
            count = _take_files(data_dir, file, named)
            # One call, instead of one for each file and each folder.
            os.sync()
    except BaseException:
        for path in made:
            _remove(path)
        raise
    return Report(rows=taken.rows, files=count, missing=tuple(sorted(named & taken.missing)))


@asynccontextmanager
async def _alone(url: str) -> AsyncGenerator[None, None]:
    if contents.sqlite_file(url) is not None:
        yield  # it has one writer at a time, who is in the midst of a transaction
        return
    sole_use = SoleUse(make_url(url))
    try:
        await sole_use.claim()
        yield
    finally:
        await sole_use.close()


def _insist_on_room(data_dir: Path, size: int) -> None:
    kept = (*contents.FOLDERS, *contents.LOOSE, LEDGER_FILE)
    if there := [name for name in kept if os.path.lexists(data_dir / name)]:
        raise BackupError(
            f"DATA_DIR {data_dir} is not empty, it has {', '.join(there)}: a backup is restored "
            "into an empty place; move what is there away, or name another."
        )
    if (free := shutil.disk_usage(data_dir).free) < size:
        raise BackupError(
            f"DATA_DIR {data_dir} has {free // 2**20} MB of free space, and the backup takes "
            f"{size // 2**20} MB: make room, or name another place."
        )


def _insist_on_no_tables(connection: Connection) -> None:
    if set(inspect(connection).get_table_names()) & {*metadata.tables, "alembic_version"}:
        raise BackupError(
            "The ledger is not empty: a backup is restored into an empty place; give DATABASE_URL "
            "another database, or move the ledger away."
        )


def _take_rows(connection: Connection, file: BinaryIO) -> _Taken:
    """Read the whole archive, and insert its rows into tables of its revision."""
    archive = ArchiveReader(file)
    taken = _Taken()
    for number, member in enumerate(archive.members()):
        if number == 0:
            _insist_on_format(member)
        elif member.name in taken.files:
            raise ArchiveDamaged(f"it holds {member.name!r:.80} twice")
        elif contents.is_image(member.name) or contents.is_loose(member.name):
            taken.files.add(member.name)
        elif member.name == contents.LEDGER and taken.revision is None:
            _begin_ledger(connection, member, taken)
        elif (match := contents.ROWS.fullmatch(member.name)) and match["table"] in taken.tables:
            piece = member.read(limit=contents.LARGEST_TEXT)
            taken.rows += rows.load(connection, taken.tables[match["table"]], piece)
        else:
            raise ArchiveDamaged(f"it holds {member.name!r:.80}, which belongs to no backup")
    if taken.revision is None:
        raise ArchiveDamaged("it holds no ledger")
    match archive.facts.get("missing"):
        case [*names]:
            taken.missing.update(map(str, names))
    return taken


def _insist_on_format(member: Member) -> None:
    if member.name != contents.HEADER:
        raise ArchiveDamaged("it does not begin as one")
    match parsed(member.read(limit=contents.LARGEST_TEXT)):
        case {"format": contents.FORMAT}:
            return
        case {"format": int()}:
            raise BackupError(_TOO_NEW)
    raise ArchiveDamaged("it does not begin as one")


def _begin_ledger(connection: Connection, member: Member, taken: _Taken) -> None:
    match parsed(member.read(limit=contents.LARGEST_TEXT)):
        case {"revision": str(revision), "last_ids": dict(last_ids)} if all(
            type(last) is int and 0 < last < _ID_LIMIT for last in last_ids.values()
        ):
            try:
                migrations.insist_on_known(revision)
            except LedgerTooNew as error:
                raise BackupError(_TOO_NEW) from error
            migrations.upgrade(connection, revision)
            found = rows.reflected(connection)
            taken.revision, taken.last_ids = revision, last_ids
            taken.tables = {table.name: table for table in found.sorted_tables}
        case _:
            raise ArchiveDamaged("it does not say what its ledger is like")


def _count_on(connection: Connection, taken: _Taken) -> None:
    rows.count_on(connection, rows.reflected(connection), taken.last_ids)


def _still_to_come(settings: Settings) -> list[Path]:
    """What there will be that is not there yet, and has to go again if something fails."""
    names = (*contents.FOLDERS, *contents.LOOSE)
    paths = [settings.data_dir / name for name in names]
    if (ledger := contents.sqlite_file(settings.ledger_url)) is not None:
        paths.append(ledger)
    return [path for path in paths if not os.path.lexists(path)]


def _take_files(data_dir: Path, file: BinaryIO, wanted: Collection[str]) -> int:
    """Read the archive again, and write the files that are wanted; returns how many."""
    count = 0
    for member in ArchiveReader(file).members():
        if member.name not in wanted and not contents.is_loose(member.name):
            continue
        path = data_dir / member.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            for piece in member.pieces():
                target.write(piece)
        if member.name in contents.SECRETS:
            path.chmod(0o600)
        count += 1
    return count


def _insist_on_files(named: Collection[str], taken: _Taken) -> None:
    if lacking := set(named) - taken.files - taken.missing:
        raise ArchiveDamaged(f"it lacks {min(lacking)!r:.80}, which its ledger names")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
