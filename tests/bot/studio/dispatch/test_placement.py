"""Who paints what where some engines are faster than others."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engines.protocol import Engine
from bot.studio.dispatch.placement import Placement
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Order
from bot.studio.pictures.files import Files
from tests.bot.studio.dispatching import Studio
from tests.bot.studio.scripted import ScriptedEngine

SIZE = 512


def nothing() -> None:
    return None


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def placement(time: Time) -> Placement:
    return Placement(time)


def engine(placement: Placement, name: str, *seconds: float, speed: float = 1.0) -> Engine:
    """An engine that is up, and has painted orders in so many seconds."""
    made = ScriptedEngine(name, speed=speed)
    placement.up(made)
    for one in seconds:
        placement.measured(made, SIZE, one)
    return made


def test_an_engine_alone_and_engines_that_are_alike_leave_nothing(placement: Placement) -> None:
    one = engine(placement, "one", 10.0)
    assert placement.turn(one) == 0
    two = engine(placement, "two", 11.0)
    assert [placement.turn(one), placement.turn(two)] == [0, 0]
    assert placement.engines_up() == 2


def test_a_slow_engine_leaves_what_a_fast_one_will_have_done_sooner(placement: Placement) -> None:
    slow, fast = engine(placement, "slow", 35.0), engine(placement, "fast", 10.0)
    # It would have done the first three after 10, 20 and 30 seconds, the fourth after 40.
    assert placement.turn(slow) == 2  # 35 is as good as 30
    assert placement.turn(fast) == 0
    placement.begun(fast, lambda: 25.0)  # 35, 45
    assert placement.turn(slow) == 0
    placement.begun(fast, lambda: 5.0)  # 15, 25, 35
    assert placement.turn(slow) == 2
    placement.down(fast)
    assert placement.turn(slow) == 0


def test_what_is_left_of_an_order_is_guessed_until_it_is_told(
    placement: Placement, time: Time
) -> None:
    slow, fast = engine(placement, "slow", 20.0), engine(placement, "fast", 10.0)
    placement.begun(fast, nothing)
    assert placement.turn(slow) == 0  # 10 more seconds, and 10 of its own
    time.now += 9
    assert placement.turn(slow) == 1
    time.now += 100  # it should have been done long ago
    assert placement.turn(slow) == 1


def test_of_what_has_not_painted_yet_the_kind_is_known(placement: Placement) -> None:
    cpu, gpu = engine(placement, "CPU"), engine(placement, "GPU", speed=20.0)
    assert placement.turn(gpu) == 0
    assert placement.turn(cpu) == 16  # the 17th is done after 25.5 seconds, as good as 30
    placement.measured(cpu, SIZE, 2.0)
    other = engine(placement, "another CPU")
    assert placement.turn(other) == placement.turn(cpu) == 16


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 1000), min_size=1, max_size=8), st.integers(1, 40))
def test_whoever_is_free_or_not_somebody_takes_the_first_order(
    seconds: list[float], size: int
) -> None:
    placement = Placement()
    engines = [engine(placement, str(number)) for number in range(len(seconds))]
    for one, took in zip(engines, seconds, strict=True):
        placement.measured(one, size, took)
    turns = {one.name: placement.turn(one) for one in engines}
    fastest = min(range(len(seconds)), key=seconds.__getitem__)
    assert turns[str(fastest)] == 0


async def test_two_wait_and_each_engine_takes_its_own(ledger: Ledger, files: Files) -> None:
    slow, fast = ScriptedEngine("slow"), ScriptedEngine("fast", speed=1.5)
    fast.gate.clear()
    slow.gate.clear()
    studio = Studio(ledger, files, slow, fast)
    async with studio.open():
        async with asyncio.timeout(30):
            while studio.dispatcher._placement.engines_up() < 2:  # noqa: ASYNC110 (wakes nobody)
                await asyncio.sleep(0.01)
        orders: list[Order] = [await studio.order(user) for user in range(2)]
        await fast.begun.wait()
        await slow.begun.wait()
        assert [job.order_id for job in fast.jobs] == [orders[0].id]
        assert [job.order_id for job in slow.jobs] == [orders[1].id]
        fast.gate.set()
        slow.gate.set()
        for order in orders:
            await studio.settled(order)
