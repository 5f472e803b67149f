"""Rates, with time made up."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.telegram.errors import NoRoom
from bot.telegram.rate_limits import (
    ANSWER,
    DELIVERY,
    GROUP_INTERVAL,
    PATIENCE_ENDS,
    PRIVATE_INTERVAL,
    PROGRESS,
    Limits,
    Pace,
    RateLimiter,
    Urgency,
)
from tests.bot.telegram.virtual_time import run

ALICE, BOB, GROUP = 1, 2, -3


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Passed:
    """A call that reached Telegram, at the moment when that counted it."""

    chat: int
    at: float
    urgency: Urgency
    name: str


@dataclass
class Far:
    """Telegram's side of the limiter: it writes down what comes."""

    limiter: RateLimiter = field(default_factory=RateLimiter)
    passed: list[Passed] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)

    async def call(
        self,
        chat: int,
        urgency: Urgency,
        *,
        name: str = "",
        before: float = 0.0,
        after: float = 0.0,
        endpoint: str = "sendMessage",
    ) -> None:
        async def callback() -> bool:
            await asyncio.sleep(before)
            now = asyncio.get_running_loop().time()
            self.passed.append(Passed(chat, now, urgency, name))
            if self.refusals:
                raise RetryAfter(int(self.refusals.pop()))
            await asyncio.sleep(after)
            return True

        await self.limiter.process_request(callback, (), {}, endpoint, {"chat_id": chat}, urgency)


def now() -> float:
    return asyncio.get_running_loop().time()


async def outcome(call: Awaitable[None]) -> float | None:
    """The wait that a call was refused with; None if it passed."""
    try:
        await call
    except NoRoom as fault:
        return fault.wait
    return None


def most_within(moments: list[float], seconds: float) -> int:
    moments = sorted(moments)
    return max(
        (sum(start <= moment < start + seconds - 1e-3 for moment in moments) for start in moments),
        default=0,
    )


PATIENT = [replace(urgency, patience=1000.0) for urgency in (DELIVERY, ANSWER)]

calls = st.lists(
    st.tuples(
        st.floats(0, 40),
        st.sampled_from([ALICE, BOB, GROUP]),
        st.sampled_from([*PATIENT, DELIVERY, ANSWER, PROGRESS]),
        st.floats(0, 3),
        st.floats(0, 3),
    ),
    max_size=60,
)


@given(calls=calls, limits=st.sampled_from([Limits(), Limits(overall=(4, 1.0))]))
def test_no_window_holds_more_than_telegram_allows_and_patience_is_rewarded(
    calls: list[tuple[float, int, Urgency, float, float]], limits: Limits
) -> None:
    far = Far(RateLimiter(limits))

    async def one(at: float, chat: int, urgency: Urgency, before: float, after: float) -> None:
        await asyncio.sleep(at)
        begun = now()
        refused = await outcome(far.call(chat, urgency, before=before, after=after))
        waited = now() - begun - (0 if refused else before + after)
        assert waited <= urgency.patience + 1e-3
        assert refused is None or (refused > 0 and urgency not in PATIENT)

    async def everything() -> None:
        await asyncio.gather(*(one(*call) for call in calls))

    run(everything())
    moments = [passed.at for passed in far.passed]
    assert most_within(moments, limits.overall[1]) <= limits.overall[0]
    for chat in (ALICE, BOB, GROUP):
        moments = [passed.at for passed in far.passed if passed.chat == chat]
        assert most_within(moments, limits.chat[1]) <= limits.chat[0]
        if chat == GROUP:
            assert most_within(moments, limits.group[1]) <= limits.group[0]


@pytest.mark.parametrize("chat", [ALICE, GROUP])
def test_a_delivery_never_waits_behind_progress(chat: int) -> None:
    far = Far()

    async def scene() -> None:
        refused = [await outcome(far.call(chat, PROGRESS)) for _ in range(50)]
        assert refused[0] is None
        assert refused[-1] is not None
        begun = now()
        await far.call(chat, ANSWER)
        await far.call(chat, DELIVERY)
        assert now() == begun

    run(scene())


def test_the_more_urgent_goes_first_and_then_whoever_came_first() -> None:
    far = Far(RateLimiter(Limits(chat=(1, 10.0))))

    async def scene() -> None:
        await far.call(ALICE, ANSWER)
        waiting = []
        for name, urgency in [("a1", PATIENT[1]), ("a2", PATIENT[1]), ("d1", PATIENT[0])]:
            waiting.append(asyncio.create_task(far.call(ALICE, urgency, name=name)))
            await asyncio.sleep(0.1)
        await far.call(BOB, ANSWER, name="bob")
        await asyncio.gather(*waiting)

    run(scene())
    assert [passed.name for passed in far.passed] == ["", "bob", "d1", "a1", "a2"]


