"""When to try again."""

from bot.telegram.backoff import Backoff
from bot.telegram.errors import TryLater, Unsure


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(first=2.0, longest=30.0)
    delays = [backoff.delay(failures) for failures in range(1, 7)]
    assert delays == [2, 4, 8, 16, 30, 30]
    assert backoff.delay(10_000) == 30


def test_telegrams_own_word_wins() -> None:
    backoff = Backoff(first=1.0, longest=60.0)
    assert backoff.delay(5, TryLater("too many requests", 700)) == 700
    assert backoff.delay(2, TryLater("ConnectError")) == backoff.delay(2, Unsure("x")) == 2
