"""Cards from the first word to the last, in the sandbox."""

import asyncio
from functools import partial

import pytest

from bot.sandbox import ChatKind, EventKind, Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.sandbox.model import Message
from bot.studio.courier.courier import Courier
from bot.studio.ledger.model import DeliveryState, OrderState
from bot.telegram.backoff import Backoff
from bot.telegram.client import Client
from bot.words import Library
from tests.bot.studio.workshop import Workshop


def edits(sandbox: Sandbox, chat_id: int) -> list[Message]:
    return [
        event.message
        for event in sandbox.world.events
        if event.kind is EventKind.EDIT and event.chat.id == chat_id and event.message
    ]


def says(words: str, message: Message) -> bool:
    return words in message.words


async def test_a_card_from_order_to_painting(workshop: Workshop, ada: Person) -> None:
    order = await workshop.place_order(ada)
    card = await ada.wait_for(lambda message: message.words == "You are next.")
    assert card.reply_to == order.reply_to
    assert [button.data for button in card.buttons] == [f"cancel:{order.id}"]
    running = await workshop.claim()
    workshop.progress(running, 25)
    texts = await ada.wait_for(lambda message: "25 %" in message.words)
    assert (texts.message_id, texts.photo) == (card.message_id, None)
    shown = []
    for iteration in (40, 60, 80):
        workshop.progress(running, iteration, preview=True)
        shown.append(await ada.wait_for(partial(says, f"{iteration} %")))
    assert {message.message_id for message in shown} == {card.message_id}
    assert all(message.photo for message in shown)
    assert len({message.data for message in shown}) == 3
    workshop.progress(running, 90)
    captioned = await ada.wait_for(lambda message: "90 %" in message.words)
    assert captioned.photo is not None
    await workshop.finish(running)
    final = await workshop.until(lambda o: o.state.final and o.card is None, order)
    assert final.state is OrderState.DONE
    [painting] = ada.from_bot()
    assert painting.photo is not None
    assert painting.message_id != card.message_id
    assert painting.reply_to == order.reply_to
    assert painting.words.startswith("Finished in")


async def test_waiting_people_see_the_queue_move(
    workshop: Workshop, ada: Person, bob: Person
) -> None:
    first = await workshop.place_order(ada)
    await workshop.claim()
    await workshop.place_order(bob)
    await bob.wait_for(lambda message: message.words == "1 before you.")
    await workshop.cancel(first)
    await bob.wait_for(lambda message: message.words == "You are next.")


