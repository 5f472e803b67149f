"""What a card says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines.protocol import Note, Progress
from bot.studio.courier.card_texts import (
    bar,
    cancel_button,
    describe,
    describe_failure,
    describe_painting,
)
from bot.studio.dispatch.estimates import Estimate
from bot.studio.ledger.model import (
    Change,
    Order,
    OrderState,
    Picture,
    PictureKind,
    PictureState,
    Wishes,
)
from bot.telegram.place import Place
from bot.words import Library

WORDS = Library().words("en")
START = datetime(2026, 5, 1, tzinfo=UTC)
PHOTO = Picture(
    id=1,
    place=Place(chat_id=5),
    message_id=10,
    user_id=5,
    kind=PictureKind.PHOTO,
    file_id="a",
    file_unique_id="b",
    media_group_id=None,
    caption=None,
    state=PictureState.READY,
    path="images/00/0.jpg",
    width=4,
    height=3,
    received_at=START,
)
ORDER = Order(
    id=77,
    place=Place(chat_id=5),
    user_id=5,
    source="5:11",
    reply_to=11,
    content=PHOTO,
    styles=(PHOTO,),
    wishes=Wishes(),
    language="en",
    state=OrderState.QUEUED,
    epoch=0,
    deaths=0,
    card=None,
    card_has_photo=False,
    painting=None,
    failure=None,
    created_at=START,
    started_at=None,
    finished_at=None,
)
PROGRESS = Progress(
    iteration=45,
    iterations=100,
    loss=0.12,
    elapsed=33.0,
    remaining=40.0,
    share=0.45,
)


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(position=0, wait=None), "You are next."),
        (Estimate(position=0, wait=0.0), "You are next."),
        (Estimate(position=0, wait=41.0), "You are next. It starts in about 40 seconds."),
        (Estimate(position=2, wait=130.0), "2 before you. It starts in about 2 minutes."),
        (Estimate(position=1, wait=None), "1 before you."),
        (None, "Your painting is in the queue."),
    ],
)
def test_waiting(estimate: Estimate | None, text: str) -> None:
    assert describe(ORDER, WORDS, estimate=estimate) == text


def test_a_second_attempt_says_so() -> None:
    text = describe(replace(ORDER, deaths=1), WORDS, estimate=Estimate(position=0, wait=None))
    assert text.endswith("You are next.")
    assert "afresh" in text


def test_painting() -> None:
    running = replace(ORDER, state=OrderState.RUNNING)
    assert describe(running, WORDS, progress=PROGRESS) == (
        "█████░░░░░░░ 45 %\nStep 45 of 100, about 40 seconds left\nLoss: 12 % of the start"
    )


def test_painting_without_news() -> None:
    text = describe(replace(ORDER, state=OrderState.RUNNING), WORDS)
    assert bar(0) in text


numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(
    iteration=st.integers(min_value=-5, max_value=2000),
    iterations=st.integers(min_value=0, max_value=1000),
    loss=numbers,
    remaining=st.none() | numbers,
    share=numbers,
)
def test_no_number_breaks_a_card(
    iteration: int,
    iterations: int,
    loss: float,
    remaining: float | None,
    share: float,
) -> None:
    progress = replace(
        PROGRESS,
        iteration=iteration,
        iterations=iterations,
        loss=loss,
        remaining=remaining,
        share=share,
    )
    text = describe(replace(ORDER, state=OrderState.RUNNING), WORDS, progress=progress)
    assert len(text) < 1024
    assert "nan" not in text
    assert "inf " not in text


@given(fraction=st.floats(min_value=-1, max_value=2), more=st.floats(min_value=0, max_value=1))
def test_the_bar_only_grows(fraction: float, more: float) -> None:
    assert len(bar(fraction)) == 12
    assert bar(fraction).count("█") <= bar(fraction + more).count("█")
    assert bar(0.999).count("█") == 11
    assert bar(1).count("█") == 12


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "Finished in 1 second."),
        (43.4, "Finished in 43 seconds."),
        (130.0, "Finished in about 2 minutes."),
    ],
)
def test_the_end(seconds: float, text: str) -> None:
    done = replace(
        ORDER,
        state=OrderState.DONE,
        started_at=ORDER.created_at + timedelta(seconds=seconds / 2),
        finished_at=ORDER.created_at + timedelta(seconds=seconds),
    )
    assert describe(done, WORDS) == text
    assert describe_painting(done, WORDS) == text


def test_every_state_has_words() -> None:
    texts = {describe(replace(ORDER, state=state), WORDS) for state in OrderState}
    assert len(texts) == len(OrderState)


def test_failures_are_told_apart() -> None:
    names = ["engine_died", "picture_missing", "ImageTooSmallError", "AspectRatioError", "internal"]
    texts = {describe_failure(replace(ORDER, failure=name), WORDS) for name in names}
    assert len(texts) == len(names)
    assert not any(name in text for name in names for text in texts)


def test_the_cancel_button_names_its_order() -> None:
    [[button]] = cancel_button(ORDER, WORDS).inline_keyboard
    assert button.callback_data == "cancel:77"


def test_a_painting_says_what_is_different_what_came_about_and_how_long_it_took() -> None:
    done = replace(
        ORDER, state=OrderState.DONE, finished_at=ORDER.created_at + timedelta(seconds=9)
    )
    assert describe_painting(done, WORDS) == "Finished in 9 seconds."
    larger = replace(done, change=Change.LARGER)
    assert describe_painting(larger, WORDS) == "Larger this time. Finished in 9 seconds."
    caption = describe_painting(replace(larger, note=Note.SMALLER), WORDS)
    assert caption.startswith("Larger this time. The studio ran short of memory")
    assert caption.endswith(" Finished in 9 seconds.")
    said = {describe_painting(replace(done, note=note), WORDS) for note in (None, *Note)}
    assert len(said) == 1 + len(Note)
