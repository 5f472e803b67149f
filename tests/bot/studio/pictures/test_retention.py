"""What goes when its time is over, what stays, and what a person has forgotten."""

import asyncio
import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.studio.ledger import retention
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Draft, Order, Picture, PictureState, Preferences
from bot.studio.ledger.results import RefusedPicture
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.files import Files
from bot.studio.pictures.retention import Retention
from bot.telegram.place import Place
from tests.bot.studio.scenes import PLACE, Clock, arrival, picture, ready_picture, wanted

WEEK = timedelta(days=7)
GROUP = Place(chat_id=-100, private=False)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def tidier(ledger: Ledger, files: Files, clock: Clock) -> Retention:
    return Retention(ledger, files, retention=WEEK, now=clock)


async def stored(
    transaction: Transaction, files: Files, user_id: int = 7, place: Place = PLACE
) -> Picture:
    path = await files.write(b"picture", ".jpg")
    return await ready_picture(transaction, place, user_id, path=path)


async def painted(
    transaction: Transaction,
    files: Files,
    content: Picture,
    style: Picture,
    *,
    user_id: int = 7,
    deliver: bool = True,
) -> Order:
    """An order that is done, and delivered."""
    order = await transaction.place_order(wanted(content, style, user_id=user_id), limit=100)
    running = await transaction.claim_next()
    assert running is not None
    assert running.id == order.id
    path = await files.write(b"painting", ".png")
    assert await transaction.finish(order.id, running.epoch, painting=path)
    if deliver:
        await delivered(transaction)
    done = await transaction.order(order.id)
    assert done is not None
    return done


async def delivered(transaction: Transaction) -> None:
    due = await transaction.due_deliveries(transaction._clock())
    for delivery in due:
        await transaction.delivery_sent(delivery.id, 1)


async def state(ledger: Ledger, known: Picture) -> PictureState:
    async with ledger.begin() as transaction:
        found = await transaction.picture(known.id)
    assert found is not None
    return found.state


async def test_pictures_and_painting_go_a_while_after_the_end(
    ledger: Ledger, files: Files, clock: Clock, tidier: Retention
) -> None:
    async with ledger.begin() as transaction:
        content, style = await stored(transaction, files), await stored(transaction, files)
        order = await painted(transaction, files, content, style)
    assert content.path
    assert order.painting
    clock.now += WEEK - timedelta(minutes=1)
    assert await tidier.tidy() == 0
    assert await files.read(content.path) == b"picture"
    clock.now += timedelta(minutes=2)
    assert await tidier.tidy() == 3
    assert await tidier.tidy() == 0
    for path in (content.path, order.painting):
        with pytest.raises(FileNotFoundError):
            await files.read(path)
    async with ledger.begin() as transaction:
        left = await transaction.order(order.id)
        assert left is not None
        assert left.painting is None
        assert (left.content.state, left.content.path) == (PictureState.GONE, None)
        assert (left.content.file_id, left.content.caption) == ("", None)
        assert left.finished_at == order.finished_at
        with pytest.raises(RefusedPicture):
            await transaction.place_order(wanted(left.content, *left.styles), limit=9)


async def test_what_is_still_needed_stays(
    ledger: Ledger, files: Files, clock: Clock, tidier: Retention
) -> None:
    async with ledger.begin() as transaction:
        shared, style, drafted = [await stored(transaction, files) for _ in range(3)]
        await painted(transaction, files, shared, style)
        undelivered = await painted(
            transaction, files, await stored(transaction, files), style, deliver=False
        )
    clock.now += WEEK + timedelta(hours=1)
    async with ledger.begin() as transaction:
        await transaction.place_order(wanted(shared, await stored(transaction, files)), limit=9)
        await transaction.save_draft(Draft(place=PLACE, user_id=7, styles=(drafted,)))
    assert await tidier.tidy() == 1  # The first order's painting.
    for kept in (shared, style, drafted, undelivered.content):
        assert await state(ledger, kept) is PictureState.READY
    async with ledger.begin() as transaction:
        await delivered(transaction)
    assert await tidier.tidy() == 3
    assert await state(ledger, shared) is PictureState.READY
    assert await state(ledger, style) is PictureState.GONE


async def test_pictures_and_drafts_that_became_nothing_go_as_well(
    ledger: Ledger, files: Files, clock: Clock, tidier: Retention
) -> None:
    async with ledger.begin() as transaction:
        unused, drafted = await stored(transaction, files), await stored(transaction, files)
        pending = await picture(transaction)
        await transaction.save_draft(Draft(place=PLACE, user_id=7, content=drafted))
    clock.now += WEEK - timedelta(minutes=1)
    assert await tidier.tidy() == 0
    clock.now += timedelta(minutes=2)
    assert await tidier.tidy() == 2
    assert await state(ledger, unused) is PictureState.GONE
    assert await state(ledger, pending) is PictureState.PENDING
    async with ledger.begin() as transaction:
        assert (await transaction.draft(PLACE, 7)).content is None


async def test_any_number_goes_in_one_round_of_small_transactions(
    ledger: Ledger,
    files: Files,
    clock: Clock,
    tidier: Retention,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "MOST_AT_ONCE", 2)
    async with ledger.begin() as transaction:
        for _ in range(5):
            await stored(transaction, files)
        pair = await stored(transaction, files), await stored(transaction, files)
        for _ in range(3):
            await painted(transaction, files, *pair)
    clock.now += WEEK + timedelta(hours=1)
    assert await tidier.tidy() == 10
    async with ledger.begin() as transaction:
        assert await transaction.named_files() == set()


