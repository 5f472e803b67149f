"""What the tests of the fetcher have in common."""

import asyncio
from collections.abc import Callable

from bot.sandbox.model import Message
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Arrival, Picture, PictureKind, PictureState
from bot.studio.ledger.results import RefusedFrom
from bot.studio.pictures.fetcher import (
    Refusal,
)
from bot.telegram.place import Place

Maker = Callable[..., bytes]


class Told(list[tuple[Picture, Refusal, RefusedFrom]]):
    """The refusals that nobody waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._any = asyncio.Event()

    async def __call__(self, picture: Picture, refusal: Refusal, where: RefusedFrom) -> None:
        self.append((picture, refusal, where))
        self._any.set()

    async def one(self) -> tuple[Picture, Refusal, RefusedFrom]:
        """The only one, as soon as it is there."""
        async with asyncio.timeout(10):
            await self._any.wait()
        [told] = self
        return told


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
