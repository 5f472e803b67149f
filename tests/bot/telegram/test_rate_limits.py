"""Rates, with time made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.rate_limits import GROUP_INTERVAL, PRIVATE_INTERVAL, Pace, Throttle


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_intervals_keep_telegrams_limits() -> None:
    assert PRIVATE_INTERVAL == 2
    assert 60 / GROUP_INTERVAL <= 20


@pytest.mark.parametrize("interval", [PRIVATE_INTERVAL, GROUP_INTERVAL])
def test_an_edit_makes_the_next_one_wait(interval: float) -> None:
    time = Time()
    pace = Pace(interval, clock=time)
    assert pace.free_at <= time.now
    pace.edited()
    assert pace.free_at == time.now + interval
    time.now += interval
    assert pace.free_at <= time.now


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


@given(
    gaps=st.lists(st.floats(min_value=0, max_value=0.5), min_size=1, max_size=200),
    burst=st.integers(min_value=1, max_value=40),
)
def test_no_window_holds_more_than_burst_and_rate_allow(gaps: list[float], burst: int) -> None:
    time = Time()
    rate = 30.0
    throttle = Throttle(rate, burst=burst, clock=time)
    passed = []
    for gap in gaps:
        time.now += gap
        passed.append(time.now + throttle.reserve())
    assert passed == sorted(passed)
    for first, start in enumerate(passed):
        within = [moment for moment in passed[first:] if moment < start + 1 - 1e-6]
        assert len(within) <= burst + rate


def test_a_burst_passes_at_once() -> None:
    throttle = Throttle(10, burst=5, clock=Time())
    delays = [throttle.reserve() for _ in range(7)]
    assert delays[:5] == [0.0] * 5
    assert delays[5:] == pytest.approx([0.1, 0.2])