async def test_progress_is_coalesced_to_the_newest(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    await workshop.place_order(ada)
    await ada.wait_for()
    running = await workshop.claim()
    await ada.wait_for(lambda message: "0 %" in message.words or "easel" in message.words)
    gate = asyncio.Event()
    sandbox.faults.add("editMessage*", faults.hold(gate))
    workshop.progress(running, 1)
    for iteration in range(2, 60):
        workshop.progress(running, iteration, preview=True)
        await asyncio.sleep(0)
    before = len(edits(sandbox, ada.id))
    gate.set()
    last = await ada.wait_for(lambda message: "59 %" in message.words)
    assert last.photo is not None
    assert len(edits(sandbox, ada.id)) - before <= 2


async def test_edits_keep_to_the_pace(workshop: Workshop, sandbox: Sandbox, ada: Person) -> None:
    interval = 0.3
    await workshop.kill()
    workshop.courier = Courier(
        Client(workshop.bot), workshop.ledger, workshop.files, Library(), private_interval=interval
    )
    workshop.open()
    await workshop.place_order(ada)
    await ada.wait_for()
    running = await workshop.claim()
    clock = asyncio.get_running_loop().time
    begin = clock()
    for iteration in range(1, 61):
        workshop.progress(running, iteration)
        await asyncio.sleep(0.02)
    await ada.wait_for(lambda message: "60 %" in message.words)
    assert 2 <= len(edits(sandbox, ada.id)) <= 2 + (clock() - begin) / interval


async def test_cancel_closes_the_card(workshop: Workshop, ada: Person) -> None:
    order = await workshop.place_order(ada)
    await ada.wait_for()
    running = await workshop.claim()
    workshop.progress(running, 30, preview=True)
    card = await ada.wait_for(lambda message: message.photo is not None)
    await workshop.cancel(order)
    workshop.progress(running, 31)
    closed = await ada.wait_for(lambda message: message.words == "Cancelled.")
    assert (closed.message_id, closed.buttons) == (card.message_id, [])
    await workshop.until(lambda o: o.card is None, order)
    assert [m.words for m in ada.from_bot()] == ["Cancelled."]


async def test_a_late_word_of_an_old_attempt_is_not_shown(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    await workshop.place_order(ada)
    await ada.wait_for()
    old = await workshop.claim()
    async with workshop.ledger.begin() as transaction:
        await transaction.put_back(old.id, old.epoch, died=True)
    await ada.wait_for(lambda message: "afresh" in message.words)
    new = await workshop.claim()
    workshop.progress(new, 10)
    await ada.wait_for(lambda message: "10 %" in message.words)
    workshop.progress(old, 77)
    workshop.progress(new, 12)
    await ada.wait_for(lambda message: "12 %" in message.words)
    workshop.progress(new, 13)
    await ada.wait_for(lambda message: "13 %" in message.words)
    assert not any(says("77 %", message) for message in edits(sandbox, ada.id))


async def test_too_many_requests_hold_one_chat_only(
    workshop: Workshop, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    for person in (ada, bob):
        await workshop.place_order(person)
        await person.wait_for()
    orders = {order.user_id: order for order in [await workshop.claim(), await workshop.claim()]}
    for person in (ada, bob):
        await person.wait_for(lambda message: "easel" in message.words)
    sandbox.faults.add("editMessage*", faults.retry_after(60), times=None, chat=ada.id)
    workshop.progress(orders[ada.id], 20)
    await sandbox.log.wait_for(lambda call: call.error is not None, timeout=10)
    workshop.progress(orders[bob.id], 30)
    await bob.wait_for(lambda message: "30 %" in message.words)
    # The painting does not wait for what holds the edits.
    await workshop.finish(orders[ada.id])
    painting = await ada.wait_for(lambda message: message.photo is not None)
    assert painting.words.startswith("Finished in")
    assert len([call for call in sandbox.log if call.error is not None]) == 1


async def test_a_deleted_card_breaks_nothing(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.until(lambda o: o.card is not None, order)
    await ada.delete(card)
    running = await workshop.claim()
    workshop.progress(running, 30)
    await workshop.until(lambda o: o.card is None, order)
    workshop.progress(running, 60, preview=True)
    await workshop.finish(running)
    painting = await ada.wait_for(lambda message: message.photo is not None)
    assert ada.from_bot() == [painting]
    assert len(sandbox.calls("sendMessage")) == 1


async def test_not_modified_is_success(workshop: Workshop, sandbox: Sandbox, ada: Person) -> None:
    await workshop.place_order(ada)
    await ada.wait_for()
    running = await workshop.claim()
    await ada.wait_for(lambda message: "easel" in message.words)
    sandbox.faults.add("editMessage*", faults.not_modified())
    workshop.progress(running, 30)
    await sandbox.log.wait_for(lambda call: call.error is not None, timeout=10)
    workshop.progress(running, 50)
    await ada.wait_for(lambda message: "50 %" in message.words)


async def test_whoever_blocks_the_bot_is_left_alone(
    workshop: Workshop, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    order = await workshop.place_order(ada)
    await ada.wait_for()
    running = await workshop.claim()
    await ada.block()
    workshop.progress(running, 30)
    await workshop.until(lambda o: o.state is OrderState.CANCELLED and o.card is None, order)
    refused = len(sandbox.calls("editMessageText"))
    workshop.progress(running, 31)
    # Another's card keeps the same pace, and is edited twice meanwhile.
    await workshop.place_order(bob)
    await bob.wait_for()
    his = await workshop.claim()
    for iteration in (40, 41):
        workshop.progress(his, iteration)
        await bob.wait_for(partial(says, f"{iteration} %"))
    hers = [c for c in sandbox.calls("editMessageText") if c.params["chat_id"] == ada.id]
    assert len(hers) == refused


async def test_a_topic_is_named_and_a_plain_group_is_not(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    forum = sandbox.group("Forum", ada, is_forum=True)
    thread = forum.topic("Pictures")
    plain = sandbox.group("Plain", ada)
    await workshop.place_order(ada, room=forum, thread=thread)
    in_topic = await ada.wait_for(chat=forum)
    assert in_topic.thread_id == thread
    await workshop.place_order(ada, room=plain)
    await ada.wait_for(chat=plain)
    first, second = sandbox.calls("sendMessage")
    assert first.params.get("message_thread_id") == thread
    assert "message_thread_id" not in second.params


async def test_a_group_that_moves_takes_its_cards_along(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    group = sandbox.group("Group", ada, kind=ChatKind.GROUP)
    order = await workshop.place_order(ada, room=group)
    await ada.wait_for(chat=group)
    moved = group.migrate()
    running = await workshop.claim()
    workshop.progress(running, 30)
    there = await workshop.until(lambda o: o.place.chat_id == moved.id and bool(o.card), order)
    assert there.reply_to == 0
    workshop.progress(running, 40)
    await ada.wait_for(lambda message: "40 %" in message.words, chat=moved)
    await workshop.finish(running)
    await ada.wait_for(lambda message: message.photo is not None, chat=moved)


async def test_after_a_kill_cards_are_taken_up_again(workshop: Workshop, ada: Person) -> None:
    first = await workshop.place_order(ada)
    await ada.wait_for()
    running = await workshop.claim()
    workshop.progress(running, 30, preview=True)
    card = await ada.wait_for(lambda message: message.photo is not None)
    await workshop.until(lambda o: o.card_has_photo, first)
    await workshop.kill()
    cardless = await workshop.place_order(ada)
    mark = ada.mark()
    await workshop.restart()
    again = await ada.wait_for(lambda message: message.words == "You are next.", since=mark)
    assert again.message_id == card.message_id
    new = await ada.wait_for(lambda message: message.words == "1 before you.", since=mark)
    assert new.reply_to == cardless.reply_to


async def test_a_card_goes_with_its_painting_whatever_the_pace_of_its_chat(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    await workshop.kill()
    hour = 3600.0
    workshop.courier = Courier(
        Client(workshop.bot), workshop.ledger, workshop.files, Library(), group_interval=hour
    )
    workshop.open()
    group = sandbox.group("Group", ada)
    order = await workshop.place_order(ada, room=group)
    await ada.wait_for(chat=group)
    running = await workshop.claim()
    await ada.wait_for(lambda message: "easel" in message.words, chat=group)
    workshop.progress(running, 30)
    await workshop.finish(running)
    await workshop.until(lambda o: o.state.final and o.card is None, order)
    [painting] = ada.from_bot(group)
    assert painting.photo is not None


async def test_a_kill_between_painting_and_deletion_leaves_no_card(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.until(lambda o: o.card is not None, order)
    gate = asyncio.Event()
    sandbox.faults.add("deleteMessage", faults.hold(gate))
    with workshop.ledger.changed.subscribe() as changes:
        await workshop.finish(await workshop.claim())
        painting = await ada.wait_for(lambda message: message.photo is not None)
        while await workshop.deliveries(order) != [(DeliveryState.SENT, painting.message_id)]:
            assert await changes.wait(20)
    await workshop.kill()
    assert [m.message_id for m in ada.from_bot()] == [card.message_id, painting.message_id]
    gate.set()
    await workshop.restart()
    await workshop.until(lambda o: o.card is None, order)
    assert ada.from_bot() == [painting]


@pytest.mark.parametrize("fault", [faults.retry_after(1), faults.lost_response()])
async def test_a_deletion_without_success_is_tried_again(
    workshop: Workshop,
    sandbox: Sandbox,
    ada: Person,
    fault: faults.Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.studio.courier.chat_cards.BACKOFF", Backoff(first=0.1))
    sandbox.faults.add("deleteMessage", fault)
    order = await workshop.painted(ada)
    await workshop.until(lambda o: o.state.final and o.card is None, order)
    [painting] = ada.from_bot()
    assert painting.photo is not None


async def test_a_card_that_may_not_be_deleted_is_closed(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    refusal = ApiError(400, "Bad Request: message can't be deleted for everyone")
    sandbox.faults.add("deleteMessage", faults.refusal(refusal))
    order = await workshop.painted(ada)
    await workshop.until(lambda o: o.state.final and o.card is None, order)
    closed, painting = ada.from_bot()
    assert closed.words.startswith("Finished in")
    assert closed.buttons == []
    assert painting.photo is not None


async def test_a_card_that_a_kill_left_open_is_closed(workshop: Workshop, ada: Person) -> None:
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.until(lambda o: o.card is not None, order)
    await workshop.kill()
    async with workshop.ledger.begin() as transaction:
        await transaction.cancel(order.id)
    await workshop.restart()
    closed = await ada.wait_for(lambda message: message.words == "Cancelled.")
    assert (closed.message_id, closed.buttons) == (card.message_id, [])


async def test_at_shutdown_the_running_card_is_told(
    workshop: Workshop, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    await workshop.place_order(ada)
    await ada.wait_for()
    running = await workshop.claim()
    workshop.progress(running, 30)
    await ada.wait_for(lambda message: "30 %" in message.words)
    await workshop.place_order(bob)
    await bob.wait_for()
    mark = bob.mark()
    await workshop.courier.stop()
    told = await ada.wait_for(lambda message: "restarting" in message.words)
    assert [button.text for button in told.buttons] == ["Cancel"]
    assert len(ada.from_bot()) == 1
    assert not any(event.chat.id == bob.id for event in sandbox.world.events[mark:])


async def test_a_stop_in_the_midst_of_a_look_is_no_fault(workshop: Workshop, ada: Person) -> None:
    order = await workshop.place_order(ada)
    await ada.wait_for()
    await workshop.cancel(order)
    async with asyncio.timeout(10):
        while workshop.courier._cards:  # noqa: ASYNC110 (nobody else is told)
            await asyncio.sleep(0.01)
        workshop.courier._chat_cards(order)
        await workshop.courier._end_chats()
        while workshop.courier._chats:
            await workshop.courier._look()


async def test_a_card_on_its_way_at_shutdown_is_remembered(
    workshop: Workshop, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.faults.add("sendMessage", faults.delay(0.2, after_effect=True))
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.courier.stop()
    assert (await workshop.order(order)).card == card.message_id


async def test_a_lost_answer_to_a_card_leaves_an_orphan_that_is_put_right(
    workshop: Workshop, sandbox: Sandbox, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.studio.courier.chat_cards.BACKOFF", Backoff(first=0.1))
    sandbox.faults.add("sendMessage", faults.lost_response())
    order = await workshop.place_order(ada)
    order = await workshop.until(lambda o: o.card is not None, order)
    orphan, card = ada.from_bot()
    assert card.message_id == order.card
    assert order.card is not None
    async with workshop.ledger.begin() as transaction:
        await transaction.card_seen(order.id, order.card)
        await transaction.card_seen(order.id, orphan.message_id)
    await sandbox.wait_for_call("deleteMessage")
    assert ada.from_bot() == [card]


async def test_an_orphan_becomes_the_card_of_an_order_without_one(
    workshop: Workshop, ada: Person
) -> None:
    order = await workshop.place_order(ada)
    card = await ada.wait_for()
    await workshop.until(lambda o: o.card is not None, order)
    await workshop.kill()
    async with workshop.ledger.begin() as transaction:
        await transaction.set_card(order.id, None, has_photo=False)
        await transaction.card_seen(order.id, card.message_id)
    await workshop.restart()
    running = await workshop.claim()
    await ada.wait_for(lambda message: "easel" in message.words)
    workshop.progress(running, 30, preview=True)
    shown = await ada.wait_for(lambda message: message.photo is not None)
    assert shown.message_id == card.message_id
    assert len(ada.from_bot()) == 1
