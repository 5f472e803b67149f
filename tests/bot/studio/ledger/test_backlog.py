"""What is open, and what has ended since: read by indexes, whatever the ledger has behind it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, update

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import OrderState
from bot.studio.ledger.tables import orders
from tests.bot.studio.scenes import Clock, queued_order

NOTHING_OPEN = dict.fromkeys([OrderState.PREPARING, OrderState.QUEUED, OrderState.RUNNING], 0)


async def test_what_is_open_is_counted_and_its_oldest_known(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        empty = await transaction.backlog()
        assert empty.orders == NOTHING_OPEN
        assert (empty.oldest_waiting, empty.oldest_delivery) == (None, None)
        first = await queued_order(transaction, 1)
        claimed = await transaction.claim_next()
        clock.now += timedelta(minutes=1)
        second = await queued_order(transaction, 2)
        clock.now += timedelta(minutes=1)
        await queued_order(transaction, 3)
        open_ = await transaction.backlog()
        assert open_.orders == {**NOTHING_OPEN, OrderState.QUEUED: 2, OrderState.RUNNING: 1}
        assert open_.waiting == 2
        assert open_.oldest_waiting == second.created_at
        assert (open_.deliveries, open_.oldest_delivery) == (0, None)
        assert claimed is not None
        await transaction.finish(first.id, claimed.epoch, painting="images/00/a.jpg")
        ended = await transaction.order(first.id)
        assert ended is not None
        assert ended.finished_at is not None
        over = await transaction.backlog()
        assert over.deliveries == 1
        assert over.oldest_delivery is not None
        assert over.oldest_delivery >= ended.finished_at > first.created_at
        assert over.orders[OrderState.RUNNING] == 0


async def test_each_end_is_told_once_and_a_few_at_a_time(ledger: Ledger, clock: Clock) -> None:
    since = clock.now
    async with ledger.begin() as transaction:
        for user_id in range(1, 6):
            order = await queued_order(transaction, user_id)
            await transaction.cancel(order.id)
        # Those that end together are told apart by their ids.
        await transaction._write(
            update(orders).where(orders.c.user_id < 4).values(finished_at=clock.now)
        )
        seen: list[int] = []
        place = since, 0
        while ended := await transaction.ended_since(*place, limit=2):
            seen += [order.id for order in ended]
            place = ended[-1].finished_at, ended[-1].id
            assert all(order.state is OrderState.CANCELLED for order in ended)
    assert len(seen) == len(set(seen)) == 5


async def test_neither_reads_what_is_over(ledger: Ledger, clock: Clock) -> None:
    asked: list[tuple[str, Any]] = []

    def note(*arguments: object) -> None:
        asked.append((str(arguments[2]), arguments[3]))

    async with ledger.begin() as transaction:
        connection = transaction._connection
        assert connection.sync_connection is not None
        event.listen(connection.sync_connection, "before_cursor_execute", note)
        await transaction.backlog()
        await transaction.ended_since(clock.now, 1, limit=1000)
        event.remove(connection.sync_connection, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN"
        if connection.dialect.name == "postgresql":
            # Of an empty table every plan is as good.
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN"
        plans = []
        for statement, parameters in asked:
            rows = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
            plans.append("\n".join(str(row[-1]) for row in rows))
    assert len(plans) == 3
    assert all("ix_orders_" in plan or "ix_deliveries_" in plan for plan in plans), plans
    assert not any("Seq Scan" in plan or "SCAN" in plan for plan in plans), plans
