"""What is backed up comes back: all of it, in either database, and while the bot is at work."""

import asyncio
import stat
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from bot.backup import backup, contents, rows
from bot.studio.ledger import migrations
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.repository import utc_now
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.files import Files
from bot.studio.pictures.retention import Retention
from tests.bot.backup.conftest import (
    Studio,
    brought_back,
    contents_of,
    files_in,
    settings,
)
from tests.bot.databases import Databases, Sqlite
from tests.bot.studio.scenes import queued_order, ready_picture

NOT_KEPT = {"alive", "lock"}
ONCE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""For what is the same with every database."""


@pytest.fixture(params=["to sqlite", "to postgresql"])
def others(request: pytest.FixtureRequest, tmp_path: Path, empty_ledger: Path) -> Databases:
    if request.param == "to sqlite":
        (tmp_path / "other").mkdir()
        return Sqlite(tmp_path / "other", empty_ledger)
    made: Databases = request.getfixturevalue("postgresql")
    return made


async def test_everything_comes_back_in_either_database(
    full: Studio, others: Databases, tmp_path: Path
) -> None:
    archive = tmp_path / "atelier.tar"
    report = await full.save(archive, secrets=True)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    there = await contents_of(full.settings.ledger_url)
    assert [name for name, rows in there.items() if not rows] == ["albums"]
    assert report.rows == sum(map(len, there.values()))
    async with others.fresh(empty=True) as url:
        place = settings(tmp_path / "place", url)
        assert await brought_back(archive, place) == report
        assert await contents_of(place.ledger_url) == there
        assert files_in(place.data_dir) == {
            name: data
            for name, data in files_in(full.settings.data_dir).items()
            if name not in NOT_KEPT
        }
        for made in (full.settings, place):
            ledger = await Ledger.open(made.ledger_url)
            async with ledger.begin() as transaction:
                # The one after the one that was forgotten.
                assert (await queued_order(transaction)).id == 5
            await ledger.close()


@ONCE
async def test_secrets_stay_where_they_are(full: Studio, empty_url: str, tmp_path: Path) -> None:
    await full.save(tmp_path / "atelier.tar")
    assert b"webhook-secret" not in (tmp_path / "atelier.tar").read_bytes()
    place = settings(tmp_path / "place", empty_url)
    await brought_back(tmp_path / "atelier.tar", place)
    assert "webhook-secret" not in files_in(place.data_dir)


async def test_a_backup_in_the_midst_of_work_is_of_one_moment(
    studio: Studio, databases: Databases, tmp_path: Path
) -> None:
    """Orders are placed and painted, and pictures go again, as fast as they can."""
    done = asyncio.Event()

    async def life() -> None:
        ledger = await Ledger.open(studio.settings.ledger_url)
        files = Files(studio.settings.data_dir)
        working = Studio(settings=studio.settings, ledger=ledger, files=files)
        while not done.is_set():
            await working.paint()
            async with ledger.begin() as transaction:
                for delivery in await transaction.due_deliveries(utc_now()):
                    await transaction.delivery_sent(delivery.id, 1)
            await Retention(ledger, files, retention=timedelta(milliseconds=20)).tidy()
        await ledger.close()

    living = asyncio.create_task(asyncio.to_thread(asyncio.run, life()))
    try:
        for number in range(2):
            archive = tmp_path / f"{number}.tar"
            report = await studio.save(archive)
            assert report.missing == ()
            async with databases.fresh(empty=True) as url:
                place = settings(tmp_path / str(number), url)
                await brought_back(archive, place)
                ledger = await Ledger.open(place.ledger_url)
                async with ledger.begin() as transaction:
                    named = await transaction.named_files()
                await ledger.close()
                there = {name for name in files_in(place.data_dir) if name.startswith("images/")}
                assert there == named
    finally:
        done.set()
        await living


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Has something happen the first time that a backup has read which files the rows name."""

    def arrange(happening: Callable[[], object]) -> None:
        happenings = [happening]

        class Watched(Transaction):
            async def named_files(self) -> set[str]:
                named = await super().named_files()
                if happenings:
                    await asyncio.to_thread(happenings.pop())
                return named

        monkeypatch.setattr(backup, "Transaction", Watched)

    return arrange


