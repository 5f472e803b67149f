"""The outbox in the ledger: what must reach people."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.sql.expression import ColumnElement

from bot.studio.ledger.model import Delivery, DeliveryKind, DeliveryState
from bot.studio.ledger.repository import Repository
from bot.studio.ledger.tables import deliveries


class OutboxRepository(Repository):
    """Deliveries: WAITING, SENDING, and at last SENT or GIVEN_UP."""

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
        now = self._clock()
        asked = {
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "due_at": now,
            "asked_at": now,
            "asked_by": asked_by,
            "reply_to": reply_to,
            "message_id": None,
            "reason": None,
        }
        known = (deliveries.c.order_id == order_id, deliveries.c.kind == DeliveryKind.FILE)
        statement = (
            self._new(deliveries)
            .values(order_id=order_id, kind=DeliveryKind.FILE, **asked)
            .on_conflict_do_nothing(index_elements=[deliveries.c.order_id, deliveries.c.kind])
        )
        if await self._write(statement) > 0:
            return True
        over = deliveries.c.state.in_([DeliveryState.SENT, DeliveryState.GIVEN_UP])
        afresh = or_(deliveries.c.asked_by.is_(None), deliveries.c.asked_by != asked_by)
        return await self._write(update(deliveries).where(*known, over, afresh).values(asked)) > 0

    async def next_due(self) -> datetime | None:
        """When the next waiting delivery is due (perhaps in the past); None: nothing waits."""
        rows = await self._read(
            select(func.min(deliveries.c.due_at)).where(deliveries.c.state == DeliveryState.WAITING)
        )
        earliest: datetime | None = rows[0][0]
        return earliest

    async def unsure_deliveries(self) -> list[Delivery]:
        """The deliveries left SENDING by a process that died, for the start: did they arrive?"""
        return await self._deliveries(deliveries.c.state == DeliveryState.SENDING)

    async def delivery_sending(self, id: int) -> None:  # noqa: A002 - the contract's name
        """Note that Telegram is about to be asked; counts an attempt. Commit before asking."""
        await self._set(id, state=DeliveryState.SENDING, attempts=deliveries.c.attempts + 1)

    async def delivery_sent(self, id: int, message_id: int) -> None:  # noqa: A002
        """Note that it arrived, and as which message."""
        await self._set(id, state=DeliveryState.SENT, message_id=message_id)

    async def delivery_retry(self, id: int, *, due_at: datetime) -> None:  # noqa: A002
        """Let it wait for another try at `due_at`."""
        await self._set(id, state=DeliveryState.WAITING, due_at=due_at)

    async def delivery_given_up(self, id: int, reason: str) -> None:  # noqa: A002
        """Note that it will never arrive (blocked, chat gone), and why."""
        await self._set(id, state=DeliveryState.GIVEN_UP, reason=reason)

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
        reply_to=row.reply_to,
    )
