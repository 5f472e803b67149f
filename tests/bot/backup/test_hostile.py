"""What is no backup, or one that somebody has meddled with: a line each, and nothing is left."""

import asyncio
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import inspect, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot import logs, storage
from bot.__main__ import main
from bot.backup import contents
from bot.backup.archive import ArchiveDamaged, ArchiveReader, ArchiveWriter
from bot.settings import Settings
from bot.studio.ledger.results import LedgerInUse
from bot.studio.ledger.sole_use import SoleUse
from tests.bot.backup.conftest import (
    TOKEN,
    Studio,
    brought_back,
    contents_of,
    files_in,
    settings,
)
from tests.bot.databases import Postgresql, make_tables, sqlite_url

HEADER = (contents.HEADER, {"format": 1})
LEDGER = (contents.LEDGER, {"revision": "0004", "last_ids": {"orders": 3}})
PATRON = {"user_id": 7, "served_at": None}
PICTURE = {
    "id": 1,
    "chat_id": 42,
    "thread_id": 0,
    "private": True,
    "message_id": 1,
    "user_id": 7,
    "kind": "photo",
    "file_id": "a",
    "file_unique_id": "b",
    "size": None,
    "media_group_id": None,
    "caption": None,
    "state": "ready",
    "path": None,
    "width": 4,
    "height": 3,
    "reason": None,
    "decodings": 0,
    "received_at": "2026-01-01T12:00:00+00:00",
}
Part = tuple[str, object]


def rows_of(table: str, *rows: object) -> Part:
    return f"ledger/{table}.000000.jsonl", b"\n".join(json.dumps(row).encode() for row in rows)


def sealed(*parts: Part, facts: dict[str, Any] | None = None) -> bytes:
    """An archive whose seal is right, whatever is in it."""
    file = io.BytesIO()
    archive = ArchiveWriter(file)
    for name, data in parts:
        archive.add_bytes(name, data if isinstance(data, bytes) else json.dumps(data).encode())
    archive.seal(facts or {"missing": []})
    return file.getvalue()


def link() -> bytes:
    info = tarfile.TarInfo("images/aa/link.jpg")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    whole = sealed(HEADER)
    return whole[:1024] + info.tobuf() + whole[1024:]


def negative() -> bytes:
    info = tarfile.TarInfo(contents.HEADER)
    info.size = -1
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(2048)


def too_large() -> bytes:
    info = tarfile.TarInfo(contents.HEADER)
    info.size = contents.LARGEST_TEXT + 1
    return info.tobuf()


def picture(**values: object) -> Part:
    return rows_of("pictures", {**PICTURE, **values})


IMAGE = "images/3f/" + "3f" * 16 + ".jpg"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "cut short"),
    "no tar": (lambda: b"hello" * 1000, "no tar"),
    "a link": (link, "no plain file"),
    "a negative size": (negative, "no plain file"),
    "too large": (too_large, "too large"),
    "another tar": (lambda: sealed(("readme.txt", b"hello")), "does not begin as one"),
    "a format to come": (lambda: sealed((contents.HEADER, {"format": 2})), "newer Atelier"),
    "no format": (lambda: sealed((contents.HEADER, [1])), "does not begin as one"),
    "deep": (lambda: sealed((contents.HEADER, b"[" * 100_000)), "cannot be read"),
    "no ledger": (lambda: sealed(HEADER), "holds no ledger"),
    "an odd ledger": (lambda: sealed(HEADER, (contents.LEDGER, {})), "what its ledger is like"),
    "a revision to come": (
        lambda: sealed(HEADER, (contents.LEDGER, {"revision": "9999", "last_ids": {}})),
        "newer Atelier",
    ),
    "two ledgers": (lambda: sealed(HEADER, LEDGER, LEDGER), "belongs to no backup"),
    "a way out": (lambda: sealed(HEADER, ("images/../../escaped", b"")), "belongs to no backup"),
    "a root": (lambda: sealed(HEADER, ("/escaped", b"")), "belongs to no backup"),
    "a lock": (lambda: sealed(HEADER, ("lock", b"")), "belongs to no backup"),
    "another table": (
        lambda: sealed(HEADER, LEDGER, rows_of("alembic_version", {"version_num": "0001"})),
        "belongs to no backup",
    ),
    "another column": (
        lambda: sealed(HEADER, LEDGER, rows_of("patrons", {**PATRON, "admin": True})),
        "none of patrons",
    ),
    "a number": (lambda: sealed(HEADER, LEDGER, rows_of("patrons", 7)), "none of patrons"),
    "a time without a zone": (
        lambda: sealed(HEADER, LEDGER, picture(received_at="2026-01-01T12:00:00")),
        "without a zone",
    ),
    "no time": (lambda: sealed(HEADER, LEDGER, picture(received_at=[1])), "as a time"),
    "no number": (lambda: sealed(HEADER, LEDGER, picture(width={"a": 1})), "does not take"),
    "a huge number": (lambda: sealed(HEADER, LEDGER, picture(chat_id=2**70)), "does not take"),
    "nothing": (lambda: sealed(HEADER, LEDGER, picture(file_id=None)), "does not take"),
    "the same row twice": (
        lambda: sealed(HEADER, LEDGER, rows_of("patrons", PATRON, PATRON)),
        "does not take",
    ),
    "no such picture": (
        lambda: sealed(
            HEADER, LEDGER, rows_of("draft_styles", {"draft_id": 1, "position": 0, "picture_id": 1})
        ),
        "does not take",
    ),
    "a picture elsewhere": (
        lambda: sealed(HEADER, LEDGER, picture(path="../../etc/passwd")),
        "lacks '../../etc/passwd'",
    ),
    "a picture that is not in it": (
        lambda: sealed(HEADER, LEDGER, picture(path=IMAGE)),
        f"lacks '{IMAGE}'",
    ),
    "odd counters": (
        lambda: sealed(
            HEADER, (contents.LEDGER, {"revision": "0004", "last_ids": {"orders": "x"}})
        ),
        "what its ledger is like",
    ),
    "the same picture twice": (
        lambda: sealed(HEADER, (IMAGE, b"one"), (IMAGE, b"two"), LEDGER, picture(path=IMAGE)),
        "twice",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_nothing_of_it_is_taken(kind: str, tmp_path: Path) -> None:
    await _refuses(kind, tmp_path, sqlite_url(tmp_path / "place" / "ledger.sqlite3"))
    assert files_in(tmp_path / "place") == {"notes.txt": b"mine"}


@pytest.mark.parametrize("kind", [kind for kind, (_, says) in HOSTILE.items() if "take" in says])
async def test_nor_is_it_by_postgresql(kind: str, postgresql: Postgresql, tmp_path: Path) -> None:
    async with postgresql.fresh(empty=True) as url:
        await _refuses(kind, tmp_path, url)
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            there = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        await engine.dispose()
    assert there == []


async def _refuses(kind: str, folder: Path, url: str) -> None:
    make, says = HOSTILE[kind]
    await storage.write(folder / "archive", make())
    place = settings(folder / "place", url)
    await storage.write(place.data_dir / "notes.txt", b"mine")
    with pytest.raises((ArchiveDamaged, contents.BackupError), match=says):
        await brought_back(folder / "archive", place)
    assert not any("escaped" in name for name in files_in(folder))


WHOLE = sealed(
    HEADER, (IMAGE, b"picture" * 100), LEDGER, rows_of("patrons", PATRON), picture(path=IMAGE)
)


def everything_in(data: bytes) -> dict[str, bytes]:
    archive = ArchiveReader(io.BytesIO(data))
    return {member.name: member.read(limit=10**6) for member in archive.members()}


def test_any_tool_opens_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(WHOLE)) as tar:
        names = tar.getnames()
    assert names == [*everything_in(WHOLE), "seal.json"]


