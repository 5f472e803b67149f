"""Styles in the ledger: the gallery's pictures, and those that people keep."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Draft, PictureKind, PictureState, ShippedStyle
from bot.studio.ledger.results import TooManyStyles
from bot.studio.ledger.transaction import Transaction
from tests.bot.studio.scenes import NOT_AN_IMAGE, PLACE, Clock, picture, ready_picture, wanted

FAR = datetime(2100, 1, 1, tzinfo=UTC)
MOSAIC = ShippedStyle(digest="0a" * 32, path="images/00/mosaic.jpg", width=4, height=3)
ADA, BOB = 7, 8


async def keep(
    transaction: Transaction, name: str = "lily", *, user_id: int = ADA, owner: int = ADA
) -> int:
    shown = await ready_picture(transaction, PLACE, owner)
    await transaction.save_style(
        user_id, shown, name=name, title=name.title(), language="en", limit=9
    )
    return next(s.id for s in await transaction.saved_styles(user_id) if s.name == name)


async def test_a_gallery_style_is_one_picture_however_often_it_is_chosen(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        assert await transaction.shipped_picture(MOSAIC.digest) is None
        first = await transaction.ship_picture(MOSAIC)
        again = await transaction.ship_picture(replace(MOSAIC, path="images/11/other.jpg"))
        other = await transaction.ship_picture(replace(MOSAIC, digest="0b" * 32))
    assert (first.kind, first.state) == (PictureKind.SHIPPED, PictureState.READY)
    assert (first.path, first.width, first.height) == (MOSAIC.path, 4, 3)
    assert (again.id, again.path) == (first.id, "images/11/other.jpg")
    assert other.id != first.id


async def test_retention_and_forgetting_leave_the_gallery_alone(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        await transaction.ship_picture(MOSAIC)
        assert await transaction.forget(ADA, update_id=1) == []
        expired = await transaction.expire(finished_by=FAR, unused_by=FAR, drafts_by=FAR)
        assert expired.paths == ()
        assert MOSAIC.path in await transaction.named_files()


async def test_saved_styles_are_their_persons_own(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        await keep(transaction, "lily")
        await keep(transaction, "rose")
        await keep(transaction, "lily", user_id=BOB)
        assert [style.title for style in await transaction.saved_styles(ADA)] == ["Lily", "Rose"]
        assert [style.name for style in await transaction.saved_styles(BOB)] == ["lily"]


async def test_a_name_holds_the_newest_picture(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        old, new = await ready_picture(transaction), await ready_picture(transaction)
        for shown, expected in ((old, False), (old, False), (new, True)):
            replaced = await transaction.save_style(
                ADA, shown, name="lily", title="Lily", language="en", limit=1
            )
            assert replaced is expected
        assert [style.picture.id for style in await transaction.saved_styles(ADA)] == [new.id]
        with pytest.raises(TooManyStyles):
            await transaction.save_style(
                ADA, old, name="rose", title="Rose", language="en", limit=1
            )


async def test_retention_keeps_what_is_saved(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        style_id = await keep(transaction)
        [saved] = await transaction.saved_styles(ADA)
        expired = await transaction.expire(finished_by=FAR, unused_by=FAR, drafts_by=FAR)
        assert expired.paths == ()
        deleted = await transaction.delete_style(ADA, style_id)
        assert deleted is not None
        assert deleted.paths == (saved.picture.path,)
        gone = await transaction.picture(saved.picture.id)
        assert gone is not None
        assert gone.state is PictureState.GONE


async def test_only_its_person_deletes_a_style_and_only_once(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        style_id = await keep(transaction)
        assert await transaction.delete_style(BOB, style_id) is None
        assert await transaction.delete_style(ADA, style_id) is not None
        assert await transaction.delete_style(ADA, style_id) is None


async def test_a_deleted_styles_picture_stays_while_it_is_needed(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        for name in ("ordered", "drafted"):
            await keep(transaction, name)
        ordered, drafted = await transaction.saved_styles(ADA)
        content = await ready_picture(transaction)
        await transaction.place_order(wanted(content, ordered.picture), limit=9)
        await transaction.save_draft(Draft(place=PLACE, user_id=ADA, styles=(drafted.picture,)))
        for style in (ordered, drafted):
            deleted = await transaction.delete_style(ADA, style.id)
            assert deleted is not None
            assert deleted.paths == ()
            still = await transaction.picture(style.picture.id)
            assert still is not None
            assert still.state is PictureState.READY


async def test_who_is_forgotten_leaves_no_style_behind(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        await keep(transaction, "mine")
        await keep(transaction, "shown by bob", owner=BOB)
        await keep(transaction, "bobs", user_id=BOB, owner=BOB)
        paths = await transaction.forget(BOB, update_id=1)
        assert len(paths) == 2
        assert [style.name for style in await transaction.saved_styles(ADA)] == ["mine"]
        assert len(await transaction.forget(ADA, update_id=2)) == 1
        assert await transaction.saved_styles(ADA) == []


async def test_a_picture_that_proves_unusable_is_no_style(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        bad = await picture(transaction)
        await transaction.save_style(ADA, bad, name="lily", title="Lily", language="de", limit=9)
        await transaction.picture_refused(bad.id, NOT_AN_IMAGE)
        [news] = await transaction.due_deliveries(clock())
        assert news.notice is not None
        assert (news.notice.style, news.notice.language) == ("Lily", "de")
        assert await transaction.saved_styles(ADA) == []


async def test_a_groups_styles_move_with_it(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        for name in ("lily", "rose"):
            await keep(transaction, name, user_id=-5)
        kept = await keep(transaction, "rose", user_id=-1005)
        await transaction.chat_migrated(-5, -1005)
        assert await transaction.saved_styles(-5) == []
        moved = await transaction.saved_styles(-1005)
        assert {style.name for style in moved} == {"lily", "rose"}
        assert kept in {style.id for style in moved}


async def test_sheets_are_remembered_by_their_newest_name(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        assert await transaction.sheet("one") is None
        for file_id in ("first", "second"):
            await transaction.keep_sheet("one", file_id)
        assert await transaction.sheet("one") == "second"


async def test_a_draft_is_as_old_as_its_last_change(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        style = await transaction.ship_picture(MOSAIC)
        await transaction.save_draft(Draft(place=PLACE, user_id=ADA, styles=(style,)))
        draft = await transaction.draft(PLACE, ADA)
        assert draft.changed_at == clock.now
        assert draft.changed_at > style.received_at


async def test_old_pictures_of_nobodys_style_still_go(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        await keep(transaction)
        loose = await ready_picture(transaction)
        soon = datetime.now(UTC) + timedelta(hours=1)
        expired = await transaction.expire(finished_by=soon, unused_by=soon, drafts_by=soon)
        assert expired.paths == (loose.path,)
