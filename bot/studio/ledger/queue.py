"""The queue: whose order is next, and what becomes of those that are being painted."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, literal_column, select, update
from sqlalchemy.sql.expression import ColumnElement

from bot.engines.protocol import Note
from bot.studio.ledger.model import DeliveryKind, Order, OrderState, Wishes
from bot.studio.ledger.orders import OPEN, OrderRepository, microseconds
from bot.studio.ledger.results import Duration
from bot.studio.ledger.tables import orders, patrons

DEATHS_ALLOWED = 1
LOSSES_ALLOWED = 5
ENGINE_DIED = "engine_died"


# The rule of fairness. An order whose attempt was interrupted (by a restart, or by the engine's
# death) goes first: its person has had the turn but not the painting. Then whoever was served
# least recently, and of one person's orders the oldest.
# A parameter would hide from the database that its indexes hold just these orders.
_QUEUED = orders.c.state == literal_column(f"'{OrderState.QUEUED}'")
_WAITING = select(orders.c.id, orders.c.user_id).where(_QUEUED)
_INTERRUPTED = orders.c.started_at.is_not(None)

NEXT = (
    _WAITING.where(_INTERRUPTED).order_by(orders.c.served, orders.c.id).limit(1),
    # The first entry of ix_orders_line, whose order this is, though all in it are NULL.
    _WAITING.where(orders.c.started_at.is_(None))
    .order_by(orders.c.started_at, orders.c.served, orders.c.id)
    .limit(1),
)
"""Whose turn is next: the first of these that finds an order."""


def _line() -> Select[tuple[int, int]]:
    """All that wait, as they will run by that rule if nothing else happens.

    Each turn sends its person to the back, so that everybody who waits has one before anybody has
    another: turn by turn, in the order of the first ones.
    """
    interrupted = case((_INTERRUPTED, 1), else_=0)
    own = [orders.c.user_id, interrupted]
    turn = func.row_number().over(partition_by=own, order_by=orders.c.id)
    interruptions = func.sum(interrupted).over(partition_by=orders.c.user_id)
    had_before = case((_INTERRUPTED, 0), else_=interruptions)
    first = func.min(orders.c.id).over(partition_by=own)
    return _WAITING.order_by(interrupted.desc(), turn, had_before, orders.c.served, first)


class QueueRepository(OrderRepository):
    """QUEUED to RUNNING, and from there to DONE, FAILED or back."""

    async def line(self) -> list[int]:
        """The ids of the QUEUED orders as they will run; see `_line`."""
        return [row.id for row in await self._read(_line())]

    async def claim_next(self, *, after: int = 0) -> Order | None:
        """Take the first of the line: QUEUED to RUNNING, in a new epoch; its person is served.

        Args:
            after: how many of the line to leave to others.
        """
        lines = (_line().offset(after).limit(1),) if after else NEXT
        for line in lines:
            if first := await self._read(line):
                break
        else:
            return None
        now = self._clock()
        await self._change(
            orders.c.id == first[0].id,
            state=OrderState.RUNNING,
            epoch=orders.c.epoch + 1,
            started_at=now,
        )
        await self._served(first[0].user_id, now)
        return await self._the(first[0].id)

    async def _served(self, user_id: int, moment: datetime | None) -> None:
        await self._write(
            update(patrons).where(patrons.c.user_id == user_id).values(served_at=moment)
        )
        await self._change(
            orders.c.user_id == user_id, orders.c.state.in_(OPEN), served=microseconds(moment)
        )

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
            await self._deliver(DeliveryKind.PAINTING, id)
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
            await self._deliver(DeliveryKind.FAILURE, id)
        return failed

    async def put_back(
        self,
        id: int,  # noqa: A002 - the contract's name
        epoch: int,
        *,
        died: bool,
        lost: bool = False,
    ) -> Order | None:
        """RUNNING back to QUEUED in a new epoch; the second death of the engine fails the order.

        So does its being lost again and again, for whatever reason: the order may be the reason.

        Returns:
            The order as it is now, QUEUED or FAILED; None when it is no longer running in that
            epoch.
        """
        order = await self.order(id)
        if order is None or order.state is not OrderState.RUNNING or order.epoch != epoch:
            return None
        deaths = order.deaths + (1 if died else 0)
        losses = order.losses + (1 if lost else 0)
        await self._change(orders.c.id == id, deaths=deaths, losses=losses)
        if deaths > DEATHS_ALLOWED or losses > LOSSES_ALLOWED:
            await self.fail(id, epoch, failure=ENGINE_DIED)
        else:
            await self._change(orders.c.id == id, state=OrderState.QUEUED, epoch=orders.c.epoch + 1)
        return await self._the(id)

    async def requeue_running(self) -> list[Order]:
        """Put back whatever a killed process left RUNNING; for the start, before any claim."""
        left = await self._orders(orders.c.state == OrderState.RUNNING)
        put_back = [await self.put_back(order.id, order.epoch, died=False) for order in left]
        return [order for order in put_back if order is not None]

    async def recent_durations(self, limit: int = 20) -> list[Duration]:
        """How long the newest DONE orders took, newest first."""
        rows = await self._read(
            select(orders.c.started_at, orders.c.finished_at, orders.c.wishes)
            .where(orders.c.state == OrderState.DONE)
            .order_by(orders.c.finished_at.desc(), orders.c.id.desc())
            .limit(limit)
        )
        return [_duration(row) for row in rows]


def _duration(row: Row[Any]) -> Duration:
    seconds = (row.finished_at - row.started_at).total_seconds()
    return Duration(seconds=seconds, wishes=Wishes(**row.wishes))


def _running(order_id: int, epoch: int) -> tuple[ColumnElement[bool], ...]:
    return (
        orders.c.id == order_id,
        orders.c.epoch == epoch,
        orders.c.state == OrderState.RUNNING,
    )