@given(st.data())
def test_whatever_is_changed_is_noticed(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(WHOLE) - 4 * tarfile.BLOCKSIZE - 1))  # before the seal
    other = data.draw(st.none() | st.binary(max_size=3))
    changed = WHOLE[:index] + (other or b"") + WHOLE[index + len(other or b"") :]
    changed = WHOLE[:index] if other is None else changed
    assume(changed != WHOLE)
    with pytest.raises(ArchiveDamaged):
        everything_in(changed)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_a_place_that_is_not_empty_stays_as_it_is(full: Studio, tmp_path: Path) -> None:
    await full.save(tmp_path / "atelier.tar")
    there = files_in(full.settings.data_dir)
    with pytest.raises(contents.BackupError, match="not empty, it has images, checkpoints, publi"):
        await brought_back(tmp_path / "atelier.tar", full.settings)
    rows = await contents_of(full.settings.ledger_url)
    elsewhere = settings(tmp_path / "elsewhere", full.settings.ledger_url)
    with pytest.raises(contents.BackupError, match="ledger is not empty"):
        await brought_back(tmp_path / "atelier.tar", elsewhere)
    assert files_in(full.settings.data_dir) == there
    assert await contents_of(full.settings.ledger_url) == rows


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_no_bot_begins_with_a_ledger_that_is_being_restored(
    studio: Studio, postgresql: Postgresql, tmp_path: Path
) -> None:
    await studio.save(tmp_path / "atelier.tar")
    async with postgresql.fresh(empty=True) as url:
        bots = SoleUse(make_url(url))
        await bots.claim()
        place = settings(tmp_path / "place", url)
        with pytest.raises(LedgerInUse, match="is at work with it: stop that one"):
            await brought_back(tmp_path / "atelier.tar", place)
        await bots.close()
        await brought_back(tmp_path / "atelier.tar", place)


def test_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setattr(logs, "configure", lambda _: None)  # it is the whole process's
    asyncio.run(make_tables(sqlite_url(tmp_path / "data" / "ledger.sqlite3")))
    assert main(["backup", "atelier.tar"]) == 0
    assert main(["backup", "atelier.tar"]) == 2
    assert main(["restore", "atelier.tar"]) == 2
    monkeypatch.setenv("DATA_DIR", "place")
    assert main(["restore", "nowhere.tar"]) == 2
    assert main(["restore", __file__]) == 2
    assert main(["restore", "atelier.tar"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "The backup holds 0 rows and 0 files.",
        "Restored: 0 rows and 0 files.",
    ]
    assert told.err.splitlines() == [
        "atelier.tar is there already: name another file.",
        "DATA_DIR data is not empty, it has ledger.sqlite3: a backup is restored into an empty"
        " place; move what is there away, or name another.",
        "nowhere.tar: No such file or directory",
        f"{__file__} is no whole backup of Atelier's: it is no tar, or cut short.",
    ]
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:9/none")
    assert main(["backup", "other.tar"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("DATABASE_URL: the ledger in none on 127.0.0.1:9 cannot be used (")
    monkeypatch.delenv("DATABASE_URL")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["atelier.tar", "data", "place"]
    (tmp_path / "place" / "ledger.sqlite3").unlink()
    assert main(["backup", "-"]) == 2
    assert capsys.readouterr() == (
        "",
        f"There is no ledger in {tmp_path}/place/ledger.sqlite3: check DATA_DIR and"
        " DATABASE_URL.\n",
    )
