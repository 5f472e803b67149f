"""Orders: placed once, run in fair order, finished in their own epoch only."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Change, DeliveryKind, DeliveryState, Order, OrderState, Wishes
from bot.studio.ledger.results import RefusedPicture, TooManyOrders
from bot.telegram.place import Place
from tests.bot.studio.scenes import (
    NOT_AN_IMAGE,
    PLACE,
    Clock,
    picture,
    queued_order,
    ready_picture,
    wanted,
)


async def test_an_order_is_what_was_asked_for(ledger: Ledger, clock: Clock) -> None:
    wishes = Wishes(size=700, quality="fine", strength=80, keep_colours=True)
    async with ledger.begin() as transaction:
        content = await ready_picture(transaction)
        styles = [await ready_picture(transaction) for _ in range(3)]
        new = wanted(content, *styles[::-1], wishes=wishes)
        order = await transaction.place_order(new, limit=5)
    assert (order.place, order.user_id, order.source) == (new.place, 7, new.source)
    assert (order.content, order.styles, order.wishes) == (content, tuple(styles[::-1]), wishes)
    assert (order.state, order.epoch, order.deaths) == (OrderState.QUEUED, 0, 0)
    assert order.created_at == clock.now
    async with ledger.begin() as transaction:
        assert await transaction.order(order.id) == order
        assert await transaction.order(order.id + 1) is None


async def test_one_source_makes_one_order(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        content, style = await ready_picture(transaction), await ready_picture(transaction)
        first = await transaction.place_order(wanted(content, style, source="42:1"), limit=1)
    async with ledger.begin() as transaction:
        again = await transaction.place_order(wanted(style, content, source="42:1"), limit=1)
        assert again == first
        await transaction.cancel(first.id)
        cancelled = await transaction.place_order(wanted(style, content, source="42:1"), limit=1)
        assert cancelled.state is OrderState.CANCELLED


async def test_nobody_fills_the_queue(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        content, style = await ready_picture(transaction), await ready_picture(transaction)
        mine = [await transaction.place_order(wanted(content, style), limit=2) for _ in range(2)]
        with pytest.raises(TooManyOrders) as refusal:
            await transaction.place_order(wanted(content, style), limit=2)
        assert refusal.value.limit == 2
        await transaction.place_order(wanted(content, style, user_id=8), limit=2)
        running = await transaction.claim_next()
        assert running is not None
        with pytest.raises(TooManyOrders):
            await transaction.place_order(wanted(content, style), limit=2)
        await transaction.finish(running.id, running.epoch, painting="p")
        mine.append(await transaction.place_order(wanted(content, style), limit=2))
        assert [order.id for order in await transaction.open_orders(user_id=7)] == [
            mine[1].id,
            mine[2].id,
        ]
        assert len(await transaction.open_orders()) == 3
        assert await transaction.open_orders(chat_id=1) == []


async def test_an_order_waits_for_its_pictures(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        content, style = await picture(transaction), await picture(transaction)
        order = await transaction.place_order(wanted(content, style), limit=5)
        assert order.state is OrderState.PREPARING
        assert await transaction.claim_next() is None
        assert await transaction.picture_ready(style.id, path="a", width=1, height=1) == []
        [queued] = await transaction.picture_ready(content.id, path="b", width=1, height=1)
        assert (queued.id, queued.state) == (order.id, OrderState.QUEUED)
        assert queued.content.path == "b"
        assert await transaction.picture_ready(content.id, path="c", width=1, height=1) == []


async def test_what_the_caller_holds_may_be_old(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        content, style, bad = (
            await picture(transaction),
            await picture(transaction),
            await picture(transaction),
        )
        for stale in (content, style):
            await transaction.picture_ready(stale.id, path="a", width=1, height=1)
        assert (await transaction.place_order(wanted(content, style), limit=5)).state == "queued"
        await transaction.picture_refused(bad.id, NOT_AN_IMAGE)
        with pytest.raises(RefusedPicture):
            await transaction.place_order(wanted(content, bad), limit=5)
        forgotten = replace(style, id=99)
        with pytest.raises(RefusedPicture):
            await transaction.place_order(wanted(content, forgotten), limit=5)


async def _run_all(ledger: Ledger) -> list[int]:
    ran: list[int] = []
    while True:
        async with ledger.begin() as transaction:
            foretold = await transaction.line()
            order = await transaction.claim_next()
            if order is None:
                return ran
            assert foretold[0] == order.id
            await transaction.finish(order.id, order.epoch, painting="p")
            ran.append(order.id)


async def test_a_heavy_user_does_not_block_the_rest(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        heavy = [(await queued_order(transaction, 1)).id for _ in range(4)]
        light = [(await queued_order(transaction, user)).id for user in (2, 3)]
        foretold = await transaction.line()
    expected = [heavy[0], *light, *heavy[1:]]
    assert foretold == expected
    assert await _run_all(ledger) == expected


async def test_the_least_recently_served_is_next(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        for user in (1, 2, 3):
            await queued_order(transaction, user)
    await _run_all(ledger)
    async with ledger.begin() as transaction:
        again = {user: (await queued_order(transaction, user)).id for user in (3, 2, 1)}
        new = (await queued_order(transaction, 4)).id
    assert await _run_all(ledger) == [new, again[1], again[2], again[3]]


async def _claimed(ledger: Ledger) -> Order:
    async with ledger.begin() as transaction:
        order = await transaction.claim_next()
    assert order is not None
    return order


async def test_a_painting_goes_to_the_outbox(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        await queued_order(transaction)
    order = await _claimed(ledger)
    assert (order.state, order.epoch) == (OrderState.RUNNING, 1)
    assert order.started_at is not None
    async with ledger.begin() as transaction:
        assert await transaction.finish(order.id, order.epoch, painting="images/p.png")
        assert not await transaction.finish(order.id, order.epoch, painting="images/again.png")
        done = await transaction.order(order.id)
        assert done is not None
        assert (done.state, done.painting) == (OrderState.DONE, "images/p.png")
        [delivery] = await transaction.due_deliveries(clock.now)
        assert (delivery.order_id, delivery.kind) == (order.id, DeliveryKind.PAINTING)
        [duration] = await transaction.recent_durations()
        assert duration.seconds == 1.0
        assert "images/p.png" in await transaction.named_files()


async def test_a_late_finisher_is_dropped(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        await queued_order(transaction)
    order = await _claimed(ledger)
    async with ledger.begin() as transaction:
        put_back = await transaction.put_back(order.id, order.epoch, died=False)
        assert put_back is not None
        assert (put_back.state, put_back.epoch, put_back.deaths) == (OrderState.QUEUED, 2, 0)
        assert not await transaction.finish(order.id, order.epoch, painting="late")
    second = await _claimed(ledger)
    async with ledger.begin() as transaction:
        assert not await transaction.finish(order.id, order.epoch, painting="late")
        assert not await transaction.fail(order.id, order.epoch, failure="late")
        assert await transaction.put_back(order.id, order.epoch, died=True) is None
        cancelled = await transaction.cancel(second.id)
        assert cancelled is not None
        assert cancelled.state is OrderState.CANCELLED
        assert not await transaction.finish(second.id, second.epoch, painting="late")
        assert await transaction.cancel(second.id) is None
        [news] = await transaction.due_deliveries(clock())
        assert (news.order_id, news.kind) == (second.id, DeliveryKind.CANCELLATION)


async def test_a_failure_is_told(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        await queued_order(transaction)
    order = await _claimed(ledger)
    async with ledger.begin() as transaction:
        assert await transaction.fail(order.id, order.epoch, failure="internal")
        failed = await transaction.order(order.id)
        [delivery] = await transaction.due_deliveries(clock.now)
    assert failed is not None
    assert (failed.state, failed.failure) == (OrderState.FAILED, "internal")
    assert delivery.kind is DeliveryKind.FAILURE


async def test_the_second_death_fails_the_order(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        await queued_order(transaction)
    first = await _claimed(ledger)
    async with ledger.begin() as transaction:
        retried = await transaction.put_back(first.id, first.epoch, died=True)
        assert retried is not None
        assert (retried.state, retried.deaths) == (OrderState.QUEUED, 1)
    second = await _claimed(ledger)
    async with ledger.begin() as transaction:
        failed = await transaction.put_back(second.id, second.epoch, died=True)
        assert failed is not None
        assert (failed.state, failed.failure) == (OrderState.FAILED, "engine_died")
        [delivery] = await transaction.due_deliveries(clock.now)
        assert delivery.kind is DeliveryKind.FAILURE
        assert await transaction.line() == []


async def test_an_interrupted_order_keeps_its_place(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        first = await queued_order(transaction, 1)
        other = await queued_order(transaction, 2)
    assert (await _claimed(ledger)).id == first.id
    async with ledger.begin() as transaction:
        [put_back] = await transaction.requeue_running()
        assert (put_back.id, put_back.state) == (first.id, OrderState.QUEUED)
        assert await transaction.requeue_running() == []
    assert await _run_all(ledger) == [first.id, other.id]


async def test_a_delivery_waits_until_it_arrives(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as transaction:
        await queued_order(transaction)
    order = await _claimed(ledger)
    async with ledger.begin() as transaction:
        await transaction.finish(order.id, order.epoch, painting="p")
        [delivery] = await transaction.due_deliveries(clock.now)
        await transaction.delivery_sending(delivery.id)
        assert await transaction.due_deliveries(clock.now) == []
        [unsure] = await transaction.unsure_deliveries()
        assert (unsure.state, unsure.attempts) == (DeliveryState.SENDING, 1)
        later = clock.now + timedelta(minutes=5)
        await transaction.delivery_retry(delivery.id, due_at=later)
        assert await transaction.due_deliveries(later - timedelta(seconds=1)) == []
        assert [d.id for d in await transaction.due_deliveries(later)] == [delivery.id]
        await transaction.delivery_sent(delivery.id, 1234)
        assert await transaction.due_deliveries(later) == []
        assert await transaction.unsure_deliveries() == []
        await transaction.delivery_given_up(delivery.id, "blocked")
        assert await transaction.due_deliveries(later) == []


async def test_a_naive_time_is_refused(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        with pytest.raises(Exception, match="zone"):
            await transaction.due_deliveries(datetime(2030, 1, 1))  # noqa: DTZ001 - the point of it


async def test_cards_are_remembered_until_closed(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        order = await queued_order(transaction, place=PLACE)
        await transaction.set_card(order.id, 55, has_photo=True)
        known = await transaction.order(order.id)
        assert known is not None
        assert (known.card, known.card_has_photo) == (55, True)
        assert await transaction.unclosed_cards() == []
        cancelled = await transaction.cancel(order.id)
        assert await transaction.unclosed_cards() == [cancelled]
        await transaction.set_card(order.id, None, has_photo=False)
        assert await transaction.unclosed_cards() == []


async def test_a_file_is_asked_for_once_by_one_press_and_again_by_another(
    ledger: Ledger, clock: Clock
) -> None:
    async with ledger.begin() as transaction:
        order = await queued_order(transaction)
        assert await transaction.ask_for_file(order.id, reply_to=5, asked_by="one")
        [asked] = await transaction.due_deliveries(clock())
        assert (asked.kind, asked.reply_to, asked.attempts) == (DeliveryKind.FILE, 5, 0)
        # On its way: nobody needs another one.
        assert not await transaction.ask_for_file(order.id, reply_to=6, asked_by="two")
        await transaction.delivery_sending(asked.id)
        assert not await transaction.ask_for_file(order.id, reply_to=6, asked_by="two")
        await transaction.delivery_sent(asked.id, 99)
        # The press that was answered comes once more; another one asks again.
        assert not await transaction.ask_for_file(order.id, reply_to=5, asked_by="one")
        assert await transaction.ask_for_file(order.id, reply_to=6, asked_by="two")
        [again] = await transaction.due_deliveries(clock())
        assert (again.id, again.reply_to, again.attempts) == (asked.id, 6, 0)
        assert again.asked_at > asked.asked_at
        await transaction.delivery_given_up(again.id, "blocked")
        assert await transaction.ask_for_file(order.id, reply_to=7, asked_by="three")


async def test_a_file_asked_for_in_a_group_that_moves_answers_no_strange_message(
    ledger: Ledger, clock: Clock
) -> None:
    async with ledger.begin() as transaction:
        order = await queued_order(transaction, place=Place(chat_id=-1, private=False))
        await transaction.ask_for_file(order.id, reply_to=5, asked_by="one")
        await transaction.chat_migrated(-1, -1001)
        [asked] = await transaction.due_deliveries(clock())
        assert asked.reply_to == 0


async def test_an_order_remembers_what_is_different_about_it(ledger: Ledger) -> None:
    async with ledger.begin() as transaction:
        content, style = await ready_picture(transaction), await ready_picture(transaction)
        new = replace(wanted(content, style), change=Change.SOFTER)
        order = await transaction.place_order(new, limit=5)
        assert order.change is Change.SOFTER
        assert await transaction.order_from(new.source) == order
        assert await transaction.order_from("nobody") is None