def test_nothing_waits_for_ever_behind_the_more_urgent() -> None:
    far = Far(RateLimiter(Limits(chat=(1, 1.0))))

    async def deliver(at: float) -> None:
        await asyncio.sleep(at)
        await far.call(ALICE, PATIENT[0])

    async def scene() -> None:
        # Two deliveries come for each that there is room for.
        flood = asyncio.gather(*(deliver(number / 2) for number in range(200)))
        await asyncio.sleep(3)
        begun = now()
        await far.call(ALICE, PATIENT[1], name="answer")
        assert now() - begun < PATIENCE_ENDS + 5
        assert not flood.done()
        flood.cancel()

    run(scene())


def test_a_429_holds_its_chat_and_no_other_and_the_call_is_made_again() -> None:
    far = Far(refusals=[30.0])

    async def scene() -> None:
        begun = now()
        first = asyncio.create_task(far.call(ALICE, PATIENT[0], name="first"))
        await asyncio.sleep(0.1)
        assert await outcome(far.call(ALICE, ANSWER, name="held")) == pytest.approx(29.9)
        await far.call(BOB, ANSWER, name="bob")
        assert now() - begun == pytest.approx(0.1)
        await first
        assert now() - begun == pytest.approx(30)

    run(scene())
    assert [passed.name for passed in far.passed] == ["first", "bob", "first"]


def test_a_429_that_progress_brought_about_holds_up_nothing_more_urgent() -> None:
    far = Far(refusals=[60.0])

    async def scene() -> None:
        assert await outcome(far.call(ALICE, PROGRESS)) == pytest.approx(60)
        assert await outcome(far.call(ALICE, ANSWER)) is None
        assert await outcome(far.call(ALICE, DELIVERY)) is None
        assert await outcome(far.call(ALICE, PROGRESS)) == pytest.approx(60)

    run(scene())
    assert [passed.urgency for passed in far.passed] == [PROGRESS, ANSWER, DELIVERY]


def test_a_429_without_a_chat_holds_that_method() -> None:
    far = Far(refusals=[80_000.0])

    async def scene() -> None:
        assert await outcome(far.call(ALICE, ANSWER, endpoint="getChatMember")) == 80_000
        assert await outcome(far.call(ALICE, ANSWER, endpoint="sendMessage")) is None

    run(scene())


def test_who_is_cancelled_leaves_the_line_and_takes_no_room() -> None:
    far = Far(RateLimiter(Limits(chat=(1, 10.0))))

    async def scene() -> None:
        await far.call(ALICE, ANSWER)
        leaving = asyncio.create_task(far.call(ALICE, PATIENT[0], name="left"))
        staying = asyncio.create_task(far.call(ALICE, PATIENT[1], name="stayed"))
        await asyncio.sleep(1)
        leaving.cancel()
        begun = now()
        await staying
        assert now() - begun == pytest.approx(9)

    run(scene())
    assert [passed.name for passed in far.passed] == ["", "stayed"]


def test_the_intervals_keep_telegrams_limits() -> None:
    limits = Limits()
    assert PRIVATE_INTERVAL == 2
    assert limits.chat[1] / PRIVATE_INTERVAL < limits.chat[0]
    assert limits.group[1] / GROUP_INTERVAL < limits.group[0] == 20


@pytest.mark.parametrize("interval", [PRIVATE_INTERVAL, GROUP_INTERVAL])
def test_an_edit_makes_the_next_one_wait(interval: float) -> None:
    time = Time()
    pace = Pace(interval, clock=time)
    assert pace.free_at <= time.now
    pace.edited()
    assert pace.free_at == time.now + interval
    time.now += interval
    assert pace.free_at <= time.now


def test_a_rest_holds_up_progress_and_nothing_else() -> None:
    time = Time()
    pace = Pace(2.0, clock=time)
    pace.rest(30)
    assert pace.free_at == 130
    assert pace.held_until <= time.now


def test_a_hold_outlasts_the_interval_and_only_grows() -> None:
    time = Time()
    pace = Pace(2.0, clock=time)
    pace.hold(30)
    pace.hold(5)
    pace.edited()
    assert pace.free_at == pace.held_until == 130
    time.now = 129
    pace.edited()
    assert pace.free_at == 131
