"""Paintings and failures arrive, once, whatever happens on the way."""

import asyncio
import io
from datetime import timedelta

import pytest
from PIL import Image
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.engines.protocol import Note
from bot.sandbox import Group, Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.studio.courier import outbox
from bot.studio.courier.courier import Courier
from bot.studio.courier.outbox import GIVE_UP_AFTER, MAX_BLIND_SENDS
from bot.studio.ledger.model import DeliveryState, Draft, Order, Picture, Refusal
from bot.studio.ledger.repository import utc_now
from bot.telegram.backoff import Backoff
from bot.telegram.client import Client
from bot.telegram.place import Place
from bot.words import Library
from tests.bot.studio.workshop import Workshop

SENT, GIVEN_UP = DeliveryState.SENT, DeliveryState.GIVEN_UP


async def settled(workshop: Workshop, order: Order) -> list[tuple[DeliveryState, int | None]]:
    """The order's deliveries once none is open any more and its card is closed."""
    await workshop.until(lambda o: o.state.final and o.card is None, order)
    with workshop.ledger.changed.subscribe() as changes:
        async with asyncio.timeout(20):
            while True:
                rows = await workshop.deliveries(order)
                if rows and all(state in {SENT, GIVEN_UP} for state, _ in rows):
                    return rows
                await changes.wait(0.5)


async def test_a_failure_is_told_kindly(workshop: Workshop, ada: Person) -> None:
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.fail(await workshop.claim(), "engine_died")
    told = await ada.wait_for(lambda message: "too much for the studio" in message.words)
    assert told.reply_to == order.reply_to
    closed = await ada.wait_for(lambda message: "did not work out" in message.words)
    assert (closed.message_id, closed.buttons) == (card.message_id, [])
    assert await settled(workshop, order) == [(SENT, told.message_id)]


@pytest.mark.parametrize(
    "fault", [faults.retry_after(1), faults.lost_response(), faults.lost_request()]
)
async def test_nothing_is_lost_and_nothing_comes_twice(
    workshop: Workshop, sandbox: Sandbox, ada: Person, fault: faults.Fault
) -> None:
    sandbox.faults.add("sendPhoto", fault)
    order = await workshop.painted(ada)
    await settled(workshop, order)
    sent = [call for call in sandbox.calls("sendPhoto") if call.ok and call.result]
    assert len(sent) <= 1
    with_photos = [message for message in ada.from_bot() if message.photo]
    assert 1 <= len(with_photos) <= 2
    if fault.error is not None:
        assert len(with_photos) == 1


