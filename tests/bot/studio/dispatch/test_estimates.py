"""What waiting people may expect."""

import math
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.studio.dispatch.estimates import Estimate, Estimator, estimate_waits, paint_time
from bot.studio.ledger.model import Order, OrderState, Picture, PictureKind, PictureState, Wishes
from bot.studio.ledger.results import Duration
from bot.telegram.place import Place

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
PICTURE = Picture(
    id=1,
    place=Place(chat_id=1),
    message_id=1,
    user_id=1,
    kind=PictureKind.PHOTO,
    file_id="f",
    file_unique_id="u",
    media_group_id=None,
    caption=None,
    state=PictureState.READY,
    path="p",
    width=1,
    height=1,
    received_at=NOON,
)


def _order(
    order_id: int, user_id: int = 1, *, size: int | None = None, quality: str | None = None
) -> Order:
    return Order(
        id=order_id,
        place=PICTURE.place,
        user_id=user_id,
        source=str(order_id),
        reply_to=1,
        content=PICTURE,
        styles=(PICTURE,),
        wishes=Wishes(size=size, quality=quality),
        language="en",
        state=OrderState.QUEUED,
        epoch=0,
        deaths=0,
        card=None,
        card_has_photo=False,
        painting=None,
        failure=None,
        created_at=NOON,
        started_at=None,
        finished_at=None,
    )


def test_time_grows_with_the_pixels() -> None:
    durations = [Duration(seconds=s, wishes=Wishes(size=512)) for s in (8.0, 10.0, 500.0)]
    seconds = paint_time(durations, Wishes(size=256))
    assert seconds(_order(1, size=1024)) == 40.0
    assert seconds(_order(1)) == 2.5
    assert paint_time([Duration(seconds=10, wishes=Wishes(size=None))], Wishes())(_order(1)) == 10.0
    assert paint_time([], Wishes(size=512))(_order(1)) == math.inf


def test_orders_of_the_same_quality_and_size_are_the_best_judges() -> None:
    durations = [
        Duration(seconds=4.0, wishes=Wishes(size=512, quality="quick")),
        Duration(seconds=30.0, wishes=Wishes(size=512, quality="fine")),
        Duration(seconds=100.0, wishes=Wishes(size=1024, quality="fine")),
        Duration(seconds=10.0, wishes=Wishes(size=512)),
    ]
    seconds = paint_time(durations, Wishes(quality="standard", size=512))
    assert seconds(_order(1)) == 10.0
    assert seconds(_order(1, quality="quick")) == 4.0
    assert seconds(_order(1, quality="quick", size=1024)) == 16.0
    # Its own size is known, and costs less than four times as much.
    assert seconds(_order(1, quality="fine", size=1024)) == 100.0
    assert seconds(_order(1, quality="standard", size=256)) == 2.5
    assert math.isfinite(seconds(_order(1, quality="of another time")))


def test_one_engine_takes_one_after_another() -> None:
    estimates = estimate_waits({9: 5.0}, [_order(1), _order(2)], engines=1, seconds=lambda _: 30.0)
    assert estimates == {
        9: Estimate(position=0, wait=5.0),
        1: Estimate(position=1, wait=5.0),
        2: Estimate(position=2, wait=35.0),
    }


def test_a_free_engine_takes_the_next_at_once() -> None:
    estimates = estimate_waits(
        {9: 5.0}, [_order(1), _order(2), _order(3)], engines=2, seconds=lambda _: 30.0
    )
    assert estimates == {
        9: Estimate(position=0, wait=5.0),
        1: Estimate(position=0, wait=0.0),
        2: Estimate(position=1, wait=5.0),
        3: Estimate(position=2, wait=30.0),
    }


def test_without_experience_nobody_can_tell() -> None:
    estimates = estimate_waits({9: math.inf}, [_order(1)], engines=1, seconds=lambda _: math.inf)
    assert estimates == {9: Estimate(position=0, wait=None), 1: Estimate(position=1, wait=None)}


@given(
    st.integers(1, 4),
    st.lists(st.floats(0, 100), max_size=4),
    st.lists(st.integers(1, 3), max_size=10),
)
def test_positions_and_waits_only_grow(engines: int, left: list[float], users: list[int]) -> None:
    running = {100 + index: seconds for index, seconds in enumerate(left[:engines])}
    waiting = [_order(number, user) for number, user in enumerate(users)]
    estimates = estimate_waits(running, waiting, engines=engines, seconds=lambda _: 10.0)
    assert estimates.keys() == running.keys() | {order.id for order in waiting}
    line = [estimates[order.id] for order in waiting]
    assert all(estimate.wait is not None for estimate in line)
    positions = [estimate.position for estimate in line]
    waits = [estimate.wait or 0.0 for estimate in line]
    assert positions == sorted(positions)
    assert waits == sorted(waits)


def test_all_open_orders_together() -> None:
    running = replace(_order(1), state=OrderState.RUNNING)
    preparing = replace(_order(2), state=OrderState.PREPARING)
    larger, first = _order(3, size=192), _order(4)
    estimator = Estimator(defaults=Wishes(size=96))
    estimates = estimator.estimate(
        [running, preparing, larger, first],
        [first.id, larger.id],
        [Duration(seconds=8.0, wishes=Wishes(size=96))],
        lambda order, expected: expected - order.id,
    )
    assert estimates == {
        running.id: Estimate(position=0, wait=7.0),
        first.id: Estimate(position=1, wait=7.0),
        larger.id: Estimate(position=2, wait=15.0),
        # Twice the size: four times the pixels.
        preparing.id: Estimate(position=3, wait=15.0 + 4 * 8.0),
    }
