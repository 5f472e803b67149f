"""Orders in the ledger: placed, looked up, changed and called off."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.sql.expression import ColumnElement

from bot.studio.ledger.model import (
    CardMessage,
    DeliveryKind,
    NewOrder,
    Notice,
    Order,
    OrderState,
    Picture,
    PictureState,
    Wishes,
)
from bot.studio.ledger.outbox import OutboxRepository
from bot.studio.ledger.pictures import PictureRepository
from bot.studio.ledger.repository import place_columns, place_of
from bot.studio.ledger.results import RefusedPicture, TooManyOrders
from bot.studio.ledger.tables import order_styles, orders, patrons

NOBODY = 0
"""Stands for the person of what outlives that this person is forgotten."""

OPEN = [state for state in OrderState if not state.final]


class OrderRepository(PictureRepository, OutboxRepository):
    """Orders, but for what their place in the queue and their painting do to them."""

    async def place_order(self, new: NewOrder, *, limit: int) -> Order:
        """Write an order down: QUEUED if all its pictures are READY, else PREPARING.

        Args:
            new: what is asked for.
            limit: how many orders a person may have waiting and running, this one included.

        Returns:
            The new order, or the one that the same source made before.

        Raises:
            TooManyOrders: the person has `limit` of them already.
            RefusedPicture: one of the pictures turned out to be unusable, or has been deleted.
        """
        before = await self.order_from(new.source)
        if before is not None:
            return before
        await self._write(
            self._new(patrons)
            .values(user_id=new.user_id)
            .on_conflict_do_nothing(index_elements=[patrons.c.user_id])
        )
        patron = await self._read(
            select(patrons.c.served_at).where(patrons.c.user_id == new.user_id)
        )
        mine = await self._read(
            select(func.count())
            .select_from(orders)
            .where(orders.c.user_id == new.user_id, orders.c.state.in_(OPEN))
        )
        if mine[0][0] >= limit:
            raise TooManyOrders(limit)
        # What the caller holds may be older than what the fetcher has written since.
        known = await self._pictures([new.content.id, *(style.id for style in new.styles)])
        for held in (new.content, *new.styles):
            picture = known.get(held.id, replace(held, state=PictureState.GONE))
            if picture.state in {PictureState.REFUSED, PictureState.GONE}:
                raise RefusedPicture(picture)
        ready = all(picture.state is PictureState.READY for picture in known.values())
        [order_id] = await self._write_ids(
            insert(orders)
            .values(
                **place_columns(new.place),
                user_id=new.user_id,
                source=new.source,
                reply_to=new.reply_to,
                content_id=new.content.id,
                wishes=asdict(new.wishes),
                change=new.change,
                language=new.language,
                state=OrderState.QUEUED if ready else OrderState.PREPARING,
                epoch=0,
                deaths=0,
                served=microseconds(patron[0].served_at),
                card_has_photo=False,
                created_at=self._clock(),
            )
            .returning(orders.c.id)
        )
        rows = [
            {"order_id": order_id, "position": position, "picture_id": style.id}
            for position, style in enumerate(new.styles)
        ]
        await self._write(insert(order_styles).values(rows))
        return await self._the(order_id)

    async def order(self, id: int) -> Order | None:  # noqa: A002 - the contract's name
        """The order with this id."""
        found = await self._orders(orders.c.id == id)
        return found[0] if found else None

    async def order_from(self, source: str) -> Order | None:
        """The order that this source made, if it made one."""
        found = await self._orders(orders.c.source == source)
        return found[0] if found else None

    async def open_orders(
        self, *, user_id: int | None = None, chat_id: int | None = None
    ) -> list[Order]:
        """The orders that are not final, oldest first; of one person or chat where asked."""
        conditions: list[ColumnElement[bool]] = [orders.c.state.in_(OPEN)]
        if user_id is not None:
            conditions.append(orders.c.user_id == user_id)
        if chat_id is not None:
            conditions.append(orders.c.chat_id == chat_id)
        return await self._orders(*conditions)

    async def cancel(self, id: int, *, asked_by: str | None = None) -> Order | None:  # noqa: A002
        """Any open state to CANCELLED, in a new epoch, and the news of it into the outbox.

        Args:
            id: the order.
            asked_by: the key of the request, where whoever made it gets an answer of its own;
                then the news is the card's alone.

        Returns:
            The order as it is now; None when it was final already or is unknown.
        """
        cancelled = await self._change(
            orders.c.id == id,
            orders.c.state.in_(OPEN),
            state=OrderState.CANCELLED,
            epoch=orders.c.epoch + 1,
            finished_at=self._clock(),
        )
        if not cancelled:
            return None
        await self._deliver(DeliveryKind.CANCELLATION, id, asked_by=asked_by)
        return await self._the(id)

    async def turn_round(self, id: int) -> Order | None:  # noqa: A002 - the contract's name
        """Make an open order's photo its style and its style the photo, in a new epoch.

        A running attempt loses its claim, and the order is the next to be taken up again. Where
        the painting was to answer the photo it will answer the new one.

        Returns:
            The order as it is now; None when it is final, unknown, or has several styles.
        """
        order = await self.order(id)
        if order is None or order.state.final or len(order.styles) != 1:
            return None
        photo, style = order.content, order.styles[0]
        # A style may come from another chat, or from no message at all.
        answers_photo = (
            order.reply_to == photo.message_id and style.place.chat_id == order.place.chat_id
        )
        running = order.state is OrderState.RUNNING
        await self._change(
            orders.c.id == id,
            content_id=style.id,
            reply_to=style.message_id if answers_photo else order.reply_to,
            state=OrderState.QUEUED if running else order.state,
            epoch=orders.c.epoch + 1,
        )
        await self._write(
            update(order_styles).where(order_styles.c.order_id == id).values(picture_id=photo.id)
        )
        return await self._the(id)

    async def set_card(self, order_id: int, message_id: int | None, *, has_photo: bool) -> None:
        """Remember the status card's message, and whether it shows a photo by now."""
        await self._change(orders.c.id == order_id, card=message_id, card_has_photo=has_photo)

    async def card_seen(self, order_id: int, message_id: int) -> None:
        """Put right what the ledger knows of a card, after one of its buttons was pressed.

        A card that it does not know exists because the answer to its sending was lost. It becomes
        the order's card if that has none; otherwise it goes.
        """
        order = await self.order(order_id)
        if order is None or order.card == message_id:
            return
        if await self._delivered_as(order_id, message_id):
            # The card became the delivery, and the button was pressed just before.
            return
        if order.card is None and not order.state.final:
            await self.set_card(order_id, message_id, has_photo=False)
            return
        await self.drop_card(order, message_id)

    async def drop_card(self, order: Order, message_id: int) -> None:
        """Have a card deleted that is not the order's, or whose order is forgotten."""
        card = CardMessage(order_id=order.id, message_id=message_id)
        notice = Notice(place=order.place, user_id=NOBODY, language=order.language, card=card)
        await self._notify(DeliveryKind.STRAY_CARD, notice)

    async def unclosed_cards(self) -> list[Order]:
        """The final orders whose card still stands open (`set_card` to None closes it)."""
        return await self._orders(orders.c.state.not_in(OPEN), orders.c.card.is_not(None))

    async def _the(self, order_id: int) -> Order:
        [order] = await self._orders(orders.c.id == order_id)
        return order

    async def _orders(self, *conditions: ColumnElement[bool]) -> list[Order]:
        rows = await self._read(select(orders).where(*conditions).order_by(orders.c.id))
        styles: dict[int, list[int]] = defaultdict(list)
        for row in await self._read(
            select(order_styles)
            .where(order_styles.c.order_id.in_([row.id for row in rows]))
            .order_by(order_styles.c.order_id, order_styles.c.position)
        ):
            styles[row.order_id].append(row.picture_id)
        known = await self._pictures(
            [*(row.content_id for row in rows), *(id_ for ids in styles.values() for id_ in ids)]
        )
        return [
            _order(row, known[row.content_id], [known[id_] for id_ in styles[row.id]])
            for row in rows
        ]

    async def _change(self, *conditions: ColumnElement[bool], **values: object) -> bool:
        return await self._write(update(orders).where(*conditions).values(**values)) > 0


def microseconds(served_at: datetime | None) -> int:
    """When a person was served last, as their orders keep it: since 1970, 0 for never."""
    return 0 if served_at is None else round(served_at.timestamp() * 1_000_000)


def _order(row: Row[Any], content: Picture, styles: Sequence[Picture]) -> Order:
    return Order(
        id=row.id,
        place=place_of(row),
        user_id=row.user_id,
        source=row.source,
        reply_to=row.reply_to,
        content=content,
        styles=tuple(styles),
        wishes=Wishes(**row.wishes),
        language=row.language,
        state=row.state,
        epoch=row.epoch,
        deaths=row.deaths,
        losses=row.losses,
        card=row.card,
        card_has_photo=row.card_has_photo,
        painting=row.painting,
        failure=row.failure,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        change=row.change,
        note=row.note,
    )
