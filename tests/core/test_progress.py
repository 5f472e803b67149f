"""How far a painting is."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.progress import RemainingLoss
from core.schedule import StagePlan

HALF = StagePlan(size=(50, 40), style_sizes=(), iterations=32)
WHOLE = StagePlan(size=(100, 80), style_sizes=(), iterations=24)


def test_each_size_counts_by_its_work_and_one_to_come_as_unpainted() -> None:
    left = RemainingLoss([HALF, WHOLE])
    assert left.reach(0, 1.0) == 1.0
    assert left.reach(0, 0.4) == pytest.approx(0.25 * 0.4 + 0.75)
    # A larger size measures anew: its loss is higher, and what is left is less all the same.
    assert left.reach(1, 0.8) == pytest.approx(0.25 * 0.4 + 0.75 * 0.8)
    assert left.reach(1, 0.36, last=True) == pytest.approx(0.25 * 0.4 + 0.75 * 0.36)


def test_what_an_earlier_run_has_painted_counts_as_painted() -> None:
    assert RemainingLoss([HALF, WHOLE]).reach(1, 0.5) == pytest.approx(0.5)


def test_where_a_painting_ends_early_sizes_that_never_began_do_not_count() -> None:
    left = RemainingLoss([HALF, WHOLE])
    assert left.reach(0, 0.4) == pytest.approx(0.85)
    assert left.reach(0, 0.4, last=True) == pytest.approx(0.4)


@given(
    parts=st.lists(st.tuples(st.booleans(), st.floats(min_value=0, max_value=inf)), min_size=1),
    iterations=st.integers(min_value=1, max_value=500),
)
def test_it_never_rises_above_what_was_nor_above_the_start(
    parts: list[tuple[bool, float]], iterations: int
) -> None:
    left = RemainingLoss([HALF, replace(WHOLE, iterations=iterations)])
    told = [left.reach(int(whole), part) for whole, part in sorted(parts, key=lambda one: one[0])]
    assert told == sorted(told, reverse=True)
    assert all(0 <= one <= 1 for one in told)
