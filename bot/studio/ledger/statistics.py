"""How the studio is doing, in numbers."""

from collections.abc import Sequence
from datetime import datetime
from statistics import fmean, quantiles

from sqlalchemy import func, or_, select
from sqlalchemy.sql.expression import ColumnElement

from bot.studio.ledger.model import DeliveryState, OrderState
from bot.studio.ledger.repository import Repository
from bot.studio.ledger.results import Backlog, Ended, Statistics, TimeSpread
from bot.studio.ledger.tables import deliveries, orders

_OPEN = tuple(state for state in OrderState if not state.final)
_WAITING = (OrderState.PREPARING, OrderState.QUEUED)
_TO_DELIVER = (DeliveryState.WAITING, DeliveryState.SENDING)


class StatisticsRepository(Repository):
    """Counts and times of orders."""

    async def statistics(self, since: datetime) -> Statistics:
        """What is going on now, and what has been done since that moment."""
        ordered = await self._read(
            select(func.count()).select_from(orders).where(orders.c.created_at >= since)
        )
        ended = await self._by_state(orders.c.finished_at >= since)
        present = await self._by_state(orders.c.finished_at.is_(None))
        times = await self._read(
            select(orders.c.created_at, orders.c.started_at, orders.c.finished_at).where(
                orders.c.state == OrderState.DONE, orders.c.finished_at >= since
            )
        )
        return Statistics(
            ordered=ordered[0][0],
            painted=ended.get(OrderState.DONE, 0),
            failed=ended.get(OrderState.FAILED, 0),
            cancelled=ended.get(OrderState.CANCELLED, 0),
            waiting=present.get(OrderState.QUEUED, 0) + present.get(OrderState.PREPARING, 0),
            running=present.get(OrderState.RUNNING, 0),
            wait=spread([(row.started_at - row.created_at).total_seconds() for row in times]),
            paint=spread([(row.finished_at - row.started_at).total_seconds() for row in times]),
        )

    async def backlog(self) -> Backlog:
        """What is open now; it reads the open orders and deliveries alone."""
        states = await self._read(
            select(
                orders.c.state,
                func.count().label("number"),
                func.min(orders.c.created_at).label("oldest"),
            )
            .where(orders.c.state.in_(_OPEN))
            .group_by(orders.c.state)
        )
        [outbox] = await self._read(
            select(
                func.count().label("number"), func.min(deliveries.c.asked_at).label("oldest")
            ).where(deliveries.c.state.in_(_TO_DELIVER))
        )
        return Backlog(
            orders={**dict.fromkeys(_OPEN, 0), **{row.state: row.number for row in states}},
            oldest_waiting=min(
                (row.oldest for row in states if row.state in _WAITING), default=None
            ),
            deliveries=outbox.number,
            oldest_delivery=outbox.oldest,
        )

    async def ended_since(self, moment: datetime, order_id: int, *, limit: int) -> list[Ended]:
        """The orders that ended after another one, which ended at that moment; oldest end first."""
        later = or_(orders.c.finished_at > moment, orders.c.id > order_id)
        rows = await self._read(
            select(
                orders.c.id,
                orders.c.state,
                orders.c.created_at,
                orders.c.started_at,
                orders.c.finished_at,
            )
            .where(orders.c.finished_at >= moment, later)
            .order_by(orders.c.finished_at, orders.c.id)
            .limit(limit)
        )
        return [
            Ended(
                id=row.id,
                state=row.state,
                created_at=row.created_at,
                started_at=row.started_at,
                finished_at=row.finished_at,
            )
            for row in rows
        ]

    async def _by_state(self, *conditions: ColumnElement[bool]) -> dict[OrderState, int]:
        rows = await self._read(
            select(orders.c.state, func.count().label("number"))
            .where(*conditions)
            .group_by(orders.c.state)
        )
        return {row.state: row.number for row in rows}


def spread(seconds: Sequence[float]) -> TimeSpread | None:
    """Mean and 95th percentile (interpolated between the two nearest); None of nothing."""
    if not seconds:
        return None
    highest = quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return TimeSpread(mean=fmean(seconds), percentile_95=highest)
