"""Orders in the ledger: placed, queued, painted, or not."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, func, insert, nulls_first, select, update
from sqlalchemy.sql.expression import ColumnElement

from bot.engines.protocol import Note
from bot.studio.ledger.model import (
    DeliveryKind,
    DeliveryState,
    NewOrder,
    Order,
    OrderState,
    Picture,
    PictureState,
    Wishes,
)
from bot.studio.ledger.pictures import PictureRepository
from bot.studio.ledger.queue_order import line_up
from bot.studio.ledger.repository import place_columns, place_of
from bot.studio.ledger.results import Duration, RefusedPicture, TooManyOrders
from bot.studio.ledger.tables import deliveries, order_styles, orders, patrons

DEATHS_ALLOWED = 1
ENGINE_DIED = "engine_died"

OPEN = [state for state in OrderState if not state.final]


class OrderRepository(PictureRepository):
    """Orders and the line in which they wait."""

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
        mine = await self._read(
            select(func.count())
            .select_from(orders)
            .where(orders.c.user_id == new.user_id, orders.c.state.in_(OPEN))
        )
        if mine[0][0] >= limit:
            raise TooManyOrders(limit)
        # What the caller holds may be older than what the fetcher has written since.
        known = await self._pictures([new.content.id, *(style.id for style in new.styles)])
        for picture in known.values():
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

    async def queue(self) -> list[Order]:
        """The QUEUED orders as they will run; see `line_up`. Its first is `claim_next`'s."""
        waiting = await self._orders(orders.c.state == OrderState.QUEUED)
        users = {order.user_id for order in waiting}
        rows = await self._read(select(patrons).where(patrons.c.user_id.in_(users)))
        return line_up(waiting, {row.user_id: row.served_at for row in rows})

    async def claim_next(self) -> Order | None:
        """Take the first of the line: QUEUED to RUNNING, in a new epoch; its person is served."""
        first = await self._read(
            select(orders.c.id, orders.c.user_id)
            .join(patrons)
            .where(orders.c.state == OrderState.QUEUED)
            .order_by(orders.c.started_at.is_(None), nulls_first(patrons.c.served_at), orders.c.id)
            .limit(1)
        )
        if not first:
            return None
        now = self._clock()
        await self._change(
            orders.c.id == first[0].id,
            state=OrderState.RUNNING,
            epoch=orders.c.epoch + 1,
            started_at=now,
        )
        await self._write(
            update(patrons).where(patrons.c.user_id == first[0].user_id).values(served_at=now)
        )
        return await self._the(first[0].id)

    async def finish(
        self,
        id: int,  # noqa: A002 - the contract's name
        epoch: int,
        *,
        painting: str,
        note: Note | None = None,
    ) -> bool:
        """RUNNING to DONE, and the painting (its file's path) into the outbox.

        Args:
            id: the order.
            epoch: the one in which it was painted.
            painting: its file's path.
            note: what its person should know about it.

        Returns:
            False when the order is no longer running in that epoch: a late finisher, dropped.
        """
        finished = await self._change(
            *_running(id, epoch),
            state=OrderState.DONE,
            painting=painting,
            note=note,
            finished_at=self._clock(),
        )
        if finished:
            await self._deliver(id, DeliveryKind.PAINTING)
        return finished

    async def fail(self, id: int, epoch: int, *, failure: str) -> bool:  # noqa: A002
        """RUNNING to FAILED for the reason named `failure`, and the news of it into the outbox.

        Returns:
            False when the order is no longer running in that epoch.
        """
        failed = await self._change(
            *_running(id, epoch),
            state=OrderState.FAILED,
            failure=failure,
            epoch=orders.c.epoch + 1,
            finished_at=self._clock(),
        )
        if failed:
            await self._deliver(id, DeliveryKind.FAILURE)
        return failed

    async def put_back(self, id: int, epoch: int, *, died: bool) -> Order | None:  # noqa: A002
        """RUNNING back to QUEUED in a new epoch; the second death of the engine fails the order.

        Returns:
            The order as it is now, QUEUED or FAILED; None when it is no longer running in that
            epoch.
        """
        order = await self.order(id)
        if order is None or order.state is not OrderState.RUNNING or order.epoch != epoch:
            return None
        deaths = order.deaths + (1 if died else 0)
        await self._change(orders.c.id == id, deaths=deaths)
        if deaths > DEATHS_ALLOWED:
            await self.fail(id, epoch, failure=ENGINE_DIED)
        else:
            await self._change(orders.c.id == id, state=OrderState.QUEUED, epoch=orders.c.epoch + 1)
        return await self._the(id)

    async def requeue_running(self) -> list[Order]:
        """Put back whatever a killed process left RUNNING; for the start, before any claim."""
        left = await self._orders(orders.c.state == OrderState.RUNNING)
        put_back = [await self.put_back(order.id, order.epoch, died=False) for order in left]
        return [order for order in put_back if order is not None]

    async def cancel(self, id: int) -> Order | None:  # noqa: A002 - the contract's name
        """Any open state to CANCELLED, in a new epoch.

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
        return await self._the(id) if cancelled else None

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

    async def unclosed_cards(self) -> list[Order]:
        """The final orders whose card still stands open (`set_card` to None closes it)."""
        return await self._orders(orders.c.state.not_in(OPEN), orders.c.card.is_not(None))

    async def recent_durations(self, limit: int = 20) -> list[Duration]:
        """How long the newest DONE orders took, newest first."""
        rows = await self._read(
            select(orders.c.started_at, orders.c.finished_at, orders.c.wishes)
            .where(orders.c.state == OrderState.DONE)
            .order_by(orders.c.finished_at.desc(), orders.c.id.desc())
            .limit(limit)
        )
        return [_duration(row) for row in rows]

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

    async def _deliver(self, order_id: int, kind: DeliveryKind) -> None:
        now = self._clock()
        await self._write(
            insert(deliveries).values(
                order_id=order_id,
                kind=kind,
                state=DeliveryState.WAITING,
                attempts=0,
                due_at=now,
                asked_at=now,
            )
        )


def _duration(row: Row[Any]) -> Duration:
    wishes = Wishes(**row.wishes)
    return Duration(
        seconds=(row.finished_at - row.started_at).total_seconds(),
        size=wishes.size,
        quality=wishes.quality,
    )


def _running(order_id: int, epoch: int) -> tuple[ColumnElement[bool], ...]:
    return (
        orders.c.id == order_id,
        orders.c.epoch == epoch,
        orders.c.state == OrderState.RUNNING,
    )


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
