"""Orders: placed once, run in fair order, finished in their own epoch only."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Change, DeliveryKind, DeliveryState, Order, OrderState, Wishes
from bot.studio.ledger.results import RefusedPicture, TooManyOrders
from bot.telegram.place import Place
from tests.bot.studio.scenes import PLACE, Clock, picture, queued_order, ready_picture, wanted


async def test_an_order_is_what_was_asked_for(ledger: Ledger, clock: Clock) -> None:
    wishes = Wishes(size=700, quality="fine", strength=80, keep_colours=True)
    async with ledger.begin() as book:
        content = await ready_picture(book)
        styles = [await ready_picture(book) for _ in range(3)]
        new = wanted(content, *styles[::-1], wishes=wishes)
        order = await book.place_order(new, limit=5)
    assert (order.place, order.user_id, order.source) == (new.place, 7, new.source)
    assert (order.content, order.styles, order.wishes) == (content, tuple(styles[::-1]), wishes)
    assert (order.state, order.epoch, order.deaths) == (OrderState.QUEUED, 0, 0)
    assert order.created_at == clock.now
    async with ledger.begin() as book:
        assert await book.order(order.id) == order
        assert await book.order(order.id + 1) is None


async def test_one_source_makes_one_order(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        content, style = await ready_picture(book), await ready_picture(book)
        first = await book.place_order(wanted(content, style, source="42:1"), limit=1)
    async with ledger.begin() as book:
        again = await book.place_order(wanted(style, content, source="42:1"), limit=1)
        assert again == first
        await book.cancel(first.id)
        cancelled = await book.place_order(wanted(style, content, source="42:1"), limit=1)
        assert cancelled.state is OrderState.CANCELLED


async def test_nobody_fills_the_queue(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        content, style = await ready_picture(book), await ready_picture(book)
        mine = [await book.place_order(wanted(content, style), limit=2) for _ in range(2)]
        with pytest.raises(TooManyOrders) as refusal:
            await book.place_order(wanted(content, style), limit=2)
        assert refusal.value.limit == 2
        await book.place_order(wanted(content, style, user_id=8), limit=2)
        running = await book.claim_next()
        assert running is not None
        with pytest.raises(TooManyOrders):
            await book.place_order(wanted(content, style), limit=2)
        await book.finish(running.id, running.epoch, painting="p")
        mine.append(await book.place_order(wanted(content, style), limit=2))
        assert [order.id for order in await book.open_orders(user_id=7)] == [
            mine[1].id,
            mine[2].id,
        ]
        assert len(await book.open_orders()) == 3
        assert await book.open_orders(chat_id=1) == []


async def test_an_order_waits_for_its_pictures(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        content, style = await picture(book), await picture(book)
        order = await book.place_order(wanted(content, style), limit=5)
        assert order.state is OrderState.PREPARING
        assert await book.claim_next() is None
        assert await book.picture_ready(style.id, path="a", width=1, height=1) == []
        [queued] = await book.picture_ready(content.id, path="b", width=1, height=1)
        assert (queued.id, queued.state) == (order.id, OrderState.QUEUED)
        assert queued.content.path == "b"
        assert await book.picture_ready(content.id, path="c", width=1, height=1) == []


async def test_what_the_caller_holds_may_be_old(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        content, style, bad = await picture(book), await picture(book), await picture(book)
        for stale in (content, style):
            await book.picture_ready(stale.id, path="a", width=1, height=1)
        assert (await book.place_order(wanted(content, style), limit=5)).state == "queued"
        await book.picture_refused(bad.id, reason="NotAnImage")
        with pytest.raises(RefusedPicture):
            await book.place_order(wanted(content, bad), limit=5)


async def _run_all(ledger: Ledger) -> list[int]:
    ran: list[int] = []
    while True:
        async with ledger.begin() as book:
            foretold = [order.id for order in await book.queue()]
            order = await book.claim_next()
            if order is None:
                return ran
            assert foretold[0] == order.id
            await book.finish(order.id, order.epoch, painting="p")
            ran.append(order.id)


async def test_a_heavy_user_does_not_block_the_rest(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        heavy = [(await queued_order(book, 1)).id for _ in range(4)]
        light = [(await queued_order(book, user)).id for user in (2, 3)]
        foretold = [order.id for order in await book.queue()]
    expected = [heavy[0], *light, *heavy[1:]]
    assert foretold == expected
    assert await _run_all(ledger) == expected


async def test_the_least_recently_served_is_next(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        for user in (1, 2, 3):
            await queued_order(book, user)
    await _run_all(ledger)
    async with ledger.begin() as book:
        again = {user: (await queued_order(book, user)).id for user in (3, 2, 1)}
        new = (await queued_order(book, 4)).id
    assert await _run_all(ledger) == [new, again[1], again[2], again[3]]


async def _claimed(ledger: Ledger) -> Order:
    async with ledger.begin() as book:
        order = await book.claim_next()
    assert order is not None
    return order


async def test_a_painting_goes_to_the_outbox(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as book:
        await queued_order(book)
    order = await _claimed(ledger)
    assert (order.state, order.epoch) == (OrderState.RUNNING, 1)
    assert order.started_at is not None
    async with ledger.begin() as book:
        assert await book.finish(order.id, order.epoch, painting="images/p.png")
        assert not await book.finish(order.id, order.epoch, painting="images/again.png")
        done = await book.order(order.id)
        assert done is not None
        assert (done.state, done.painting) == (OrderState.DONE, "images/p.png")
        [delivery] = await book.due_deliveries(clock.now)
        assert (delivery.order_id, delivery.kind) == (order.id, DeliveryKind.PAINTING)
        [duration] = await book.recent_durations()
        assert duration.seconds == 1.0
        assert "images/p.png" in await book.named_files()


async def test_a_late_finisher_is_dropped(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        await queued_order(book)
    order = await _claimed(ledger)
    async with ledger.begin() as book:
        put_back = await book.put_back(order.id, order.epoch, died=False)
        assert put_back is not None
        assert (put_back.state, put_back.epoch, put_back.deaths) == (OrderState.QUEUED, 2, 0)
        assert not await book.finish(order.id, order.epoch, painting="late")
    second = await _claimed(ledger)
    async with ledger.begin() as book:
        assert not await book.finish(order.id, order.epoch, painting="late")
        assert not await book.fail(order.id, order.epoch, failure="late")
        assert await book.put_back(order.id, order.epoch, died=True) is None
        cancelled = await book.cancel(second.id)
        assert cancelled is not None
        assert cancelled.state is OrderState.CANCELLED
        assert not await book.finish(second.id, second.epoch, painting="late")
        assert await book.cancel(second.id) is None
        assert await book.next_due() is None


async def test_a_failure_is_told(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as book:
        await queued_order(book)
    order = await _claimed(ledger)
    async with ledger.begin() as book:
        assert await book.fail(order.id, order.epoch, failure="internal")
        failed = await book.order(order.id)
        [delivery] = await book.due_deliveries(clock.now)
    assert failed is not None
    assert (failed.state, failed.failure) == (OrderState.FAILED, "internal")
    assert delivery.kind is DeliveryKind.FAILURE


async def test_the_second_death_fails_the_order(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as book:
        await queued_order(book)
    first = await _claimed(ledger)
    async with ledger.begin() as book:
        retried = await book.put_back(first.id, first.epoch, died=True)
        assert retried is not None
        assert (retried.state, retried.deaths) == (OrderState.QUEUED, 1)
    second = await _claimed(ledger)
    async with ledger.begin() as book:
        failed = await book.put_back(second.id, second.epoch, died=True)
        assert failed is not None
        assert (failed.state, failed.failure) == (OrderState.FAILED, "engine_died")
        [delivery] = await book.due_deliveries(clock.now)
        assert delivery.kind is DeliveryKind.FAILURE
        assert await book.queue() == []


async def test_an_interrupted_order_keeps_its_place(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        first = await queued_order(book, 1)
        other = await queued_order(book, 2)
    assert (await _claimed(ledger)).id == first.id
    async with ledger.begin() as book:
        [put_back] = await book.requeue_running()
        assert (put_back.id, put_back.state) == (first.id, OrderState.QUEUED)
        assert await book.requeue_running() == []
    assert await _run_all(ledger) == [first.id, other.id]


async def test_a_delivery_waits_until_it_arrives(ledger: Ledger, clock: Clock) -> None:
    async with ledger.begin() as book:
        await queued_order(book)
    order = await _claimed(ledger)
    async with ledger.begin() as book:
        await book.finish(order.id, order.epoch, painting="p")
        [delivery] = await book.due_deliveries(clock.now)
        await book.delivery_sending(delivery.id)
        assert await book.due_deliveries(clock.now) == []
        [unsure] = await book.unsure_deliveries()
        assert (unsure.state, unsure.attempts) == (DeliveryState.SENDING, 1)
        later = clock.now + timedelta(minutes=5)
        await book.delivery_retry(delivery.id, due_at=later)
        assert await book.due_deliveries(later - timedelta(seconds=1)) == []
        assert await book.next_due() == later
        assert [d.id for d in await book.due_deliveries(later)] == [delivery.id]
        await book.delivery_sent(delivery.id, 1234)
        assert await book.next_due() is None
        assert await book.unsure_deliveries() == []
        await book.delivery_given_up(delivery.id, "blocked")
        assert await book.due_deliveries(later) == []


async def test_a_naive_time_is_refused(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        with pytest.raises(Exception, match="zone"):
            await book.due_deliveries(datetime(2030, 1, 1))  # noqa: DTZ001 - the point of it


async def test_cards_are_remembered_until_closed(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        order = await queued_order(book, place=PLACE)
        await book.set_card(order.id, 55, has_photo=True)
        known = await book.order(order.id)
        assert known is not None
        assert (known.card, known.card_has_photo) == (55, True)
        assert await book.unclosed_cards() == []
        cancelled = await book.cancel(order.id)
        assert await book.unclosed_cards() == [cancelled]
        await book.set_card(order.id, None, has_photo=False)
        assert await book.unclosed_cards() == []


async def test_a_file_is_asked_for_once_by_one_press_and_again_by_another(
    ledger: Ledger, clock: Clock
) -> None:
    async with ledger.begin() as book:
        order = await queued_order(book)
        assert await book.ask_for_file(order.id, reply_to=5, asked_by="one")
        [asked] = await book.due_deliveries(clock())
        assert (asked.kind, asked.reply_to, asked.attempts) == (DeliveryKind.FILE, 5, 0)
        # On its way: nobody needs another one.
        assert not await book.ask_for_file(order.id, reply_to=6, asked_by="two")
        await book.delivery_sending(asked.id)
        assert not await book.ask_for_file(order.id, reply_to=6, asked_by="two")
        await book.delivery_sent(asked.id, 99)
        # The press that was answered comes once more; another one asks again.
        assert not await book.ask_for_file(order.id, reply_to=5, asked_by="one")
        assert await book.ask_for_file(order.id, reply_to=6, asked_by="two")
        [again] = await book.due_deliveries(clock())
        assert (again.id, again.reply_to, again.attempts) == (asked.id, 6, 0)
        assert again.asked_at > asked.asked_at
        await book.delivery_given_up(again.id, "blocked")
        assert await book.ask_for_file(order.id, reply_to=7, asked_by="three")


async def test_a_file_asked_for_in_a_group_that_moves_answers_no_strange_message(
    ledger: Ledger, clock: Clock
) -> None:
    async with ledger.begin() as book:
        order = await queued_order(book, place=Place(chat_id=-1, private=False))
        await book.ask_for_file(order.id, reply_to=5, asked_by="one")
        await book.chat_migrated(-1, -1001)
        [asked] = await book.due_deliveries(clock())
        assert asked.reply_to == 0


async def test_an_order_remembers_what_is_different_about_it(ledger: Ledger) -> None:
    async with ledger.begin() as book:
        content, style = await ready_picture(book), await ready_picture(book)
        new = replace(wanted(content, style), change=Change.SOFTER)
        order = await book.place_order(new, limit=5)
        assert order.change is Change.SOFTER
        assert await book.order_from(new.source) == order
        assert await book.order_from("nobody") is None
