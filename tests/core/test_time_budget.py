"""Pacing by a clock that the test turns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedule import StagePlan
from core.time_budget import TimeBudget

STAGES = [
    StagePlan((256, 192), ((256, 192),), 50),
    StagePlan((512, 384), ((512, 384),), 20),
]


class Machine:
    """A machine of a certain speed, in pixels of an evaluation for each second."""

    def __init__(self, speed: float) -> None:
        self.now = 100.0
        self.speed = speed
        self.stages: list[int] = []
        self.evaluations = 0

    def clock(self) -> float:
        return self.now

    def work(self, pixels: int) -> None:
        self.now += pixels / self.speed

    def paint(self, seconds: float, slower_after: int = 10**9) -> float:
        """Paints as a run does; returns the seconds that it took."""
        budget = TimeBudget(seconds, STAGES, self.now, self.clock)
        pixels = 64 * 64
        self.work(pixels)
        budget.learn(pixels, pixels / self.speed)
        for index, stage in enumerate(STAGES):
            if not budget.reaches(index):
                break
            self.stages.append(index)
            self.work(stage.pixels)
            budget.begin(index)
            while not budget.is_over():
                self.evaluations += 1
                if self.evaluations == slower_after:
                    self.speed /= 3
                self.work(stage.pixels)
                budget.evaluated()
                assert 0 <= budget.share <= 1
                assert budget.expected(self.evaluations, 1) >= self.evaluations
        return self.now - 100.0


@settings(max_examples=100, deadline=None)
@given(speed=st.floats(2e5, 1e8), evaluations=st.integers(40, 3000))
def test_the_time_is_kept_within_a_tenth_at_any_speed(speed: float, evaluations: int) -> None:
    # With less than 40 not even the first size has time for a few.
    seconds = evaluations * STAGES[0].pixels / speed
    assert Machine(speed).paint(seconds) == pytest.approx(seconds, rel=0.1)


@given(slower_after=st.integers(5, 60))
def test_the_time_is_kept_when_the_machine_slows_down(slower_after: int) -> None:
    machine = Machine(3e5)
    assert machine.paint(60.0, slower_after) == pytest.approx(60.0, rel=0.1)


def test_each_size_has_the_part_of_the_time_that_it_has_of_the_work() -> None:
    machine = Machine(1e7)
    machine.paint(100.0)
    assert machine.stages == [0, 1]
    small, large = (stage.work for stage in STAGES)
    expected = 1e9 * (small / STAGES[0].pixels + large / STAGES[1].pixels) / (small + large)
    assert machine.evaluations == pytest.approx(expected, rel=0.05)


def test_a_size_without_time_for_it_is_left_out() -> None:
    machine = Machine(1e5)
    assert machine.paint(8.0) == pytest.approx(8.0, rel=0.1)
    assert machine.stages == [0]
