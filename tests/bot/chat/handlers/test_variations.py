"""Variations over HTTP: the buttons under a painting, for everyone who may press them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.chat.ordering.variations import Notice, Variations
from bot.chat.requests.request import Press
from bot.sandbox import Group, Message, Person, Sandbox
from bot.studio.ledger.model import Change, Order, OrderState, Wishes
from bot.studio.ledger.repository import utc_now
from bot.studio.variations import Sizes
from tests.bot.chat.conftest import House, Open, is_painting, picture
from tests.bot.chat.handlers.test_cancel import has_cancel
from tests.bot.chat.handlers.test_group import CALL

DELETED = "The pictures for this one have been deleted; please send them again."
STRONGER = "again:1:stronger"


async def painted(house: House, person: Person) -> Message:
    """A painting in a private chat, from order 1."""
    await person.send_album([picture(1), picture(2)])
    house.engine.may_finish.set()
    return await person.wait_for(is_painting)


async def painted_in(house: House, room: Group, person: Person) -> Message:
    """A painting in a group, from order 1."""
    photo = await person.send_photo(picture(1), chat=room)
    await person.send_photo(picture(2), CALL, chat=room, reply_to=photo)
    house.engine.may_finish.set()
    return await person.wait_for(is_painting, chat=room)


async def settled(house: House, number: int) -> Order:
    """The order of this number once it is final."""
    with house.ledger.changed.subscribe() as changes:
        while not (order := await house.order(number)).state.final:
            assert await changes.wait(10)
    return order


async def delivered(house: House) -> None:
    """Wait until the ledger knows that nothing is left to be delivered."""
    with house.ledger.changed.subscribe() as changes:
        while True:
            async with house.ledger.begin() as transaction:
                waiting = await transaction.due_deliveries(utc_now() + timedelta(days=1))
                if not waiting and not await transaction.unsure_deliveries():
                    return
            assert await changes.wait(10)


PRESSES: Sequence[tuple[str, str, Wishes, str]] = (
    ("Stronger", "Coming up: stronger.", Wishes(strength=70), "Stronger this time."),
    ("Softer", "Coming up: softer.", Wishes(strength=30), "Softer this time."),
    ("Larger", "Coming up: larger.", Wishes(size=60), "Larger this time."),
    (
        "Keep the photo's colours",
        "Coming up: in the photo's colours.",
        Wishes(keep_colours=True),
        "In the photo's colours this time.",
    ),
    (
        "Swap photo and style",
        "Coming up: the other way round.",
        Wishes(),
        "The other way round this time.",
    ),
)


async def test_each_button_makes_a_new_painting_from_the_same_pictures(
    open_house: Open, ada: Person
) -> None:
    house = await open_house(max_orders_per_user=20, sizes=Sizes(usual=40, largest=80))
    painting = await painted(house, ada)
    first = await house.order()
    fetched = len(house.sandbox.calls("getFile"))
    for number, (button, toast, wishes, caption) in enumerate(PRESSES, start=2):
        answer = await ada.press(painting, button)
        assert (answer.text, answer.alert) == (toast, False)
        order = await settled(house, number)
        assert (order.state, order.wishes, order.user_id) == (OrderState.DONE, wishes, ada.id)
        begins = f"{caption} Finished in "
        again = await ada.wait_for(lambda m, b=begins: is_painting(m) and m.words.startswith(b))  # type: ignore[misc]
        assert again.reply_to == painting.message_id
        job = house.engine.jobs[-1]
        assert (job.strength, job.size, job.keep_colours) == (
            wishes.strength,
            wishes.size or 40,
            wishes.keep_colours,
        )
        if order.change is Change.SWAP:
            assert (order.content, order.styles) == (first.styles[0], (first.content,))
        else:
            assert (order.content, order.styles) == (first.content, first.styles)
    assert len(house.sandbox.calls("getFile")) == fetched


async def test_thoughts_build_on_one_another_until_they_end(open_house: Open, ada: Person) -> None:
    house = await open_house(max_orders_per_user=20, sizes=Sizes(usual=40, largest=60))
    await painted(house, ada)
    steps = ("Stronger", "Stronger", "Stronger", "Larger", "Keep the photo's colours")
    for number, button in enumerate(steps, start=1):
        shown = await ada.wait_for(lambda m, n=number: _is_of(m, n))  # type: ignore[misc]
        await ada.press(shown, button)
    last = await ada.wait_for(lambda m: _is_of(m, 6))
    assert (await house.order(6)).wishes == Wishes(strength=100, size=60, keep_colours=True)
    strong = await ada.press(last, "Stronger")
    assert (strong.text, strong.alert) == ("This is as strong as it gets.", True)
    large = await ada.press(last, "Larger")
    assert (large.text, large.alert) == ("This is as large as I can paint.", True)
    await ada.press(last, "Take the style's colours")
    assert (await house.order(7)).wishes.keep_colours is False
    assert len(await house.orders()) == 7


async def test_the_card_says_what_is_different(house: House, ada: Person) -> None:
    painting = await painted(house, ada)
    house.engine.may_finish.clear()
    await ada.press(painting, "Softer")
    card = await ada.wait_for(lambda m: has_cancel(m) and "Softer this time." in m.words)
    assert card.reply_to == painting.message_id


async def test_whoever_presses_twice_gets_one_painting(house: House, ada: Person) -> None:
    painting = await painted(house, ada)
    house.engine.may_finish.clear()
    await ada.press(painting, "Stronger")
    again = await ada.press(painting, "Stronger")
    assert again.text == "It is on its way already."
    for update_id in list(house.sandbox.world.updates.history):
        house.sandbox.world.updates.redeliver(update_id)
    house.engine.may_finish.set()
    await settled(house, 2)
    done = await ada.press(painting, "Stronger")
    assert done.text == "That one is painted already."
    await house.idle()
    assert len(await house.orders()) == 2


async def test_a_button_works_again_after_its_order_was_cancelled(
    house: House, ada: Person
) -> None:
    painting = await painted(house, ada)
    house.engine.may_finish.clear()
    for number in (2, 3):
        await ada.press(painting, "Stronger")
        await house.order(number)
        await ada.send_text("/cancel")
        assert (await settled(house, number)).state is OrderState.CANCELLED
    house.engine.may_finish.set()
    await ada.press(painting, "Stronger")
    assert (await settled(house, 4)).state is OrderState.DONE


async def test_in_a_group_anyone_may_press_and_gets_an_order_of_their_own(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    forum = sandbox.group("Forum", ada, bob, is_forum=True)
    topic = forum.topic("Paintings")
    photo = await ada.send_photo(picture(1), chat=forum, thread=topic)
    await ada.send_photo(picture(2), CALL, chat=forum, thread=topic, reply_to=photo)
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting, chat=forum)
    house.engine.may_finish.clear()
    for number, person in enumerate((bob, ada), start=2):
        assert (await person.press(painting, "Stronger")).text == "Coming up: stronger."
        order = await house.order(number)
        assert (order.user_id, order.reply_to) == (person.id, painting.message_id)
        assert order.place == (await house.order()).place
    card = await bob.wait_for(lambda m: _cancels(m, 2), chat=forum)
    assert card.thread_id == topic
    other = await ada.wait_for(lambda m: _cancels(m, 3), chat=forum)
    assert (await bob.press(other, "Cancel")).alert
    assert (await bob.press(card, "Cancel")).text == "Cancelled."


async def test_an_anonymous_admins_painting_can_be_thought_over_by_a_person(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    room = sandbox.group("Friends", ada, bob)
    room.promote(bob, anonymous=True)
    photo = await ada.send_photo(picture(1), chat=room)
    await room.anonymous(bob).send_photo(picture(2), CALL, reply_to=photo)
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting, chat=room)
    assert (await house.order()).user_id == room.id
    await bob.press(painting, "Softer")
    assert (await house.order(2)).user_id == bob.id


async def test_two_people_press_at_once(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    room = sandbox.group("Friends", ada, bob)
    painting = await painted_in(house, room, ada)
    ada.tap(painting, "Stronger")
    bob.tap(painting, "Softer")
    ada.tap(painting, "Stronger")
    orders = [await settled(house, number) for number in (2, 3)]
    assert {(order.user_id, order.wishes.strength) for order in orders} == {
        (ada.id, 70),
        (bob.id, 30),
    }
    await house.idle()
    assert len(await house.orders()) == 3


async def test_buttons_respect_the_allowlist(
    open_house: Open, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    house = await open_house(allowed_user_ids=frozenset({ada.id}))
    room = sandbox.group("Friends", ada, bob)
    painting = await painted_in(house, room, ada)
    for button in ("Stronger", "File"):
        answer = await bob.press(painting, button)
        assert answer.alert
        assert "private" in answer.text
    await house.idle()
    assert len(await house.orders()) == 1
    assert not sandbox.calls("sendDocument")


async def test_buttons_respect_the_cap(open_house: Open, ada: Person) -> None:
    house = await open_house(max_orders_per_user=1)
    painting = await painted(house, ada)
    house.engine.may_finish.clear()
    await ada.press(painting, "Stronger")
    answer = await ada.press(painting, "Softer")
    assert answer.alert
    assert answer.text.startswith("You already have 1 picture in the making.")
    house.engine.may_finish.set()
    await settled(house, 2)
    assert (await ada.press(painting, "Softer")).text == "Coming up: softer."


async def test_a_painting_that_is_forgotten_while_its_button_is_pressed(
    house: House, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Variations.painted

    async def found_and_forgotten(self: Variations, press: Press, order_id: int) -> Order | Notice:
        order = await found(self, press, order_id)
        async with house.ledger.begin() as transaction:
            await transaction.forget(ada.id, update_id=0)
        return order

    painting = await painted(house, ada)
    monkeypatch.setattr(Variations, "painted", found_and_forgotten)
    assert (await ada.press(painting, "File")).text == DELETED


@pytest.mark.parametrize("data", [STRONGER, "file:1", "swap:1"])
async def test_forged_presses_reach_no_other_chat(
    house: House, ada: Person, bob: Person, data: str
) -> None:
    painting = await painted(house, ada)
    await bob.send_text("/start")
    welcome = await bob.wait_for()
    for message in (welcome, painting):
        answer = await bob.press_data(message, data)
        assert (answer.text, answer.alert) == ("That picture is no longer here.", True)
    await house.idle()
    assert len(await house.orders()) == 1
    assert not house.sandbox.calls("sendDocument")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("again:99:stronger", DELETED),
        ("file:99", DELETED),
        ("again:1:sideways", ""),
        ("again:1:style", ""),
        (STRONGER, "That one is not painted yet."),
        ("file:1", "That one is not painted yet."),
    ],
)
async def test_strange_presses_are_answered(
    house: House, ada: Person, data: str, text: str
) -> None:
    await ada.send_album([picture(1), picture(2)])
    card = await ada.wait_for(has_cancel)
    assert (await ada.press_data(card, data)).text == text
    assert len(await house.orders()) == 1


async def test_buttons_expire_politely(house: House, ada: Person) -> None:
    painting = await painted(house, ada)
    await delivered(house)
    late = datetime.now(UTC) + timedelta(days=30)
    async with house.ledger.begin() as transaction:
        await transaction.expire(finished_by=late, unused_by=late, drafts_by=late)
    for data in (STRONGER, "again:1:swap", "again:1:larger"):
        answer = await ada.press_data(painting, data)
        assert (answer.text, answer.alert) == (DELETED, True)
    file = await ada.press(painting, "File")
    assert (file.text, file.alert) == (
        "I no longer have this painting; it has been deleted.",
        True,
    )
    assert len(await house.orders()) == 1


async def test_buttons_know_when_their_order_was_forgotten(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    room = sandbox.group("Friends", ada, bob)
    painting = await painted_in(house, room, ada)
    await bob.press(painting, "Stronger")
    await settled(house, 2)
    stronger = await bob.wait_for(lambda m: _is_of(m, 2), chat=room)
    async with house.ledger.begin() as transaction:
        await transaction.forget(ada.id, update_id=0)
    for message, data in ((painting, "again:1:softer"), (stronger, "again:2:softer")):
        answer = await bob.press_data(message, data)
        assert (answer.text, answer.alert) == (DELETED, True)


def _is_of(message: Message, order_id: int) -> bool:
    return is_painting(message) and any(b.data == f"file:{order_id}" for b in message.buttons)


def _cancels(message: Message, order_id: int) -> bool:
    return any(button.data == f"cancel:{order_id}" for button in message.buttons)
