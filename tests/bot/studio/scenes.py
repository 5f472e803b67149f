"""Pictures and orders for the tests of the studio."""

from datetime import UTC, datetime, timedelta
from itertools import count

from bot.studio.ledger.model import Arrival, NewOrder, Order, Picture, PictureKind, Refusal, Wishes
from bot.studio.ledger.transaction import Transaction
from bot.telegram.place import Place

PLACE = Place(chat_id=42)
NO_WISHES = Wishes()
NOT_AN_IMAGE = Refusal(name="NotAnImageError")
_messages = count(1)


class Clock:
    """Each look at it is a second later than the one before; `now` is the last."""

    now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def arrival(
    place: Place = PLACE,
    user_id: int = 7,
    *,
    message_id: int | None = None,
    media_group_id: str | None = None,
) -> Arrival:
    message_id = next(_messages) if message_id is None else message_id
    return Arrival(
        place=place,
        message_id=message_id,
        user_id=user_id,
        kind=PictureKind.PHOTO,
        file_id=f"file-{message_id}",
        file_unique_id=f"unique-{message_id}",
        media_group_id=media_group_id,
    )


async def picture(transaction: Transaction, place: Place = PLACE, user_id: int = 7) -> Picture:
    """A picture that has arrived."""
    added = await transaction.add_picture(arrival(place, user_id))
    assert added is not None
    return added


async def ready_picture(
    transaction: Transaction, place: Place = PLACE, user_id: int = 7, *, path: str | None = None
) -> Picture:
    """A picture that has been fetched."""
    added = await picture(transaction, place, user_id)
    path = path or f"images/00/{added.id:032x}.jpg"
    await transaction.picture_ready(added.id, path=path, width=4, height=3)
    fetched = await transaction.picture(added.id)
    assert fetched is not None
    return fetched


def wanted(
    content: Picture,
    *styles: Picture,
    user_id: int = 7,
    source: str | None = None,
    wishes: Wishes = NO_WISHES,
) -> NewOrder:
    return NewOrder(
        place=content.place,
        user_id=user_id,
        source=source or f"{content.place.chat_id}:{next(_messages)}",
        reply_to=content.message_id,
        content=content,
        styles=styles,
        wishes=wishes,
    )


async def queued_order(
    transaction: Transaction,
    user_id: int = 7,
    *,
    place: Place = PLACE,
    wishes: Wishes = NO_WISHES,
    path: str | None = None,
) -> Order:
    """An order that may run."""
    content = await ready_picture(transaction, place, user_id, path=path)
    style = await ready_picture(transaction, place, user_id, path=path)
    new = wanted(content, style, user_id=user_id, wishes=wishes)
    return await transaction.place_order(new, limit=1000)
