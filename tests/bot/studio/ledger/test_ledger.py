"""Transactions, migrations, updates, pictures, albums and drafts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.studio.ledger import migrations
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import DeliveryKind, Draft, Notice, Refusal
from bot.studio.ledger.repository import utc_now
from bot.studio.ledger.results import LedgerError, LedgerTooNew
from bot.studio.ledger.tables import metadata, updates
from bot.telegram.place import Place
from tests.bot.databases import Databases
from tests.bot.studio.scenes import (
    NOT_AN_IMAGE,
    PLACE,
    Clock,
    arrival,
    picture,
    queued_order,
    ready_picture,
    wanted,
)
from tests.postgresql import Server

TOPIC = Place(chat_id=-100, thread_id=3, private=False)


@pytest.fixture
async def empty_url(databases: Databases) -> AsyncIterator[str]:
    """A database without any tables."""
    async with databases.fresh(empty=True) as url:
        yield url


def _is_the_ledgers(name: str | None, kind: str, _parents: object) -> bool:
    """Not what carries orders to workers; the ledger itself does not look at it."""
    return kind != "table" or not str(name).startswith(("procrastinate_", "worker"))


def _differences(connection: Connection) -> list[Any]:
    opts = {"compare_type": True, "include_name": _is_the_ledgers}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, metadata))


async def test_the_migrations_make_the_tables_that_the_code_uses(empty_url: str) -> None:
    await (await Ledger.open(empty_url)).close()
    engine = create_async_engine(empty_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


def _go_back(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0].replace("%", "%%"))
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


async def test_a_ledger_of_the_first_version_keeps_orders_and_deliveries(empty_url: str) -> None:
    ledger = await Ledger.open(empty_url)
    async with ledger.begin() as transaction:
        order = await queued_order(transaction)
        bad = await picture(transaction)
        await transaction.save_draft(Draft(place=PLACE, user_id=7, content=bad))
        # Of a refused picture the first version kept nothing.
        await transaction.picture_refused(bad.id, NOT_AN_IMAGE)
        assert await transaction.ask_for_file(order.id, reply_to=5, asked_by="one")
        due = utc_now() + timedelta(hours=1)
        [asked] = [d for d in await transaction.due_deliveries(due) if d.order_id == order.id]
    await ledger.close()
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.run_sync(_go_back, "0001")
    await engine.dispose()
    ledger = await Ledger.open(empty_url)
    async with ledger.begin() as transaction:
        assert await transaction.order(order.id) == order
        assert await transaction.due_deliveries(due) == [asked]
        # Ids are not given out twice.
        await transaction.cancel(order.id)
        assert all(d.id >= asked.id for d in await transaction.due_deliveries(due))
    await ledger.close()


async def test_a_ledger_is_kept_from_one_opening_to_the_next(empty_url: str) -> None:
    for update_id in (5, 6):
        ledger = await Ledger.open(empty_url)
        async with ledger.begin() as transaction:
            await transaction.keep_update(update_id, "{}")
        await ledger.close()
    ledger = await Ledger.open(empty_url)
    async with ledger.begin() as transaction:
        assert await transaction.kept_updates() == [(5, "{}"), (6, "{}")]
    await ledger.close()


async def test_a_migration_that_has_begun_is_done_before_a_stop(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = migrations.upgrade

    def stopped_meanwhile(connection: Connection) -> None:
        opening.cancel()
        upgrade(connection)

    monkeypatch.setattr(migrations, "upgrade", stopped_meanwhile)
    opening = asyncio.create_task(Ledger.open(empty_url))
    await asyncio.wait([opening])
    assert opening.cancelled()
    engine = create_async_engine(empty_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


async def test_a_ledger_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    await (await Ledger.open(empty_url)).close()
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(LedgerTooNew, match="a newer Atelier, with tables of revision 9999"):
        await Ledger.open(empty_url)


@pytest.mark.parametrize("url", ["mysql://localhost/atelier", "not a url"])
async def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(LedgerError):
        await Ledger.open(url)


async def test_a_driver_that_is_not_there_is_one_line() -> None:
    with pytest.raises(LedgerError) as refusal:
        await Ledger.open("sqlite+nothing:///ledger.db")
    assert "\n" not in str(refusal.value)


async def test_a_database_that_has_somebody_elses_queue_is_left_alone(server: Server) -> None:
    url = server.url(await server.create())
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE procrastinate_jobs (id int)"))
    with pytest.raises(LedgerError, match=r'"procrastinate_jobs" already exists$') as raised:
        await Ledger.open(url)
    assert isinstance(raised.value.__cause__, SQLAlchemyError)
    async with engine.connect() as connection:
        assert not await connection.run_sync(
            lambda connection: {*inspect(connection).get_table_names()} & {*metadata.tables}
        )
    await engine.dispose()


async def test_a_file_that_is_no_ledger_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    file.write_bytes(b"not a database " * 1000)
    with pytest.raises(LedgerError, match="not a database"):
        await Ledger.open(f"sqlite+aiosqlite:///{file}")
    assert file.read_bytes() == b"not a database " * 1000


async def test_sqlite_syncs_each_commit_and_checks_references(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        if transaction._connection.dialect.name != "sqlite":
            pytest.skip("about SQLite")
        found = [
            (await transaction._connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 4_000]


async def test_references_are_checked(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        known = await picture(transaction)
    with pytest.raises(IntegrityError):
        async with ledger.begin() as transaction:
            await transaction.save_draft(
                Draft(place=PLACE, user_id=7, content=replace(known, id=999))
            )


async def test_an_exception_takes_everything_back(ledger: Ledger) -> None:
    async def stumble() -> None:
        async with ledger.begin() as transaction:
            await transaction.keep_update(1, "{}")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stumble()
    async with ledger.begin() as transaction:
        assert await transaction.newest_update() is None


async def test_only_what_writes_is_announced(ledger: Ledger) -> None:
    with ledger.changed.subscribe() as changes:
        async with ledger.begin() as transaction:
            await transaction.open_orders()
            await transaction.cancel(12345)
        assert not await changes.wait(0)
        async with ledger.begin() as transaction:
            await transaction.add_picture(arrival(PLACE, message_id=1))
            assert not await changes.wait(0)
        async with ledger.begin() as transaction:
            await transaction.add_picture(arrival(PLACE, message_id=2))
        assert await changes.wait(0)
        assert not await changes.wait(0)
    async with ledger.begin() as transaction:
        await transaction.add_picture(arrival(PLACE, message_id=3))
    assert not await changes.wait(0)


async def test_updates_come_and_go_without_waking_anybody(ledger: Ledger) -> None:
    with ledger.changed.subscribe() as changes:
        for update_id in (1, 2):
            async with ledger.begin() as transaction:
                assert await transaction.keep_updates({update_id: "{}", 7: "{}"})
                await transaction.update_handled(update_id, 7)
                assert transaction.wrote
        assert not await changes.wait(0)
        async with ledger.begin() as transaction:
            await transaction.keep_update(3, "{}")
            await transaction.add_picture(arrival(PLACE, message_id=1))
        assert await changes.wait(0)


async def test_transactions_run_one_after_another(ledger_url: str, ledger: Ledger) -> None:
    """Also those of another process, for which a second ledger stands here."""
    other = await Ledger.open(ledger_url)
    running = 0

    async def keep(which: Ledger, update_id: int) -> None:
        nonlocal running
        async with which.begin() as transaction:
            running += 1
            before = len(await transaction.kept_updates())
            await asyncio.sleep(0.001)
            await transaction.keep_update(update_id, "{}")
            assert len(await transaction.kept_updates()) == before + 1
            assert running == 1
            running -= 1

    await asyncio.gather(*(keep((ledger, other)[n % 2], n) for n in range(12)))
    async with other.begin() as transaction:
        assert len(await transaction.kept_updates()) == 12
    await other.close()


async def test_a_cancelled_task_leaves_all_or_nothing(ledger: Ledger) -> None:
    kept: set[int] = set()

    async def keep(update_id: int) -> None:
        async with ledger.begin() as transaction:
            await transaction.keep_update(update_id, "a")
            await transaction.keep_update(update_id + 1000, "b")
        kept.add(update_id)

    for number in range(40):
        task = asyncio.create_task(keep(number))
        for _ in range(number):
            await asyncio.sleep(0)
        await asyncio.sleep(number * 0.0002)
        task.cancel()
        await asyncio.wait([task])
    async with ledger.begin() as transaction:
        found = {update_id for update_id, _ in await transaction.kept_updates()}
    assert {n for n in found if n < 1000} == {n - 1000 for n in found if n >= 1000}
    assert kept <= found


async def test_an_update_is_kept_once_and_handled_once(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        assert await transaction.keep_update(10, '{"a": 1}')
        assert not await transaction.keep_update(10, '{"a": 1}')
        # After a quiet week Telegram goes on with any number.
        assert await transaction.keep_update(3, "{}")
        assert await transaction.newest_update() == 3
        assert await transaction.kept_updates() == [(10, '{"a": 1}'), (3, "{}")]
        await transaction.update_handled(10)
        assert await transaction.kept_updates() == [(3, "{}")]
        assert not await transaction.keep_update(10, '{"a": 1}')
        new = await transaction.keep_updates({5: "{}", 10: "{}", 4: "{}"})
        assert set(new) == {4, 5}
        assert [update_id for update_id, _ in await transaction.kept_updates()] == [3, 5, 4]
        await transaction.update_handled(5, 3)
        assert await transaction.kept_updates() == [(4, "{}")]


async def test_handled_updates_are_forgotten_after_ten_thousand_others(
    ledger: Ledger, clock: Clock
) -> None:
    async with ledger.begin() as transaction:
        assert await transaction.keep_update(1, "waits")
        rows = [
            {"update_id": number, "payload": "{}", "handled": False, "kept_at": clock()}
            for number in range(2, 10_004)
        ]
        await transaction._connection.execute(insert(updates), rows)
        for update_id in (2, 3, 10_003):
            await transaction.update_handled(update_id)
        assert await transaction.keep_update(2, "{}")
        assert await transaction.keep_update(3, "{}")
        assert not await transaction.keep_update(10_003, "{}")
        assert (await transaction.kept_updates())[0] == (1, "waits")


async def test_a_message_brings_its_picture_once(ledger: Ledger, clock: Clock) -> None:
    come = arrival(TOPIC, message_id=5)
    async with ledger.begin() as transaction:
        added = await transaction.add_picture(come)
        assert added is not None
        assert (added.place, added.user_id, added.received_at) == (TOPIC, 7, clock.now)
        assert await transaction.add_picture(come) is None
        assert await transaction.picture_of_message(-100, 5) == added
        assert await transaction.picture_of_message(-100, 6) is None
        assert await transaction.pending_pictures() == [added]
        assert await transaction.picture_ready(added.id, path="images/x", width=4, height=3) == []
        assert await transaction.pending_pictures() == []
        fetched = await transaction.picture(added.id)
        assert fetched is not None
        assert (fetched.path, fetched.width, fetched.height) == ("images/x", 4, 3)
        # A second answer about the same picture changes nothing.
        await transaction.save_draft(Draft(place=TOPIC, user_id=7, content=fetched))
        await transaction.picture_refused(added.id, NOT_AN_IMAGE)
        assert await transaction.picture(added.id) == fetched
        assert await transaction.due_deliveries(clock()) == []


async def test_an_album_is_settled_once(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        parts = [
            await transaction.add_picture(arrival(message_id=number, media_group_id="a"))
            for number in (1002, 1001)
        ]
        await transaction.add_picture(arrival(message_id=1003, media_group_id="b"))
        await transaction.add_picture(arrival(message_id=1004))
        # Another chat may use the same name.
        await transaction.add_picture(arrival(TOPIC, message_id=1005, media_group_id="a"))
        assert [[p.message_id for p in album] for album in await transaction.open_albums()] == [
            [1005],
            [1001, 1002],
            [1003],
        ]
        assert await transaction.album(42, "a") == parts[::-1]
        assert await transaction.settle_album(42, "a")
        assert not await transaction.settle_album(42, "a")
        assert not await transaction.settle_album(42, "unknown")
        assert len(await transaction.open_albums()) == 2


async def test_each_person_has_a_draft_in_each_place(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        first, second = await picture(transaction), await picture(transaction)
        empty = await transaction.draft(TOPIC, 7)
        assert empty == Draft(place=TOPIC, user_id=7)
        mine = replace(empty, content=first, styles=(second, first), prompt=99, language="pt-br")
        await transaction.save_draft(mine)
        await transaction.save_draft(Draft(place=TOPIC, user_id=8, styles=(second,)))
        await transaction.save_draft(
            Draft(place=replace(TOPIC, thread_id=None), user_id=7, content=second)
        )
    async with ledger.begin() as transaction:
        assert await transaction.draft(TOPIC, 7) == mine
        assert (await transaction.draft(TOPIC, 8)).styles == (second,)
        assert (await transaction.draft(replace(TOPIC, thread_id=None), 7)).content == second
        assert await transaction.clear_draft(TOPIC, 7)
        assert not await transaction.clear_draft(TOPIC, 7)
        assert await transaction.draft(TOPIC, 7) == empty
        # A prompt alone is worth remembering, nothing at all is not.
        await transaction.save_draft(replace(empty, prompt=3))
        assert await transaction.clear_draft(TOPIC, 7)
        await transaction.save_draft(empty)
        assert not await transaction.clear_draft(TOPIC, 7)


async def test_a_refused_picture_leaves_its_draft(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        first, second = await picture(transaction), await picture(transaction)
        draft = Draft(place=PLACE, user_id=7, content=first, styles=(second,), language="de")
        await transaction.save_draft(draft)
        small = Refusal(name="ImageTooSmallError", facts={"width": 1, "height": 2, "minimum": 16})
        await transaction.picture_refused(first.id, small)
        assert await transaction.draft(PLACE, 7) == replace(draft, content=None)
        [news] = await transaction.due_deliveries(clock())
        assert (news.kind, news.order_id, news.reply_to) == (
            DeliveryKind.REFUSAL,
            None,
            first.message_id,
        )
        told = replace(small, facts={**small.facts, "kind": first.kind})
        assert news.notice == Notice(place=PLACE, user_id=7, language="de", refusal=told)
        # Of what has been told nothing is kept.
        await transaction.delivery_sending(news.id)
        await transaction.delivery_sent(news.id, 1234)
        assert await transaction.unsure_deliveries() == []
        await transaction.picture_refused(second.id, NOT_AN_IMAGE)
        assert not await transaction.clear_draft(PLACE, 7)
        await transaction.picture_refused(second.id, NOT_AN_IMAGE)
        await transaction.picture_refused(999, NOT_AN_IMAGE)
        [news] = await transaction.due_deliveries(clock())
        await transaction.forget(7, update_id=1)
        assert await transaction.due_deliveries(clock()) == []


@pytest.mark.parametrize("begun", [False, True])
async def test_a_refused_picture_takes_its_order_along(
    ledger: Ledger, clock: Clock, begun: bool
) -> None:
    async with ledger.begin() as transaction:
        bad, good = await picture(transaction), await ready_picture(transaction)
        order = await transaction.place_order(wanted(bad, good), limit=5)
        other = await ready_picture(transaction)
        if begun:
            await transaction.save_draft(Draft(place=PLACE, user_id=7, content=other))
        await transaction.picture_refused(bad.id, NOT_AN_IMAGE)
        cancelled = await transaction.order(order.id)
        assert cancelled is not None
        assert cancelled.state == "cancelled"
        draft = await transaction.draft(PLACE, 7)
        if begun:
            assert (draft.content, draft.styles) == (other, ())
        else:
            assert (draft.content, draft.styles) == (None, (good,))
        told = await transaction.due_deliveries(clock())
        assert {(news.kind, news.order_id, news.reply_to) for news in told} == {
            (DeliveryKind.CANCELLATION, order.id, None),
            (DeliveryKind.REFUSAL, None, order.reply_to),
        }


async def test_a_group_that_becomes_a_supergroup_takes_everything_along(ledger: Ledger) -> None:
    old, new = Place(chat_id=-1, private=False), Place(chat_id=-1001, private=False)
    async with ledger.begin() as transaction:
        content, style = (
            await ready_picture(transaction, old),
            await ready_picture(transaction, old),
        )
        order = await transaction.place_order(wanted(content, style, source="-1:1"), limit=5)
        await transaction.set_card(order.id, 77, has_photo=True)
        await transaction.save_draft(Draft(place=old, user_id=7, content=content))
        await transaction.save_draft(Draft(place=old, user_id=8, content=content))
        await transaction.save_draft(Draft(place=new, user_id=8, content=style))
        await transaction.chat_migrated(-1, -1001)
        moved = await transaction.order(order.id)
        assert moved is not None
        assert (moved.place, moved.card, moved.card_has_photo, moved.reply_to) == (
            new,
            None,
            False,
            0,
        )
        assert (await transaction.draft(new, 7)).content == content
        assert (await transaction.draft(new, 8)).content == style
        # What Telegram sends once more about the old chat is still recognised.
        assert await transaction.picture_of_message(-1, content.message_id) == content
        again = await transaction.place_order(wanted(content, style, source="-1:1"), limit=5)
        assert again.id == order.id


async def test_times_come_back_aware_and_exact(ledger: Ledger, clock: Clock) -> None:
    clock.now = datetime(2030, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
    async with ledger.begin() as transaction:
        added = await picture(transaction)
    assert added.received_at == clock.now
    assert added.received_at.tzinfo is UTC


async def test_two_decodings_may_begin_without_an_end(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        found = await picture(transaction)
        for _ in range(3):
            assert await transaction.begin_decoding(found.id)
            await transaction.end_decoding(found.id)
        begun = [await transaction.begin_decoding(found.id) for _ in range(3)]
        assert begun == [True, True, False]
        ready = await ready_picture(transaction)
        assert not await transaction.begin_decoding(ready.id)
