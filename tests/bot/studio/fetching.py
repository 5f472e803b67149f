"""What the tests of the fetcher have in common."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.sandbox.model import Message
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Arrival, Draft, Picture, PictureKind, PictureState, Refusal
from bot.studio.ledger.repository import utc_now
from bot.studio.pictures.fetcher import Fetcher
from bot.telegram.place import Place

Maker = Callable[..., bytes]


@asynccontextmanager
async def at_work(fetcher: Fetcher) -> AsyncIterator[None]:
    """Let a fetcher run, and break it off at the end."""
    running = asyncio.create_task(fetcher.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def fetch(fetcher: Fetcher, ledger: Ledger, picture: Picture) -> Picture:
    """The picture once it is known how its fetching ended."""
    async with at_work(fetcher):
        return await until_settled(ledger, picture)


async def announced(ledger: Ledger, message: Message) -> Picture:
    """The picture of a message, written down as the chat does it."""
    if message.photo is not None:
        kind, file = PictureKind.PHOTO, message.photo.largest.file
    else:
        assert message.document is not None
        kind, file = PictureKind.DOCUMENT, message.document.file
    arrival = Arrival(
        place=Place(chat_id=message.chat.id),
        message_id=message.message_id,
        user_id=message.chat.id,
        kind=kind,
        file_id=file.file_id,
        file_unique_id=file.unique_id,
    )
    async with ledger.begin() as transaction:
        picture = await transaction.add_picture(arrival)
    assert picture is not None
    return picture


async def waited_for(ledger: Ledger, message: Message) -> Picture:
    """The picture of a message, in a draft of its person's."""
    picture = await announced(ledger, message)
    async with ledger.begin() as transaction:
        await transaction.save_draft(
            Draft(place=picture.place, user_id=picture.user_id, content=picture)
        )
    return picture


async def refusal_of(ledger: Ledger, picture: Picture) -> Refusal:
    """Why a picture that was waited for is refused, as its person is to be told."""
    async with ledger.begin() as transaction:
        [told] = await transaction.due_deliveries(utc_now())
    assert told.reply_to == picture.message_id
    assert told.notice is not None
    assert told.notice.refusal is not None
    return told.notice.refusal


async def known(ledger: Ledger, picture: Picture) -> Picture:
    async with ledger.begin() as transaction:
        found = await transaction.picture(picture.id)
    assert found is not None
    return found


async def until_settled(ledger: Ledger, picture: Picture) -> Picture:
    with ledger.changed.subscribe() as changes:
        async with asyncio.timeout(20):
            while (found := await known(ledger, picture)).state is PictureState.PENDING:
                await changes.wait(0.2)
    return found
