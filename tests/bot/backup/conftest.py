"""A ledger with something of everything in it, the files that it names, and an empty place."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from bot import storage
from bot.backup.backup import back_up, new_file
from bot.backup.contents import Report
from bot.backup.restore import restore
from bot.settings import Settings
from bot.studio.dispatch.checkpoints import Checkpoints
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Draft, Preferences, ShippedStyle, Wishes
from bot.studio.ledger.tables import metadata
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.files import Files
from tests.bot.databases import Databases
from tests.bot.studio.scenes import NOT_AN_IMAGE, PLACE, picture, ready_picture, wanted

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-"
SHIPPED = "images/5e/5e3f0000000000000000000000000000.jpg"


def settings(data_dir: Path, url: str) -> Settings:
    data_dir.mkdir(exist_ok=True)
    return Settings.model_validate(
        {"telegram_bot_token": TOKEN, "data_dir": data_dir, "database_url": url}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """A place with a ledger and files, as a bot leaves them."""

    settings: Settings
    ledger: Ledger
    files: Files

    async def save(self, path: Path, *, secrets: bool = False) -> Report:
        with new_file(path) as file:
            return await back_up(self.settings, file, secrets=secrets)

    async def paint(self, user_id: int = 7) -> int:
        """Have an order placed and painted; returns its id."""
        content, style, painting = [
            await self.files.write(f"{user_id}: {name}".encode(), ".jpg")
            for name in ("content", "style", "painting")
        ]
        async with self.ledger.begin() as transaction:
            pictures = [await ready_picture(transaction, path=path) for path in (content, style)]
            order = await transaction.place_order(
                wanted(pictures[0], pictures[1], wishes=Wishes(size=384, keep_colours=True)),
                limit=10_000,
            )
        async with self.ledger.begin() as transaction:
            running = await transaction.claim_next()
            assert running is not None
            await transaction.finish(running.id, running.epoch, painting=painting, note=None)
        return order.id


@pytest.fixture
async def url(databases: Databases) -> AsyncIterator[str]:
    async with databases.fresh() as made:
        yield made


@pytest.fixture
async def empty_url(databases: Databases) -> AsyncIterator[str]:
    async with databases.fresh(empty=True) as made:
        yield made


@pytest.fixture
async def studio(url: str, tmp_path: Path) -> AsyncIterator[Studio]:
    made = settings(tmp_path / "data", url)
    ledger = await Ledger.open(made.ledger_url)
    yield Studio(settings=made, ledger=ledger, files=Files(made.data_dir))
    await ledger.close()


@pytest.fixture
async def full(studio: Studio) -> Studio:
    """The same after a busy day."""
    data_dir = studio.settings.data_dir
    await studio.paint()
    last = await studio.paint()
    await storage.write(data_dir / SHIPPED, b"shipped")
    async with studio.ledger.begin() as transaction:
        await _fill(transaction, last)
    await Checkpoints(data_dir).write(last + 1, b"where it stands")
    for name in ("published.json", "webhook-secret", "alive", "lock"):
        await storage.write(data_dir / name, name.encode())
    return studio


async def _fill(transaction: Transaction, painted: int) -> None:
    await transaction.keep_update(7, '{"text": "\\ud83d\\udc08 caf\\u00e9"}')
    await transaction.save_preferences(7, Preferences(quality="fine", keep_colours=False))
    await transaction.ship_picture(ShippedStyle(digest="ab", path=SHIPPED, width=4, height=3))
    coming, bad = await picture(transaction), await picture(transaction)
    await transaction.save_draft(Draft(place=PLACE, user_id=7, content=coming, styles=(coming,)))
    await transaction.picture_refused(bad.id, NOT_AN_IMAGE)
    assert await transaction.ask_for_file(painted, reply_to=5, asked_by="one")
    await transaction.keep_sheet("gallery", "file-1")
    # Ids are never given out twice, be their rows gone.
    ready = await ready_picture(transaction, user_id=9, path=SHIPPED)
    order = await transaction.place_order(wanted(ready, ready, user_id=9), limit=5)
    await transaction.save_style(
        9, order.content, name="blue", title="Blue", language="de", limit=5
    )
    forgotten = await ready_picture(transaction, user_id=10)
    await transaction.place_order(wanted(forgotten, forgotten, user_id=10), limit=5)
    await transaction.forget(10, update_id=8)


async def contents_of(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, in no particular order but always the same."""
    engine = create_async_engine(url)
    found = {}
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            rows = [dict(row) for row in (await connection.execute(select(table))).mappings()]
            found[table.name] = sorted(rows, key=repr)
    await engine.dispose()
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def brought_back(archive: Path, place: Settings) -> Report:
    with archive.open("rb") as file:
        return await restore(place, file)