async def test_a_picture_that_comes_and_goes_meanwhile_is_in_neither_half(
    studio: Studio,
    empty_url: str,
    tmp_path: Path,
    meanwhile: Callable[[Callable[[], object]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await studio.paint(1)
    there = set(files_in(studio.settings.data_dir))
    added = [await studio.files.write(b"new", ".jpg") for _ in range(2)]

    async def let(state: str) -> None:
        ledger = await Ledger.open(studio.settings.ledger_url)
        async with ledger.begin() as transaction:
            if state == "come":
                for user_id, path in enumerate(added, 20):
                    await ready_picture(transaction, user_id=user_id, path=path)
            else:
                [gone] = await transaction.forget(20, update_id=1)
                await studio.files.delete(gone)
        await ledger.close()

    await let("come")
    # They were not there yet when the pictures were copied.
    monkeypatch.setattr(contents, "kept_in", lambda _: iter(sorted(there)))
    meanwhile(lambda: asyncio.run(let("go")))
    report = await studio.save(tmp_path / "atelier.tar")
    assert report.missing == ()
    place = settings(tmp_path / "place", empty_url)
    await brought_back(tmp_path / "atelier.tar", place)
    assert await contents_of(place.ledger_url) == await contents_of(studio.settings.ledger_url)
    assert set(files_in(place.data_dir)) - {"ledger.db"} >= there | {added[1]}
    assert added[0] not in files_in(place.data_dir)


@ONCE
async def test_what_was_lost_before_is_told_and_no_obstacle(
    studio: Studio, empty_url: str, tmp_path: Path
) -> None:
    await studio.paint()
    lost = next((studio.settings.data_dir / "images").glob("??/*"))
    lost.unlink()
    name = lost.relative_to(studio.settings.data_dir).as_posix()
    assert (await studio.save(tmp_path / "atelier.tar")).missing == (name,)
    place = settings(tmp_path / "place", empty_url)
    assert (await brought_back(tmp_path / "atelier.tar", place)).missing == (name,)


async def test_an_older_ledger_comes_back_up_to_date(
    full: Studio, empty_url: str, tmp_path: Path
) -> None:
    """As the ledger itself is brought up to date."""

    def go_back(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", migrations.__path__[0].replace("%", "%%"))
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")

    await full.ledger.close()
    engine = create_async_engine(full.settings.ledger_url)
    async with engine.begin() as connection:
        await connection.run_sync(go_back)
    await engine.dispose()
    await full.save(tmp_path / "atelier.tar")
    place = settings(tmp_path / "place", empty_url)
    await brought_back(tmp_path / "atelier.tar", place)
    await (await Ledger.open(full.settings.ledger_url)).close()
    there = await contents_of(full.settings.ledger_url)
    assert await contents_of(place.ledger_url) == there


@ONCE
async def test_a_large_picture_is_not_held_in_memory(
    studio: Studio, empty_url: str, tmp_path: Path
) -> None:
    size = 32 * 1024 * 1024
    path = await studio.files.write(b"large", ".png")
    with (studio.settings.data_dir / path).open("r+b") as file:
        file.truncate(size)
    async with studio.ledger.begin() as transaction:
        await ready_picture(transaction, path=path)
    place = settings(tmp_path / "place", empty_url)
    tracemalloc.start()
    await studio.save(tmp_path / "atelier.tar")
    await brought_back(tmp_path / "atelier.tar", place)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (place.data_dir / path).stat().st_size == size
    assert most < size / 2


@ONCE
async def test_a_file_is_never_overwritten_and_never_half_there(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await studio.paint()
    archive = tmp_path / "backups" / "atelier.tar"
    archive.parent.mkdir()
    archive.write_bytes(b"another")
    with pytest.raises(contents.BackupError, match="is there already"):
        await studio.save(archive)
    assert archive.read_bytes() == b"another"
    archive.unlink()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rows, "dumped", full_disk)
    with pytest.raises(
        contents.BackupError, match=r"cannot be written to .*\(No space left on dev"
    ):
        await studio.save(archive)
    assert list(archive.parent.iterdir()) == []
