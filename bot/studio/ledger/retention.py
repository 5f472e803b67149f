"""Letting go: what has had its time, and what a person wants forgotten."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Select, delete, exists, or_, select, update
from sqlalchemy.sql.expression import ColumnElement

from bot.studio.ledger.drafts import without
from bot.studio.ledger.fetched import FetchedPictureRepository
from bot.studio.ledger.model import (
    CardMessage,
    DeliveryKind,
    DeliveryState,
    Notice,
    Order,
    PictureKind,
    PictureState,
)
from bot.studio.ledger.orders import NOBODY, OPEN
from bot.studio.ledger.preferences import PreferenceRepository
from bot.studio.ledger.results import DeletedStyle, Expired
from bot.studio.ledger.tables import (
    albums,
    deliveries,
    draft_styles,
    drafts,
    order_styles,
    orders,
    patrons,
    pictures,
    preferences,
    saved_styles,
)
from bot.studio.ledger.updates import UpdateRepository

MOST_AT_ONCE: Final = 500
"""How many rows one transaction lets go of; statements cannot name many thousands either."""

_BLANK = {
    "state": PictureState.GONE,
    "path": None,
    "file_id": "",
    "file_unique_id": "",
    "caption": None,
}
_MINE = (PictureState.READY, PictureState.REFUSED)


class RetentionRepository(FetchedPictureRepository, PreferenceRepository, UpdateRepository):
    """Deleting; what is left of an order is when it was placed, begun and finished.

    The methods tell which paths no row names any more. Their files are to be deleted after the
    commit; what a crash leaves is found by `Files.sweep`.
    """

    async def expire(
        self, *, finished_by: datetime, unused_by: datetime, drafts_by: datetime
    ) -> Expired:
        """Let go of what has had its time, or of so much of it as fits into one transaction.

        Args:
            finished_by: paintings and pictures of orders that ended until then go, once they are
                delivered and unless something else needs them.
            unused_by: pictures received until then go if they became nothing.
            drafts_by: drafts not changed since then are dropped.

        Returns:
            The files that nothing needs any more, and whether there may be more.
        """
        await self._write(delete(drafts).where(drafts.c.changed_at <= drafts_by))
        over = _over(finished_by)
        paintings = await self._read(
            select(orders.c.id, orders.c.painting)
            .where(*over, orders.c.painting.is_not(None))
            .limit(MOST_AT_ONCE)
        )
        await self._change(orders.c.id.in_([row.id for row in paintings]), painting=None)
        ended = select(orders.c.id).where(*over)
        going = (
            pictures.c.state.in_(_MINE),
            pictures.c.kind != PictureKind.SHIPPED,
            *(pictures.c.id.not_in(needed) for needed in self._holders()),
            ~_in_order(orders.c.id.not_in(ended)),
            or_(_in_order(orders.c.id.in_(ended)), pictures.c.received_at <= unused_by),
        )
        old = await self._read(
            select(pictures.c.id, pictures.c.path).where(*going).limit(MOST_AT_ONCE)
        )
        await self._write(
            update(pictures).where(pictures.c.id.in_([row.id for row in old])).values(_BLANK)
        )
        paths = await self._unnamed([row.painting for row in paintings] + [row.path for row in old])
        more = MOST_AT_ONCE in {len(paintings), len(old)}
        return Expired(paths=tuple(paths), more=more)

    async def drop_styles(self, offered: Collection[str], *, finished_by: datetime) -> list[str]:
        """Let go of the copies of gallery styles that are no longer offered.

        Args:
            offered: the digests of the styles that are.
            finished_by: orders that ended until then need theirs no more, once they are delivered.

        Returns:
            The paths of files that nothing needs any more.
        """
        ended = select(orders.c.id).where(*_over(finished_by))
        copies = await self._read(
            select(pictures.c.id, pictures.c.path, pictures.c.file_unique_id).where(
                pictures.c.kind == PictureKind.SHIPPED,
                pictures.c.state == PictureState.READY,
                *(pictures.c.id.not_in(needed) for needed in self._holders()),
                ~_in_order(orders.c.id.not_in(ended)),
            )
        )
        old = [row for row in copies if row.file_unique_id not in offered]
        await self._write(
            update(pictures).where(pictures.c.id.in_([row.id for row in old])).values(_BLANK)
        )
        return await self._unnamed([row.path for row in old])

    async def forget(self, holder_id: int, *, update_id: int) -> list[str]:
        """Delete everything of a person, or of what was done in a group's name, at once.

        Open orders are cancelled, others' with the person's pictures, too; the cards of the
        person's own will say so, though nothing else is known of them. Pictures that others'
        orders name leave an empty row behind, and others' saved styles made of them go, too.

        Args:
            holder_id: whose.
            update_id: the update that asks for it: those kept before it lose their text, too.

        Returns:
            The paths of files that nothing needs any more.
        """
        mine = select(pictures.c.id).where(pictures.c.user_id == holder_id)
        await self._forget_updates(holder_id, before=update_id)
        await self._write(delete(drafts).where(drafts.c.user_id == holder_id))
        gone = await self._read(
            select(pictures.c.id, pictures.c.path).where(pictures.c.user_id == holder_id)
        )
        in_drafts = or_(
            pictures.c.id.in_(select(drafts.c.content_id)),
            pictures.c.id.in_(select(draft_styles.c.picture_id)),
        )
        for row in await self._read(mine.where(in_drafts)):
            for draft in await self._drafts_with(row.id):
                await self.save_draft(without(draft, row.id))
        await self._forget_notices(holder_id)
        for order in await self._orders(
            or_(orders.c.state.in_(OPEN), orders.c.card.is_not(None)),
            or_(
                orders.c.user_id == holder_id,
                orders.c.content_id.in_(mine),
                orders.c.id.in_(_orders_in_style_of(mine)),
            ),
        ):
            if order.user_id != holder_id:
                await self.cancel(order.id)
            elif order.card is not None and order.state.final:
                # It was about to be closed.
                await self.drop_card(order, order.card)
            elif order.card is not None:
                await self._close_forgotten(order, order.card)
        paintings = await self._read(
            select(orders.c.painting).where(
                orders.c.user_id == holder_id, orders.c.painting.is_not(None)
            )
        )
        await self._write(delete(orders).where(orders.c.user_id == holder_id))
        await self._write(
            delete(saved_styles).where(
                or_(saved_styles.c.user_id == holder_id, saved_styles.c.picture_id.in_(mine))
            )
        )
        await self._write(delete(pictures).where(pictures.c.user_id == holder_id, ~_in_order()))
        await self._write(
            update(pictures).where(pictures.c.user_id == holder_id).values(**_BLANK, user_id=NOBODY)
        )
        await self._write(
            delete(albums).where(
                ~exists().where(
                    pictures.c.chat_id == albums.c.chat_id,
                    pictures.c.media_group_id == albums.c.media_group_id,
                )
            )
        )
        await self._write(delete(preferences).where(preferences.c.holder_id == holder_id))
        await self._write(delete(patrons).where(patrons.c.user_id == holder_id))
        return await self._unnamed([row.painting for row in paintings] + [row.path for row in gone])

    async def _close_forgotten(self, order: Order, card: int) -> None:
        """Have the card closed of an order that is about to be deleted."""
        message = CardMessage(order_id=order.id, message_id=card, has_photo=order.card_has_photo)
        notice = Notice(place=order.place, user_id=NOBODY, language=order.language, card=message)
        await self._notify(DeliveryKind.CANCELLATION, notice)

    async def delete_style(self, user_id: int, style_id: int) -> DeletedStyle | None:
        """Delete a saved style of a person's, and its picture unless something else needs it.

        Returns:
            What it was, and the paths of files that nothing needs any more; None when the person
            has no such style.
        """
        mine = saved_styles.c.id == style_id, saved_styles.c.user_id == user_id
        rows = await self._read(select(saved_styles).where(*mine))
        if not rows:
            return None
        [style] = await self._saved(rows)
        await self._write(delete(saved_styles).where(*mine))
        unneeded = (
            pictures.c.id == style.picture.id,
            ~_in_order(),
            *(pictures.c.id.not_in(needed) for needed in self._holders()),
        )
        gone = await self._write(update(pictures).where(*unneeded).values(_BLANK))
        paths = await self._unnamed([style.picture.path] if gone else [])
        return DeletedStyle(style=style, paths=tuple(paths))

    async def named_files(self) -> set[str]:
        """The paths of all files that a picture or an order names, for the sweep."""
        rows = [
            *await self._read(select(pictures.c.path).where(pictures.c.path.is_not(None))),
            *await self._read(select(orders.c.painting).where(orders.c.painting.is_not(None))),
        ]
        return {row[0] for row in rows}

    async def _unnamed(self, paths: Iterable[str | None]) -> list[str]:
        """Those of the paths that no row names: several messages may share one file."""
        asked = sorted({path for path in paths if path is not None})
        still: set[str] = set()
        for start in range(0, len(asked), MOST_AT_ONCE):
            some = asked[start : start + MOST_AT_ONCE]
            rows = await self._read(select(pictures.c.path).where(pictures.c.path.in_(some)))
            still.update(row.path for row in rows)
        return [path for path in asked if path not in still]

    def _holders(self) -> list[Select[tuple[int]]]:
        """What needs pictures, apart from orders: the ids of those that must stay."""
        return [
            select(drafts.c.content_id).where(drafts.c.content_id.is_not(None)),
            select(draft_styles.c.picture_id),
            select(saved_styles.c.picture_id),
        ]


def _over(finished_by: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions that an order ended until then, and that nothing of it is to be delivered."""
    undelivered = select(deliveries.c.order_id).where(
        deliveries.c.order_id.is_not(None),
        deliveries.c.state.in_([DeliveryState.WAITING, DeliveryState.SENDING]),
    )
    return (
        orders.c.state.not_in(OPEN),
        orders.c.finished_at <= finished_by,
        orders.c.id.not_in(undelivered),
    )


def _orders_in_style_of(chosen: Select[tuple[int]]) -> Select[tuple[int]]:
    return select(order_styles.c.order_id).where(order_styles.c.picture_id.in_(chosen))


def _in_order(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that an order (one that fits) has the picture as its content or style."""
    as_style = (
        select(order_styles.c.picture_id)
        .join(orders, orders.c.id == order_styles.c.order_id)
        .where(*conditions)
    )
    return or_(
        pictures.c.id.in_(select(orders.c.content_id).where(*conditions)),
        pictures.c.id.in_(as_style),
    )
