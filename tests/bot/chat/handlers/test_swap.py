"""Swapping photo and style over HTTP: on the card of an album's order, and afterwards."""

import asyncio

from bot.sandbox import Message, Person
from bot.studio.ledger.model import OrderState
from tests.bot.chat.conftest import House, is_painting, picture
from tests.bot.chat.handlers.test_cancel import has_cancel


def can_swap(message: Message) -> bool:
    return any(button.data.startswith("swap:") for button in message.buttons)


async def test_an_album_can_be_turned_round_while_it_is_painted(
    house: House, ada: Person, bob: Person
) -> None:
    photo, style = await ada.send_album([picture(1), picture(2)])
    card = await ada.wait_for(can_swap)
    async with asyncio.timeout(10):
        await house.engine.began.wait()
    stranger = await bob.press_data(card, "swap:1")
    assert stranger.alert
    before = house.engine.jobs[0]
    house.engine.began.clear()
    answer = await ada.press(card, "Swap photo and style")
    assert answer.text.startswith("Swapped")
    async with asyncio.timeout(10):
        await house.engine.began.wait()
    after = house.engine.jobs[-1]
    assert (after.content, after.styles) == (before.styles[0], (before.content,))
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting)
    assert painting.reply_to == style.message_id
    order = await house.order()
    assert order.content.message_id == style.message_id
    assert order.styles[0].message_id == photo.message_id
    assert len([message for message in ada.from_bot() if is_painting(message)]) == 1


async def test_single_pictures_offer_no_swap_on_the_card(house: House, ada: Person) -> None:
    await ada.send_photo(picture(1))
    await house.idle()
    await ada.send_photo(picture(2))
    card = await ada.wait_for(has_cancel)
    assert not can_swap(card)


async def test_a_press_that_comes_after_the_painting_orders_it_the_other_way_round(
    house: House, ada: Person
) -> None:
    await ada.send_album([picture(1), picture(2)])
    card = await ada.wait_for(can_swap)
    house.engine.may_finish.set()
    await ada.wait_for(is_painting)
    for _ in range(2):
        await ada.press_data(card, "swap:1")
    first, again = await house.order(), await house.order(2)
    assert (again.content, again.styles) == (first.styles[0], (first.content,))
    await house.idle()
    assert len(await house.orders()) == 2


async def test_a_cancelled_order_is_not_woken_by_turning(house: House, ada: Person) -> None:
    await ada.send_album([picture(1), picture(2)])
    card = await ada.wait_for(can_swap)
    await ada.press(card, "Cancel")
    async with house.ledger.begin() as transaction:
        assert await transaction.turn_round(1) is None
    assert (await house.order()).state is OrderState.CANCELLED
