"""Callback data are never believed: they can be forged (Bot API: CallbackQuery.data)."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from bot.sandbox import Group, Message, Person, Sandbox
from bot.sandbox.render import user_json
from bot.studio.ledger.model import Order, OrderState
from tests.bot.chat.conftest import House, is_card, is_painting, picture
from tests.made_to_break.updates import CALLBACK_DATA

PRESSES = 60


def forgeries(count: int) -> list[str]:
    """Callback data, the same each time."""
    found: list[str] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(CALLBACK_DATA.filter(lambda data: data.isprintable()))
    def gather(data: str) -> None:
        found.append(data)

    gather()
    return found


async def orders_of(house: House, person: Person) -> list[Order]:
    return [order for order in await house.orders() if order.user_id == person.id]


async def test_whatever_is_pressed_is_answered_and_no_other_order_feels_it(
    house: House, sandbox: Sandbox, ada: Person, bob: Person, caplog: pytest.LogCaptureFixture
) -> None:
    group = sandbox.group("Friends", ada, bob)
    group.promote_bot()
    house.engine.may_finish.set()
    await ada.send_album([picture(1), picture(2)])
    await ada.wait_for(is_painting)
    await ada.send_photo(picture(3), "/save lily")
    await ada.send_album([picture(4), picture(5)], "/stylize@atelier_bot", chat=group)
    painting = await ada.wait_for(is_painting, chat=group)
    house.engine.may_finish.clear()
    now = ada.mark()
    await ada.send_album([picture(6), picture(7)], "/stylize@atelier_bot", chat=group)
    card = await ada.wait_for(lambda message: is_card(message.buttons), chat=group, since=now)
    await house.idle()
    await bob.send_text("hello")
    own = await bob.wait_for()
    before = await orders_of(house, ada)
    assert [order.state for order in before].count(OrderState.RUNNING) == 1
    for number, data in enumerate(forgeries(PRESSES)):
        await bob.press_data((own, painting, card)[number % 3], data)
    known = {(order.id, order.state, order.epoch, order.card) for order in before}
    after = await orders_of(house, ada)
    assert {(order.id, order.state, order.epoch, order.card) for order in after} == known
    async with house.ledger.begin() as transaction:
        assert [style.name for style in await transaction.saved_styles(ada.id)] == ["lily"]
    for message in (painting, card):
        assert group.chat.messages[message.message_id].attachment == message.attachment
    assert not [record for record in caplog.records if record.exc_info], caplog.text


@pytest.mark.parametrize(
    "forge",
    [
        lambda bob: f"set:{bob.id}:quality",
        lambda bob: f"forget:{bob.id}:yes",
        lambda _: "leaf:0:0",
        lambda _: "tidy:0:0",
        lambda _: "cancel:2",
    ],
)
async def test_a_painting_in_a_group_stays_whatever_its_buttons_are_made_to_say(
    house: House, sandbox: Sandbox, ada: Person, bob: Person, forge: Callable[[Person], str]
) -> None:
    group = sandbox.group("Friends", ada, bob)
    group.promote_bot()
    house.engine.may_finish.set()
    await ada.send_album([picture(1), picture(2)], "/stylize@atelier_bot", chat=group)
    painting = await ada.wait_for(is_painting, chat=group)
    house.engine.may_finish.clear()
    await ada.send_album([picture(3), picture(4)], "/stylize@atelier_bot", chat=group)
    await house.order(2)
    await house.idle()
    await bob.press_data(painting, forge(bob))
    await house.idle()
    assert shown(group, painting) == (painting.attachment, painting.words, painting.buttons)


def shown(group: Group, message: Message) -> tuple[object, object, object]:
    """What a message shows by now."""
    now = group.chat.messages[message.message_id]
    return now.attachment, now.words, now.buttons


async def test_a_press_without_data_is_answered(
    house: House, sandbox: Sandbox, bob: Person, caplog: pytest.LogCaptureFixture
) -> None:
    press = {"id": "5", "from": user_json(bob.user), "chat_instance": "1", "game_short_name": "x"}
    sandbox.world.updates.add("callback_query", {**press})
    await sandbox.wait_for_call("answerCallbackQuery")
    await house.idle()
    assert not [record for record in caplog.records if record.exc_info], caplog.text
