"""Whose turn is next: the ledger's rule against a plain simulation of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.tables import orders
from tests.bot.studio.scenes import Clock, queued_order


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order in the queue: whose, and whether it had been begun."""

    user: int
    interrupted: bool


def simulate(
    waiting: list[tuple[int, Waiting]], served_at: dict[int, datetime | None]
) -> list[int]:
    """Play the rule turn by turn: each turn sends its person to the back."""
    left = sorted(waiting, key=lambda pair: pair[0])
    served: dict[int, tuple[float, ...]] = {}
    for _, one in left:
        when = served_at.get(one.user)
        served[one.user] = (0.0,) if when is None else (1.0, when.timestamp())
    line: list[int] = []
    while left:
        turn = min(left, key=lambda p: (not p[1].interrupted, served[p[1].user], p[0]))
        left.remove(turn)
        line.append(turn[0])
        served[turn[1].user] = (2.0, float(len(line)))
    return line


_USERS = count(100, 100)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    waiting=st.lists(st.builds(Waiting, st.integers(0, 3), st.booleans()), max_size=14),
    minutes=st.permutations([None, None, 1, 2]),
)
async def test_the_line_is_what_the_rule_says(
    ledger: Ledger, clock: Clock, waiting: list[Waiting], minutes: list[int | None]
) -> None:
    # The ledger is the same for all examples, and what was claimed waits no more.
    base = next(_USERS)
    waiting = [replace(one, user=base + one.user) for one in waiting]
    begun = {one.user for one in waiting if one.interrupted}
    served_at: dict[int, datetime | None] = {}
    for user, ago in enumerate(minutes, start=base):
        # Whoever has an interrupted order has had a turn.
        since = ago if ago is not None or user not in begun else 10 + user
        served_at[user] = None if since is None else clock.now - timedelta(minutes=since)
    async with ledger.begin() as transaction:
        placed = [(await queued_order(transaction, one.user)).id for one in waiting]
        for order_id, one in zip(placed, waiting, strict=True):
            if one.interrupted:
                await transaction._change(orders.c.id == order_id, started_at=clock.now)
        for user, when in served_at.items():
            await transaction._served(user, when)
        line = await transaction.line()
        assert line == simulate(list(zip(placed, waiting, strict=True)), served_at)
        claimed = []
        while (order := await transaction.claim_next()) is not None:
            claimed.append(order.id)
        assert claimed == line