async def test_without_retention_all_goes_with_the_delivery_but_half_made_orders_wait(
    ledger: Ledger, files: Files, clock: Clock
) -> None:
    tidier = Retention(ledger, files, retention=timedelta(0), now=clock)
    running = asyncio.create_task(tidier.run())
    async with ledger.begin() as transaction:
        drafted, unused = await stored(transaction, files), await stored(transaction, files)
        await transaction.save_draft(Draft(place=PLACE, user_id=7, content=drafted))
        content, style = await stored(transaction, files), await stored(transaction, files)
        order = await painted(transaction, files, content, style, deliver=False)
    assert await tidier.tidy() == 0
    with ledger.changed.subscribe() as changes:
        async with ledger.begin() as transaction:
            await delivered(transaction)
        while await state(ledger, content) is not PictureState.GONE:
            assert await changes.wait(10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await state(ledger, drafted) is PictureState.READY
    assert await state(ledger, unused) is PictureState.READY
    async with ledger.begin() as transaction:
        gone = await transaction.order(order.id)
        assert gone is not None
        assert gone.painting is None
    clock.now += timedelta(hours=25)
    assert await tidier.tidy() == 2


async def test_files_that_no_row_names_are_swept_out(
    ledger: Ledger, files: Files, tidier: Retention, tmp_path: Path
) -> None:
    async with ledger.begin() as transaction:
        kept = await stored(transaction, files)
    orphan, fresh = [await files.write(b"orphan", ".jpg") for _ in range(2)]
    assert kept.path
    long_ago = time.time() - 7200
    for path in (kept.path, orphan):
        os.utime(tmp_path / path, (long_ago, long_ago))
    assert await tidier.sweep() == 1
    assert await files.read(kept.path)
    assert await files.read(fresh)


async def test_a_deleted_picture_comes_again_when_its_message_is_pointed_at(
    ledger: Ledger, files: Files, clock: Clock, tidier: Retention
) -> None:
    first = arrival()
    async with ledger.begin() as transaction:
        added = await transaction.add_picture(first)
        assert added is not None
        path = await files.write(b"picture", ".jpg")
        await transaction.picture_ready(added.id, path=path, width=4, height=3)
    clock.now += WEEK + timedelta(minutes=1)
    await tidier.tidy()
    async with ledger.begin() as transaction:
        gone = await transaction.picture(added.id)
        assert gone is not None
        again = await transaction.revive_picture(gone, first)
        assert (again.id, again.state) == (added.id, PictureState.PENDING)
        assert again.file_id == first.file_id
        assert clock.now - again.received_at < timedelta(minutes=1)
        assert [one.id for one in await transaction.pending_pictures()] == [added.id]


async def test_forgetting_leaves_no_trace_of_albums_but_those_of_others(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        for user_id in (7, 8):
            album = arrival(GROUP, user_id, media_group_id=f"album of {user_id}")
            assert await transaction.add_picture(album)
        await transaction.forget(7, update_id=1)
        assert not await transaction.settle_album(GROUP.chat_id, "album of 7")
        assert await transaction.settle_album(GROUP.chat_id, "album of 8")


async def test_forgetting_takes_everything_of_one_person_and_nothing_of_others(
    ledger: Ledger, files: Files
) -> None:
    async with ledger.begin() as transaction:
        mine, my_style = [await stored(transaction, files, 7, GROUP) for _ in range(2)]
        hers, her_style = [await stored(transaction, files, 8, GROUP) for _ in range(2)]
        my_order = await painted(transaction, files, hers, my_style)
        her_order = await painted(transaction, files, mine, her_style, user_id=8)
        waiting = await transaction.place_order(wanted(mine, her_style, user_id=8), limit=9)
        open_ = await transaction.place_order(wanted(mine, my_style, user_id=7), limit=9)
        await transaction.save_draft(Draft(place=PLACE, user_id=7, content=mine))
        await transaction.save_draft(Draft(place=GROUP, user_id=8, content=hers, styles=(mine,)))
        await transaction.save_preferences(7, Preferences(quality="fine"))
        await transaction.save_preferences(8, Preferences(quality="quick"))
        for update_id, sender in enumerate((7, 8, 7), start=100):
            content = {"message_id": update_id, "from": {"id": sender}, "text": "hello"}
            await transaction.keep_update(
                update_id, json.dumps({"update_id": update_id, "message": content})
            )
    async with ledger.begin() as transaction:
        paths = await transaction.forget(7, update_id=102)
    assert set(paths) == {mine.path, my_style.path, my_order.painting}
    async with ledger.begin() as transaction:
        assert await transaction.order(my_order.id) is None
        assert await transaction.order(open_.id) is None
        assert await transaction.picture(my_style.id) is None
        left = await transaction.order(her_order.id)
        assert left is not None
        assert left.painting == her_order.painting
        assert left.content.state is PictureState.GONE
        assert (left.content.user_id, left.content.file_id) == (0, "")
        stopped = await transaction.order(waiting.id)
        assert stopped is not None
        assert stopped.state.value == "cancelled"
        assert await transaction.draft(PLACE, 7) == Draft(place=PLACE, user_id=7)
        hers_now = await transaction.draft(GROUP, 8)
        assert hers_now.content == hers
        assert hers_now.styles == ()
        assert await transaction.preferences(7) == Preferences()
        assert await transaction.preferences(8) == Preferences(quality="quick")
        assert [number for number, _ in await transaction.kept_updates()] == [101, 102]
        assert await transaction.named_files() == {hers.path, her_style.path, her_order.painting}
        assert await transaction.forget(7, update_id=102) == []
