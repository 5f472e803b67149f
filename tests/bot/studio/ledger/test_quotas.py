"""How many pictures one person may have here, on both databases."""

from dataclasses import replace
from itertools import count

import pytest

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Arrival, Draft, PictureKind, PictureState, Refusal
from bot.studio.ledger.pictures import LEAST_BYTES, MOST_BYTES, MOST_WAITING
from bot.studio.ledger.results import TooManyPictures
from bot.studio.ledger.transaction import Transaction
from bot.telegram.downloads import LIMIT
from tests.bot.studio.scenes import PLACE

ADA, BOB = 7, 8
_numbers = count(1)


def arrival(user_id: int = ADA, *, size: int | None = 1000) -> Arrival:
    number = next(_numbers)
    return Arrival(
        place=PLACE,
        message_id=number,
        user_id=user_id,
        kind=PictureKind.PHOTO,
        file_id=f"file-{number}",
        file_unique_id=f"unique-{number}",
        size=size,
    )


async def add(transaction: Transaction, new: Arrival, *, ready: int | None = None) -> int:
    added = await transaction.add_picture(new)
    assert added is not None
    if ready is not None:
        await transaction.picture_ready(
            added.id, path=f"images/{added.id}", width=1, height=1, size=ready
        )
    return added.id


async def test_fifty_may_wait_and_one_more_is_written_down_nowhere(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        waiting = [await add(transaction, arrival()) for _ in range(MOST_WAITING)]
    late = arrival()

    async def write() -> None:
        async with ledger.begin() as transaction:
            await transaction.save_draft(Draft(place=PLACE, user_id=ADA, prompt=1))
            await transaction.add_picture(late)

    with pytest.raises(TooManyPictures):
        await write()
    async with ledger.begin() as transaction:
        assert await transaction.picture_of_message(late.place.chat_id, late.message_id) is None
        assert (await transaction.draft(PLACE, ADA)).prompt is None
        await add(transaction, arrival(BOB))
        await transaction.picture_refused(waiting[0], Refusal(name="Gone"))
        await add(transaction, late)


async def test_what_is_ready_counts_by_its_bytes_and_small_files_by_more(ledger: Ledger) -> None:
    half = MOST_BYTES // 2
    async with ledger.begin() as transaction:
        await add(transaction, arrival(size=None), ready=half)
        await add(transaction, arrival(size=1), ready=half - LEAST_BYTES - 1)
        await add(transaction, arrival(size=1))
        with pytest.raises(TooManyPictures):
            await transaction.add_picture(arrival(size=1))
        await add(transaction, arrival(BOB, size=1))


async def test_a_file_of_unknown_size_counts_as_the_largest_until_it_is_here(
    ledger: Ledger,
) -> None:
    async with ledger.begin() as transaction:
        await add(transaction, arrival(), ready=MOST_BYTES - LIMIT)
        unknown = await add(transaction, arrival(size=None))
    with pytest.raises(TooManyPictures):
        async with ledger.begin() as transaction:
            await transaction.add_picture(arrival())
    async with ledger.begin() as transaction:
        await transaction.picture_ready(unknown, path="images/x", width=1, height=1, size=100)
        await add(transaction, arrival())


async def test_a_picture_that_was_let_go_of_counts_only_when_it_is_taken_up_again(
    ledger: Ledger,
) -> None:
    first = arrival(size=LIMIT)
    async with ledger.begin() as transaction:
        style = await add(transaction, first, ready=LIMIT)
        shown = await transaction.picture(style)
        assert shown is not None
        await transaction.save_style(ADA, shown, name="lily", title="Lily", language="en", limit=1)
        [kept] = await transaction.saved_styles(ADA)
        await transaction.delete_style(ADA, kept.id)
        await add(transaction, arrival(), ready=MOST_BYTES - LIMIT + 1)
        gone = await transaction.picture(style)
        assert gone is not None
        assert gone.state is PictureState.GONE
    with pytest.raises(TooManyPictures):
        async with ledger.begin() as transaction:
            await transaction.revive_picture(gone, first)
    async with ledger.begin() as transaction:
        revived = await transaction.revive_picture(gone, replace(first, size=1000))
        assert revived.state is PictureState.PENDING
