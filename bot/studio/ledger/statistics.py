"""How the studio is doing, in numbers."""

from collections.abc import Sequence
from datetime import datetime
from statistics import fmean, quantiles

from sqlalchemy import func, select
from sqlalchemy.sql.expression import ColumnElement

from bot.studio.ledger.model import OrderState
from bot.studio.ledger.repository import Repository
from bot.studio.ledger.results import Statistics, TimeSpread
from bot.studio.ledger.tables import orders


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
