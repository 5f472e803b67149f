"""What the studio says of itself."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.results import Statistics, TimeSpread
from bot.studio.ledger.statistics import spread
from tests.bot.studio.scenes import Clock, queued_order


async def test_orders_are_counted_and_timed(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        await queued_order(transaction, 1)
        early = await transaction.claim_next()
        assert early is not None
        await transaction.finish(early.id, early.epoch, painting="images/00/a.jpg")
    clock.now += timedelta(days=1)
    since = clock.now
    async with ledger.begin() as transaction:
        assert await transaction.statistics(since) == Statistics(
            ordered=0, painted=0, failed=0, cancelled=0, waiting=0, running=0, wait=None, paint=None
        )
        for number, (wait, paint) in enumerate([(10, 40), (30, 80)]):
            order = await queued_order(transaction, 10 + number)
            clock.now = order.created_at + timedelta(seconds=wait - 1)
            claimed = await transaction.claim_next()
            assert claimed is not None
            assert claimed.started_at is not None
            clock.now = claimed.started_at + timedelta(seconds=paint - 1)
            await transaction.finish(claimed.id, claimed.epoch, painting="images/00/b.jpg")
        failing = await queued_order(transaction, 3)
        claimed = await transaction.claim_next()
        assert claimed is not None
        await transaction.fail(failing.id, claimed.epoch, failure="internal")
        cancelled = await queued_order(transaction, 4)
        await transaction.cancel(cancelled.id)
        for user_id in (5, 6, 7):
            await queued_order(transaction, user_id)
        await transaction.claim_next()
        assert await transaction.statistics(since) == Statistics(
            ordered=7,
            painted=2,
            failed=1,
            cancelled=1,
            waiting=2,
            running=1,
            wait=TimeSpread(mean=20.0, percentile_95=29.0),
            paint=TimeSpread(mean=60.0, percentile_95=78.0),
        )


@given(st.lists(st.floats(0, 1e5), min_size=1))
def test_the_95th_percentile_lies_among_the_times_and_above_most(seconds: list[float]) -> None:
    found = spread(seconds)
    assert found is not None
    assert min(seconds) - 1e-6 <= found.percentile_95 <= max(seconds) + 1e-6
    assert sum(one <= found.percentile_95 + 1e-6 for one in seconds) >= 0.9 * len(seconds) - 1
    assert found.mean == pytest.approx(sum(seconds) / len(seconds), abs=1e-6)


def test_there_is_no_spread_of_nothing() -> None:
    assert spread([]) is None
    assert spread([4.0]) == TimeSpread(mean=4.0, percentile_95=4.0)
