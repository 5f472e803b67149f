"""The outbox in the ledger: what must reach people."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.sql.expression import ColumnElement

from bot.studio.ledger.model import (
    CardMessage,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Notice,
    Refusal,
)
from bot.studio.ledger.repository import Repository, place_columns, place_of
from bot.studio.ledger.tables import deliveries

_ENDED = (DeliveryState.SENT, DeliveryState.GIVEN_UP)


class OutboxRepository(Repository):
    """Deliveries: WAITING, SENDING, and at last SENT or GIVEN_UP; a notice is then forgotten."""

    async def due_deliveries(self, now: datetime) -> list[Delivery]:
        """The deliveries that wait and whose time has come, longest due first."""
        return await self._deliveries(
            deliveries.c.state == DeliveryState.WAITING, deliveries.c.due_at <= now
        )

    async def ask_for_file(self, order_id: int, *, reply_to: int, asked_by: str) -> bool:
        """Put an order's painting into the outbox once more, as a file.

        Args:
            order_id: whose painting.
            reply_to: the message to answer with it.
            asked_by: the key of the button press that asks for it.

        Returns:
            False when the same press was heard before, or a file of it is on its way already.
        """
        asked = {**self._afresh(), "asked_by": asked_by, "reply_to": reply_to}
        known = (deliveries.c.order_id == order_id, deliveries.c.kind == DeliveryKind.FILE)
        statement = (
            self._new(deliveries)
            .values(order_id=order_id, kind=DeliveryKind.FILE, **asked)
            .on_conflict_do_nothing(index_elements=[deliveries.c.order_id, deliveries.c.kind])
        )
        if await self._write(statement) > 0:
            return True
        over = deliveries.c.state.in_(_ENDED)
        another = or_(deliveries.c.asked_by.is_(None), deliveries.c.asked_by != asked_by)
        return await self._write(update(deliveries).where(*known, over, another).values(asked)) > 0

    async def cancelled_by(self, asked_by: str) -> int:
        """How many orders a request has cancelled; by this a redelivered one is recognised."""
        rows = await self._read(
            select(func.count())
            .select_from(deliveries)
            .where(
                deliveries.c.kind == DeliveryKind.CANCELLATION, deliveries.c.asked_by == asked_by
            )
        )
        return int(rows[0][0])

    async def unsure_deliveries(self) -> list[Delivery]:
        """The deliveries left SENDING by a process that died, for the start: did they arrive?"""
        return await self._deliveries(deliveries.c.state == DeliveryState.SENDING)

    async def delivery_sending(self, id: int) -> None:  # noqa: A002 - the contract's name
        """Note that Telegram is about to be asked; counts an attempt. Commit before asking."""
        await self._set(id, state=DeliveryState.SENDING, attempts=deliveries.c.attempts + 1)

    async def delivery_sent(self, id: int, message_id: int | None) -> None:  # noqa: A002
        """Note that it arrived, and as which message (None: there was nothing to send)."""
        await self._end(id, state=DeliveryState.SENT, message_id=message_id)

    async def delivery_retry(self, id: int, *, due_at: datetime) -> None:  # noqa: A002
        """Let it wait for another try at `due_at`."""
        await self._set(id, state=DeliveryState.WAITING, due_at=due_at)

    async def delivery_given_up(self, id: int, reason: str) -> None:  # noqa: A002
        """Note that it will never arrive (blocked, chat gone), and why."""
        await self._end(id, state=DeliveryState.GIVEN_UP, reason=reason)

    async def painting_message(self, order_id: int) -> int | None:
        """The id of the message as which an order's painting arrived; None if it never did."""
        rows = await self._read(
            select(deliveries.c.message_id).where(
                deliveries.c.order_id == order_id,
                deliveries.c.kind == DeliveryKind.PAINTING,
                deliveries.c.state == DeliveryState.SENT,
            )
        )
        return rows[0].message_id if rows else None

    async def _deliver(
        self, kind: DeliveryKind, order_id: int, *, asked_by: str | None = None
    ) -> None:
        """Put news of an order into the outbox."""
        await self._write(
            insert(deliveries).values(
                **{**self._afresh(), "asked_by": asked_by}, order_id=order_id, kind=kind
            )
        )

    async def _notify(
        self, kind: DeliveryKind, notice: Notice, *, reply_to: int | None = None
    ) -> None:
        """Put a notice into the outbox."""
        facts = asdict(notice)
        await self._write(
            insert(deliveries).values(
                **{**self._afresh(), "reply_to": reply_to},
                **place_columns(notice.place),
                kind=kind,
                user_id=notice.user_id,
                language=notice.language,
                facts={name: facts[name] for name in ("refusal", "style", "card")},
            )
        )

    async def _delivered_as(self, order_id: int, message_id: int) -> bool:
        """Whether something of an order arrived as that message."""
        rows = await self._read(
            select(deliveries.c.id).where(
                deliveries.c.order_id == order_id, deliveries.c.message_id == message_id
            )
        )
        return bool(rows)

    async def _forget_notices(self, user_id: int) -> None:
        await self._write(delete(deliveries).where(deliveries.c.user_id == user_id))

    async def _move_notices(self, old_chat_id: int, new_chat_id: int) -> None:
        """Follow a group: cards stayed behind, and so did the messages to answer."""
        there = deliveries.c.chat_id == old_chat_id
        words = (DeliveryKind.REFUSAL, DeliveryKind.DISK_FULL)
        await self._write(delete(deliveries).where(there, deliveries.c.kind.not_in(words)))
        await self._write(
            update(deliveries).where(there).values(chat_id=new_chat_id, private=False, reply_to=0)
        )

    def _afresh(self) -> dict[str, object]:
        now = self._clock()
        return {
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "due_at": now,
            "asked_at": now,
            "asked_by": None,
            "reply_to": None,
            "message_id": None,
            "reason": None,
        }

    async def _end(self, delivery_id: int, **values: object) -> None:
        """Write down how it ended; of a notice nothing is kept."""
        is_notice = (deliveries.c.id == delivery_id, deliveries.c.order_id.is_(None))
        if not await self._write(delete(deliveries).where(*is_notice)):
            await self._set(delivery_id, **values)

    async def _set(self, delivery_id: int, **values: object) -> None:
        await self._write(update(deliveries).where(deliveries.c.id == delivery_id).values(**values))

    async def _deliveries(self, *conditions: ColumnElement[bool]) -> list[Delivery]:
        rows = await self._read(
            select(deliveries).where(*conditions).order_by(deliveries.c.due_at, deliveries.c.id)
        )
        return [_delivery(row) for row in rows]


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        order_id=row.order_id,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        due_at=row.due_at,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        reply_to=row.reply_to,
        notice=None if row.facts is None else _notice(row),
    )


def _notice(row: Row[Any]) -> Notice:
    facts = row.facts
    return Notice(
        place=place_of(row),
        user_id=row.user_id,
        language=row.language,
        refusal=Refusal(**facts["refusal"]) if facts["refusal"] else None,
        style=facts["style"],
        card=CardMessage(**facts["card"]) if facts["card"] else None,
    )
