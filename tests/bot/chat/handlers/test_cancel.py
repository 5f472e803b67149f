"""Cancelling over HTTP: by command, by button, by strangers and admins."""

import asyncio

import pytest
from telegram import Update

from bot.sandbox import Message, Person, Sandbox
from bot.studio.ledger.model import OrderState
from tests.bot.chat.conftest import House, Open, picture


def has_cancel(message: Message) -> bool:
    return any(button.data.startswith("cancel:") for button in message.buttons)


async def _card(house: House, person: Person) -> Message:
    """Order a painting and wait until it is at work."""
    await person.send_album([picture(1), picture(2)])
    card = await person.wait_for(has_cancel)
    async with asyncio.timeout(10):
        await house.engine.began.wait()
    return card


async def _halted(house: House, order_id: int) -> None:
    async with asyncio.timeout(2):
        await house.engine.was_halted.wait()
    assert house.engine.halted == [order_id]


async def test_the_button_stops_the_work(house: House, ada: Person) -> None:
    card = await _card(house, ada)
    order = await house.order()
    answer = await ada.press(card, "Cancel")
    assert (answer.text, answer.alert) == ("Cancelled.", False)
    await _halted(house, order.id)
    assert (await house.order()).state is OrderState.CANCELLED
    closed = await ada.wait_for(lambda message: message.words == "Cancelled.")
    assert not closed.buttons
    again = await ada.press_data(card, f"cancel:{order.id}")
    assert again.text == "It is cancelled already."


async def test_a_stranger_cannot_cancel_but_an_admin_can(
    open_house: Open, ada: Person, bob: Person, sandbox: Sandbox
) -> None:
    host = sandbox.person("Host")
    house = await open_house(admin_user_ids=frozenset({host.id}))
    card = await _card(house, ada)
    order = await house.order()
    refusal = await bob.press_data(card, f"cancel:{order.id}")
    assert refusal.alert
    assert "Only the person who ordered" in refusal.text
    assert not (await house.order()).state.final
    await host.press_data(card, f"cancel:{order.id}")
    await _halted(house, order.id)


async def test_a_groups_admin_cancels_another_members_order_and_a_member_does_not(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    eve = sandbox.person("Eve")
    room = sandbox.group("Friends", ada, bob, eve)
    room.promote(eve)
    photo = await ada.send_photo(picture(1), chat=room)
    await ada.send_photo(picture(2), "/stylize@atelier_bot", chat=room, reply_to=photo)
    card = await ada.wait_for(has_cancel, chat=room)
    order = await house.order()
    refusal = await bob.press(card, "Cancel")
    assert refusal.alert
    assert "or an admin of this group" in refusal.text
    assert not (await house.order()).state.final
    assert (await eve.press(card, "Cancel")).text == "Cancelled."
    assert (await house.order()).id == order.id
    assert (await house.order()).state is OrderState.CANCELLED


@pytest.mark.parametrize(
    ("data", "text"), [("cancel:999", "no longer here"), ("cancel:x", ""), ("what", "")]
)
async def test_every_button_is_answered(house: House, ada: Person, data: str, text: str) -> None:
    card = await _card(house, ada)
    answer = await ada.press_data(card, data)
    assert text in answer.text
    assert not (await house.order()).state.final


@pytest.mark.parametrize("button", ["Cancel", "Swap photo and style"])
async def test_a_lost_card_of_an_order_that_was_forgotten_goes_when_it_is_pressed(
    house: House, ada: Person, button: str
) -> None:
    card = await _card(house, ada)
    async with house.ledger.begin() as transaction:
        # The answer to its sending was lost, and then its person had everything forgotten.
        await transaction.set_card(1, None, has_photo=False)
        await transaction.forget(ada.id, update_id=0)
    await ada.send_text("/start")
    welcome = await ada.wait_for(lambda message: message.words.startswith("Welcome"))
    for data in ("cancel:1", "swap:1"):
        assert (await ada.press_data(welcome, data)).text
    await ada.press(card, button)
    await ada.wait_for_deletion(lambda message: message.message_id == card.message_id)
    assert welcome.message_id in ada.chat.messages


async def test_a_finished_painting_cannot_be_cancelled(house: House, ada: Person) -> None:
    card = await _card(house, ada)
    house.engine.may_finish.set()
    await ada.wait_for_deletion()
    assert (await ada.press_data(card, "cancel:1")).text == "That picture is finished already."


async def test_the_command_forgets_the_draft_first_and_then_stops_orders(
    house: House, ada: Person
) -> None:
    await _card(house, ada)
    await ada.send_album([picture(3), picture(4)])
    await house.order(2)
    await ada.send_photo(picture(5))
    await ada.wait_for(lambda message: message.words.startswith("Lovely"))
    await ada.send_text("/cancel")
    forgotten = await ada.wait_for(lambda message: message.words.startswith("Forgotten."))
    assert "Your 2 paintings in the making go on" in forgotten.words
    await ada.send_text("/cancel")
    await ada.wait_for(lambda message: message.words == "Cancelled your 2 paintings.")
    assert {order.state for order in await house.orders()} == {OrderState.CANCELLED}
    await _halted(house, 1)
    await ada.send_text("/cancel")
    await ada.wait_for(lambda message: message.words == "There is nothing to cancel.")


async def test_the_command_leaves_other_peoples_orders_alone(
    house: House, ada: Person, bob: Person
) -> None:
    await _card(house, ada)
    await bob.send_text("/cancel")
    await bob.wait_for(lambda message: message.words == "There is nothing to cancel.")
    assert not (await house.order()).state.final


async def test_the_command_catches_an_album_that_is_still_collected(
    open_house: Open, ada: Person
) -> None:
    house = await open_house(album_quiet=60.0)
    await ada.send_album([picture(1), picture(2)])
    await ada.send_text("/cancel")
    await ada.wait_for(lambda message: message.words == "Cancelled your painting.")
    assert (await house.order()).state is OrderState.CANCELLED


async def test_a_cancel_that_is_handled_again_hears_the_same(house: House, ada: Person) -> None:
    await _card(house, ada)
    await ada.send_text("/cancel")
    await ada.wait_for(lambda message: message.words == "Cancelled your painting.")
    await house.idle()
    update = list(house.sandbox.world.updates.history.values())[-1]
    again = Update.de_json(update.to_json(), house.application.bot)
    await house.application.process_update(again)
    assert house.said() == ["Cancelled your painting."] * 2


async def test_an_order_that_an_admin_cancels_is_told_without_a_card(
    house: House, ada: Person
) -> None:
    await _card(house, ada)
    async with house.ledger.begin() as transaction:
        await transaction.set_card(1, None, has_photo=False)
        await transaction.cancel(1)
    told = await ada.wait_for(lambda message: message.words == "Cancelled.")
    assert told.reply_to == (await house.order()).reply_to
