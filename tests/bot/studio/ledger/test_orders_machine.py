"""Whatever happens in whatever order, the ledger says what a simple model says."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import OrderState
from bot.studio.ledger.results import TooManyOrders
from bot.studio.ledger.transaction import Transaction
from tests.bot.databases import Databases, Postgresql
from tests.bot.studio.scenes import NOT_AN_IMAGE, Clock, picture, wanted

T = TypeVar("T")
LIMIT = 3
USERS = st.integers(1, 3)


@dataclass
class Expected:
    """What the model knows of an order."""

    user_id: int
    state: OrderState
    missing: int
    deaths: int = 0
    deliveries: int = 0


class OrderLife(RuleBasedStateMachine):
    """People order and cancel, engines claim, finish, fail and die, the bot is restarted."""

    fetching: Bundle[int] = Bundle("fetching")
    claims: Bundle[tuple[int, int]] = Bundle("claims")

    databases: ClassVar[Databases]

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._fresh = self.databases.fresh()
        self._orders: dict[int, Expected] = {}
        self._current: dict[int, int] = {}
        self._sources: dict[str, int] = {}

    @initialize()
    def open(self) -> None:
        async def open_() -> Ledger:
            return await Ledger.open(await self._fresh.__aenter__(), clock=Clock())

        self._ledger = self._runner.run(open_())

    def teardown(self) -> None:
        async def close() -> None:
            await self._ledger.close()
            await self._fresh.__aexit__(None, None, None)

        self._runner.run(close())
        self._runner.close()

    def _do(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def transaction() -> T:
            async with self._ledger.begin() as transaction:
                return await work(transaction)

        return self._runner.run(transaction())

    def _holds(self, claim: tuple[int, int]) -> bool:
        return self._current.get(claim[0]) == claim[1]

    @rule(target=fetching, user=USERS, source=st.integers(1, 20))
    def order(self, user: int, source: int) -> MultipleResults[int]:
        key = f"42:{source}"

        async def place(transaction: Transaction) -> tuple[int, list[int]]:
            pictures = [await picture(transaction, user_id=user) for _ in range(2)]
            new = wanted(*pictures, user_id=user, source=key)
            return (await transaction.place_order(new, limit=LIMIT)).id, [p.id for p in pictures]

        mine = [e for e in self._orders.values() if e.user_id == user and not e.state.final]
        try:
            order_id, pictures = self._do(place)
        except TooManyOrders:
            assert len(mine) >= LIMIT
            assert key not in self._sources
            return multiple()
        if key in self._sources:
            assert self._sources[key] == order_id
            return multiple()
        assert len(mine) < LIMIT
        self._sources[key] = order_id
        self._orders[order_id] = Expected(user, OrderState.PREPARING, missing=2)
        return multiple(*pictures)

    @rule(picture_id=consumes(fetching))
    def fetched(self, picture_id: int) -> None:
        queued = self._do(
            lambda transaction: transaction.picture_ready(picture_id, path="p", width=1, height=1)
        )
        order_id = self._order_with(picture_id)
        expected = self._orders[order_id]
        expected.missing -= 1
        becomes = expected.state is OrderState.PREPARING and expected.missing == 0
        assert [order.id for order in queued] == ([order_id] if becomes else [])
        if becomes:
            expected.state = OrderState.QUEUED

    @rule(picture_id=consumes(fetching))
    def refused(self, picture_id: int) -> None:
        self._do(lambda transaction: transaction.picture_refused(picture_id, NOT_AN_IMAGE))
        order_id = self._order_with(picture_id)
        if self._orders[order_id].state is OrderState.PREPARING:
            self._end(order_id, OrderState.CANCELLED, told=True)

    def _order_with(self, picture_id: int) -> int:
        for order_id in self._orders:
            order = self._do(partial(Transaction.order, id=order_id))
            assert order is not None
            if picture_id in {order.content.id, *(style.id for style in order.styles)}:
                return order_id
        raise AssertionError(f"nobody ordered picture {picture_id}")

    @rule(target=claims)
    def claim(self) -> MultipleResults[tuple[int, int]]:
        foretold = self._do(Transaction.line)
        order = self._do(Transaction.claim_next)
        if order is None:
            assert all(e.state is not OrderState.QUEUED for e in self._orders.values())
            assert foretold == []
            return multiple()
        assert order.id == foretold[0]
        assert self._orders[order.id].state is OrderState.QUEUED
        self._orders[order.id].state = OrderState.RUNNING
        self._current[order.id] = order.epoch
        return multiple((order.id, order.epoch))

    @rule(claim=claims)
    def finish(self, claim: tuple[int, int]) -> None:
        counts = self._do(lambda transaction: transaction.finish(*claim, painting="p"))
        assert counts is self._holds(claim)
        if counts:
            self._end(claim[0], OrderState.DONE, told=True)

    @rule(claim=claims)
    def fail(self, claim: tuple[int, int]) -> None:
        counts = self._do(lambda transaction: transaction.fail(*claim, failure="f"))
        assert counts is self._holds(claim)
        if counts:
            self._end(claim[0], OrderState.FAILED, told=True)

    @rule(claim=claims, died=st.booleans())
    def put_back(self, claim: tuple[int, int], died: bool) -> None:
        order = self._do(lambda transaction: transaction.put_back(*claim, died=died))
        assert (order is not None) is self._holds(claim)
        if order is None:
            return
        expected = self._orders[claim[0]]
        expected.deaths += died
        if expected.deaths == 2:
            self._end(claim[0], OrderState.FAILED, told=True)
        else:
            self._end(claim[0], OrderState.QUEUED, told=False)
        assert (order.state, order.deaths) == (expected.state, expected.deaths)

    @rule(number=st.integers(1, 20))
    def cancel(self, number: int) -> None:
        order = self._do(lambda transaction: transaction.cancel(number))
        expected = self._orders.get(number)
        assert (order is not None) is (expected is not None and not expected.state.final)
        if order is not None:
            self._end(number, OrderState.CANCELLED, told=True)

    @rule()
    def restart(self) -> None:
        back = self._do(Transaction.requeue_running)
        assert {order.id for order in back} == self._current.keys()
        for order_id in tuple(self._current):
            self._end(order_id, OrderState.QUEUED, told=False)

    def _end(self, order_id: int, state: OrderState, *, told: bool) -> None:
        self._current.pop(order_id, None)
        self._orders[order_id].state = state
        self._orders[order_id].deliveries += told

    @invariant()
    def the_ledger_agrees(self) -> None:
        async def look(transaction: Transaction) -> None:
            for order_id, expected in self._orders.items():
                order = await transaction.order(order_id)
                assert order is not None
                assert (order.state, order.deaths) == (expected.state, expected.deaths)
            assert {order.id for order in await transaction.open_orders()} == {
                order_id for order_id, e in self._orders.items() if not e.state.final
            }
            due = await transaction.due_deliveries(Clock().now.replace(year=2100))
            told = [d.order_id for d in due if d.order_id is not None]
            assert sorted(told) == sorted(i for i, e in self._orders.items() if e.deliveries)
            assert all(e.deliveries <= 1 for e in self._orders.values())

        if self._orders:
            self._do(look)


def test_the_ledger_says_what_the_model_says(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OrderLife, "databases", databases, raising=False)
    run_state_machine_as_test(
        OrderLife,
        settings=settings(
            # The rules are the same for both, and a server's every answer takes longer.
            max_examples=4 if isinstance(databases, Postgresql) else 12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