async def test_a_lost_answer_moves_the_painting_into_the_card(
    workshop: Workshop, sandbox: Sandbox, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.studio.courier.outbox.BACKOFF", Backoff(longest=0.05))
    sandbox.faults.add("sendPhoto", faults.lost_response())
    sandbox.faults.add("editMessageMedia", faults.lost_response(), times=2)
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.finish(await workshop.claim())
    assert await settled(workshop, order) == [(SENT, card.message_id)]
    assert len(sandbox.calls("sendPhoto")) == 1
    [shown] = [m for m in ada.from_bot() if m.message_id == card.message_id]
    assert shown.photo is not None
    assert "to be sure" in shown.words
    assert shown.buttons == []


async def test_a_kill_while_sending_is_made_good_in_the_card(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    running = await workshop.claim()
    sandbox.faults.add("sendPhoto", faults.delay(30, after_effect=True))
    await workshop.finish(running)
    await ada.wait_for(lambda message: message.photo is not None)
    await workshop.kill()
    assert await workshop.deliveries(order) == [(DeliveryState.SENDING, None)]
    await workshop.restart()
    assert await settled(workshop, order) == [(SENT, card.message_id)]
    assert len(sandbox.calls("sendPhoto")) == 1


async def test_a_note_outlives_a_kill_between_painting_and_sending(
    workshop: Workshop, ada: Person
) -> None:
    order = await workshop.place_order(ada, language="de")
    await workshop.until(lambda o: o.card is not None, order)
    await workshop.kill()
    await workshop.finish(await workshop.claim(), note=Note.SMALLER)
    await workshop.restart()
    await settled(workshop, order)
    [painting] = [message for message in ada.from_bot() if message.photo]
    assert painting.words.startswith("Dem Atelier ging der Speicher aus")


async def test_a_note_goes_along_into_the_card(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.faults.add("sendPhoto", faults.lost_request())
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.until(lambda o: o.card is not None, order)
    await workshop.finish(await workshop.claim(), note=Note.RETAKEN)
    assert await settled(workshop, order) == [(SENT, card.message_id)]
    [shown] = ada.from_bot()
    assert "began this one again from your photo" in shown.words
    assert "to be sure" in shown.words


async def test_without_a_card_an_unsure_painting_is_sent_anew(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.faults.add("sendPhoto", faults.lost_request())
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.until(lambda o: o.card is not None, order)
    await ada.delete(card)
    await workshop.finish(await workshop.claim())
    [(state, message_id)] = await settled(workshop, order)
    [painting] = ada.from_bot()
    assert (state, message_id) == (SENT, painting.message_id)


async def test_sends_without_any_answer_come_to_an_end(
    workshop: Workshop, sandbox: Sandbox, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.studio.courier.outbox.BACKOFF", Backoff(longest=0.05))
    sandbox.faults.add("sendPhoto", faults.lost_response(), times=None)
    order = await workshop.place_order(ada)
    await workshop.until(lambda o: o.card is not None, order)
    await ada.delete(ada.from_bot()[0])
    await workshop.finish(await workshop.claim())
    assert await settled(workshop, order) == [(GIVEN_UP, None)]
    assert len(sandbox.calls("sendPhoto")) == 3


async def test_a_storm_of_429_delays_the_painting_and_the_card_says_so(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.faults.add("sendPhoto", faults.retry_after(1), times=2)
    order = await workshop.painted(ada)
    await ada.wait_for(lambda message: "follows as soon as" in message.words)
    [(state, message_id)] = await settled(workshop, order)
    assert state is SENT
    assert [m.message_id for m in ada.from_bot()] == [message_id]


async def test_a_delivery_that_waits_survives_a_restart(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.faults.add("sendPhoto", faults.retry_after(1))
    order = await workshop.painted(ada)
    await ada.wait_for(lambda message: "follows as soon as" in message.words)
    await workshop.restart()
    [(state, _)] = await settled(workshop, order)
    assert state is SENT
    assert len([m for m in ada.from_bot() if m.photo]) == 1


async def test_a_stopped_outbox_begins_nothing_that_nobody_would_end(
    workshop: Workshop, ada: Person
) -> None:
    order = await workshop.place_order(ada)
    await ada.wait_for()
    await workshop.courier.stop()
    await workshop.finish(await workshop.claim())
    async with workshop.ledger.begin() as transaction:
        [delivery] = await transaction.due_deliveries(utc_now())
    workshop.courier._outbox.start(delivery)
    assert not workshop.courier._outbox.busy
    await workshop.restart()
    [(state, _)] = await settled(workshop, order)
    assert state is SENT


async def test_blocked_at_the_last_moment(workshop: Workshop, ada: Person) -> None:
    order = await workshop.place_order(ada)
    await ada.wait_for()
    running = await workshop.claim()
    await ada.wait_for(lambda message: "easel" in message.words)
    await ada.block()
    await workshop.finish(running)
    assert await settled(workshop, order) == [(GIVEN_UP, None)]


async def test_where_photos_are_not_allowed(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    refusal = ApiError(400, "Bad Request: not enough rights to send photos to the chat")
    sandbox.faults.add("sendPhoto", faults.refusal(refusal))
    group = sandbox.group("Group", ada)
    order = await workshop.painted(ada, room=group)
    [(state, message_id)] = await settled(workshop, order)
    assert state is SENT
    sent = group.chat.messages[message_id or 0]
    assert sent.document is not None
    assert sent.data == await workshop.files.read((await workshop.order(order)).painting or "")


async def test_where_nothing_but_words_is_allowed(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    for method in ("sendPhoto", "sendDocument"):
        refusal = ApiError(400, "Bad Request: not enough rights to send media to the chat")
        sandbox.faults.add(method, faults.refusal(refusal))
    group = sandbox.group("Group", ada)
    order = await workshop.painted(ada, room=group)
    await ada.wait_for(lambda message: "not allowed to send pictures" in message.words, chat=group)
    [(state, _)] = await settled(workshop, order)
    assert state is SENT


async def test_a_large_painting_is_made_to_fit(workshop: Workshop, ada: Person) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (10100, 600), "teal").save(buffer, "PNG")
    order = await workshop.place_order(ada)
    await workshop.finish(await workshop.claim(), buffer.getvalue())
    [(state, _)] = await settled(workshop, order)
    assert state is SENT
    assert any(message.photo for message in ada.from_bot())


async def test_a_painting_whose_file_is_gone_is_admitted(workshop: Workshop, ada: Person) -> None:
    order = await workshop.place_order(ada)
    running = await workshop.claim()
    async with workshop.ledger.begin() as transaction:
        await transaction.finish(running.id, running.epoch, painting=f"images/00/{0:032x}.jpg")
    told = await ada.wait_for(lambda message: "could not finish" in message.words)
    assert await settled(workshop, order) == [(SENT, told.message_id)]


async def test_a_deleted_photo_does_not_hold_the_painting_up(
    workshop: Workshop, ada: Person
) -> None:
    order = await workshop.place_order(ada)
    await ada.wait_for()
    await ada.delete(ada.chat.messages[order.reply_to])
    await workshop.finish(await workshop.claim())
    painting = await ada.wait_for(lambda message: message.photo is not None)
    assert painting.reply_to is None


async def test_after_a_day_it_is_given_up(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    await workshop.kill()
    late = utc_now() + GIVE_UP_AFTER + timedelta(minutes=1)
    workshop.courier = Courier(
        Client(workshop.bot), workshop.ledger, workshop.files, Library(), now=lambda: late
    )
    order = await workshop.place_order(ada)
    await workshop.finish(await workshop.claim())
    sandbox.faults.add("sendPhoto", faults.retry_after(5), times=None)
    workshop.open()
    assert await settled(workshop, order) == [(GIVEN_UP, None)]


async def test_buttons_under_the_painting(workshop: Workshop, ada: Person) -> None:
    await workshop.kill()

    def keyboard(order: Order) -> InlineKeyboardMarkup:
        button = InlineKeyboardButton("Stronger", callback_data=f"stronger:{order.id}")
        return InlineKeyboardMarkup([[button]])

    workshop.courier = Courier(
        Client(workshop.bot), workshop.ledger, workshop.files, Library(), keyboard=keyboard
    )
    workshop.open()
    order = await workshop.place_order(ada)
    await workshop.finish(await workshop.claim())
    painting = await ada.wait_for(lambda message: message.photo is not None)
    assert [button.data for button in painting.buttons] == [f"stronger:{order.id}"]


async def refuse(workshop: Workshop, person: Person, *, room: Group | None = None) -> Picture:
    """A photo that its person has begun with, and that cannot be used."""
    place = Place(chat_id=room.id if room else person.id, private=room is None)
    message = await person.send_photo(workshop.picture(), chat=room)
    bad = await workshop.add_picture(place, person, message.message_id)
    async with workshop.ledger.begin() as transaction:
        await transaction.save_draft(Draft(place=place, user_id=person.id, content=bad))
        small = Refusal(name="ImageTooSmallError", facts={"width": 1, "height": 2, "minimum": 16})
        await transaction.picture_refused(bad.id, small)
    return bad


async def nothing_left(workshop: Workshop) -> None:
    with workshop.ledger.changed.subscribe() as changes:
        async with asyncio.timeout(20):
            while True:
                async with workshop.ledger.begin() as transaction:
                    waiting = await transaction.due_deliveries(utc_now() + timedelta(days=1))
                    if not waiting and not await transaction.unsure_deliveries():
                        return
                await changes.wait(0.5)


@pytest.mark.parametrize("fault", [None, faults.retry_after(1), faults.lost_request()])
async def test_a_refusal_is_told_with_its_numbers(
    workshop: Workshop,
    sandbox: Sandbox,
    ada: Person,
    fault: faults.Fault | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "BACKOFF", Backoff(first=0.05, longest=0.05))
    if fault is not None:
        sandbox.faults.add("sendMessage", fault)
    bad = await refuse(workshop, ada)
    await nothing_left(workshop)
    [told] = ada.from_bot()
    assert told.words == (
        "That picture is too small to paint from; each side needs 16 pixels. "
        "Please send another photo."
    )
    assert told.reply_to == bad.message_id


async def test_in_a_group_a_refusal_may_be_replied_to(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    group = sandbox.group("Group", ada)
    bad = await refuse(workshop, ada, room=group)
    await nothing_left(workshop)
    [told] = ada.from_bot(group)
    async with workshop.ledger.begin() as transaction:
        draft = await transaction.draft(bad.place, ada.id)
    assert draft.prompt == told.message_id


async def test_a_refusal_without_any_answer_comes_to_an_end(
    workshop: Workshop, sandbox: Sandbox, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BACKOFF", Backoff(first=0.05, longest=0.05))
    sandbox.faults.add("sendMessage", faults.lost_response(), times=None)
    await refuse(workshop, ada)
    await nothing_left(workshop)
    assert len(ada.from_bot()) == MAX_BLIND_SENDS


async def test_the_card_of_a_forgotten_order_is_closed(workshop: Workshop, ada: Person) -> None:
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.until(lambda o: o.card is not None, order)
    await workshop.kill()
    async with workshop.ledger.begin() as transaction:
        await transaction.forget(ada.id, update_id=1)
    await workshop.restart()
    await nothing_left(workshop)
    [closed] = ada.from_bot()
    assert (closed.message_id, closed.words, closed.buttons) == (card.message_id, "Cancelled.", [])
