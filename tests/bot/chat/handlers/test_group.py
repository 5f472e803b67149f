"""Groups in privacy mode over HTTP: every way to hand pictures over, and silence otherwise."""

from collections.abc import Callable

import pytest

from bot.sandbox import ChatKind, Group, Message, Person, Sandbox
from bot.studio.ledger.model import Order
from tests.bot.chat.conftest import House, Open, is_painting, picture
from tests.bot.chat.handlers.test_cancel import has_cancel

CALL = "/stylize@atelier_bot"
STYLE_WANTED = "Lovely. Now reply to this with the picture whose style you like."
PHOTO_WANTED = "Gladly. Reply to this with the photo that I should paint."


def roles(order: Order) -> tuple[int, ...]:
    return (order.content.message_id, *(style.message_id for style in order.styles))


def asks(text: str, answering: Message | None = None) -> Callable[[Message], bool]:
    def fits(message: Message) -> bool:
        return message.words == text and (
            answering is None or message.reply_to == answering.message_id
        )

    return fits


@pytest.fixture
async def room(house: House, ada: Person, bob: Person) -> Group:
    room = house.sandbox.group("Friends", ada, bob)
    await ada.wait_for(lambda message: "Hello, I am Atelier" in message.words, chat=room)
    return room


async def test_a_captioned_photo_then_a_reply(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await ada.send_photo(picture(1), CALL, chat=room)
    question = await ada.wait_for(asks(STYLE_WANTED, photo), chat=room)
    assert question.markup is not None
    assert question.markup["force_reply"] is True
    assert question.markup["selective"] is True
    await bob.send_photo(picture(9), chat=room, reply_to=question)
    style = await ada.send_photo(picture(2), chat=room, reply_to=question)
    order = await house.order()
    assert roles(order) == (photo.message_id, style.message_id)
    assert order.user_id == ada.id
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting, chat=room)
    assert painting.reply_to == style.message_id
    assert len(await house.orders()) == 1


@pytest.mark.parametrize("everything", [False, True])
async def test_a_captioned_album(
    house: House, room: Group, ada: Person, *, everything: bool
) -> None:
    if everything:
        room.promote_bot()
    photo, style = await ada.send_album([picture(1), picture(2)], CALL, chat=room)
    if not everything:
        # In privacy mode only the part with the command arrives.
        question = await ada.wait_for(asks(STYLE_WANTED, photo), chat=room)
        style = await ada.send_photo(picture(2), chat=room, reply_to=question)
    assert roles(await house.order()) == (photo.message_id, style.message_id)


async def test_an_album_whose_second_part_has_the_command(
    house: House, room: Group, ada: Person
) -> None:
    room.promote_bot()
    photo, style = await ada.send_album([picture(1), picture(2)], CALL, captioned=1, chat=room)
    assert roles(await house.order()) == (photo.message_id, style.message_id)


@pytest.mark.parametrize("quiet", [0.3, 0.001])
async def test_an_album_in_reply_to_a_photo_is_its_styles_however_long_a_part_takes(
    open_house: Open, sandbox: Sandbox, ada: Person, bob: Person, quiet: float
) -> None:
    house = await open_house(most_styles=4, album_quiet=quiet)
    room = sandbox.group("Friends", ada, bob)
    room.promote_bot()
    photo = await bob.send_photo(picture(1), chat=room)
    styles = await ada.send_album([picture(2), picture(3)], CALL, chat=room, reply_to=photo)
    order = await house.order()
    assert roles(order) == (photo.message_id, *(style.message_id for style in styles))
    assert order.user_id == ada.id


async def test_a_reply_to_anyones_photo(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await bob.send_photo(picture(1), chat=room)
    call = await ada.send_text(CALL, chat=room, reply_to=photo)
    question = await ada.wait_for(asks(STYLE_WANTED, call), chat=room)
    style = await ada.send_document(
        picture(2, kind="PNG"), "style.png", "image/png", chat=room, reply_to=question
    )
    order = await house.order()
    assert roles(order) == (photo.message_id, style.message_id)
    assert (order.user_id, order.reply_to) == (ada.id, style.message_id)


async def test_a_reply_to_a_photo_of_another_chat(
    house: House, sandbox: Sandbox, room: Group, ada: Person, bob: Person
) -> None:
    far = sandbox.group("Far away", ada, bob)
    photo = await bob.send_photo(picture(1), chat=far)
    call = await ada.send_text(CALL, chat=room, reply_to=photo)
    question = await ada.wait_for(asks(STYLE_WANTED, call), chat=room)
    style = await ada.send_photo(picture(2), chat=room, reply_to=question)
    order = await house.order()
    assert roles(order) == (call.message_id, style.message_id)
    assert (order.place.chat_id, order.user_id) == (room.id, ada.id)
    assert order.content.width == 64
    # Both at once: the one pointed at is the photo.
    both = await bob.send_photo(picture(3), CALL, chat=room, reply_to=photo)
    again = await house.order(2)
    assert again.content.file_unique_id == order.content.file_unique_id
    assert (again.styles[0].message_id, again.reply_to) == (both.message_id, both.message_id)


async def test_a_reply_to_what_is_no_picture_in_another_chat_says_so(
    house: House, sandbox: Sandbox, room: Group, ada: Person
) -> None:
    film = await ada.send_video(b"film", chat=sandbox.group("Far away", ada))
    await ada.send_text(CALL, chat=room, reply_to=film)
    await ada.wait_for(lambda message: "I can't paint videos" in message.words, chat=room)
    assert not await house.orders()


async def test_a_reply_to_a_photo_of_another_topic(
    house: House, sandbox: Sandbox, ada: Person
) -> None:
    forum = sandbox.group("Forum", ada, is_forum=True)
    one, two = forum.topic("One"), forum.topic("Two")
    photo = await ada.send_photo(picture(1), chat=forum, thread=one)
    await ada.send_photo(picture(2), CALL, chat=forum, thread=two, reply_to=photo)
    order = await house.order()
    assert order.place.thread_id == two
    assert order.content.file_unique_id != order.styles[0].file_unique_id


async def test_a_style_in_reply_to_a_photo_is_all_it_takes(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await bob.send_photo(picture(1), chat=room)
    style = await ada.send_photo(picture(2), CALL, chat=room, reply_to=photo)
    order = await house.order()
    assert roles(order) == (photo.message_id, style.message_id)
    assert order.reply_to == style.message_id
    # The same photo once more, by somebody else.
    other = await bob.send_photo(picture(3), CALL, chat=room, reply_to=photo)
    again = await house.order(2)
    assert roles(again) == (photo.message_id, other.message_id)
    assert again.user_id == bob.id


async def test_an_album_in_reply_to_the_question_answers_it(
    open_house: Open, sandbox: Sandbox, ada: Person
) -> None:
    house = await open_house(most_styles=4)
    room = sandbox.group("Friends", ada)
    photo = await ada.send_photo(picture(1), CALL, chat=room)
    question = await ada.wait_for(asks(STYLE_WANTED, photo), chat=room)
    styles = await ada.send_album([picture(2), picture(3)], chat=room, reply_to=question)
    expected = (photo.message_id, *(style.message_id for style in styles))
    assert roles(await house.order()) == expected
    call = await ada.send_text(CALL, chat=room)
    question = await ada.wait_for(asks(PHOTO_WANTED, call), chat=room)
    both = await ada.send_album([picture(4), picture(5)], chat=room, reply_to=question)
    assert roles(await house.order(2)) == tuple(message.message_id for message in both)


async def test_a_photo_that_was_of_no_use_before_is_declined(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    bad = await bob.send_document(b"no picture", "photo.png", "image/png", chat=room)
    await ada.send_text(CALL, chat=room, reply_to=bad)
    await ada.wait_for(lambda message: "That file is not a picture." in message.words, chat=room)
    await bob.send_photo(picture(1), CALL, chat=room, reply_to=bad)
    await bob.wait_for(lambda message: "could not open" in message.words, chat=room)
    assert not await house.orders()


async def test_alone_it_asks_for_both(house: House, room: Group, ada: Person) -> None:
    call = await ada.send_text(CALL, chat=room)
    first = await ada.wait_for(asks(PHOTO_WANTED, call), chat=room)
    photo = await ada.send_photo(picture(1), chat=room, reply_to=first)
    second = await ada.wait_for(asks(STYLE_WANTED, photo), chat=room)
    style = await ada.send_photo(picture(2), chat=room, reply_to=second)
    assert roles(await house.order()) == (photo.message_id, style.message_id)


async def test_a_bare_command_counts_where_it_arrives(
    house: House, room: Group, ada: Person
) -> None:
    room.promote_bot()
    call = await ada.send_text("/stylize", chat=room)
    await ada.wait_for(asks(PHOTO_WANTED, call), chat=room)
    await ada.send_text("/stylize@other_bot", chat=room)
    await ada.send_text("/unknown", chat=room)
    await ada.send_text("/help@atelier_bot", chat=room)
    await ada.wait_for(lambda message: "stops your paintings" in message.words, chat=room)
    assert len(house.said()) == 3


async def test_two_people_at_once_do_not_mix(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    hers = await ada.send_photo(picture(1), CALL, chat=room)
    his = await bob.send_photo(picture(2), CALL, chat=room)
    to_her = await ada.wait_for(asks(STYLE_WANTED, hers), chat=room)
    to_him = await bob.wait_for(asks(STYLE_WANTED, his), chat=room)
    his_style = await bob.send_photo(picture(3), chat=room, reply_to=to_him)
    her_style = await ada.send_photo(picture(4), chat=room, reply_to=to_her)
    orders = {order.user_id: order for order in (await house.order(), await house.order(2))}
    assert roles(orders[ada.id]) == (hers.message_id, her_style.message_id)
    assert roles(orders[bob.id]) == (his.message_id, his_style.message_id)


async def test_what_is_not_for_the_bot_meets_silence(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    room.promote_bot()
    before = len(house.said())
    photo = await ada.send_photo(picture(1), "look", chat=room)
    await bob.send_text("nice", chat=room, reply_to=photo)
    await bob.send_text("hello @atelier_bot", chat=room)
    await ada.send_album([picture(1), picture(2)], chat=room)
    await ada.send_video(b"film", chat=room)
    await ada.edit_caption(photo, CALL)
    greeting = room.from_bot[0]
    await bob.send_photo(picture(3), chat=room, reply_to=greeting)
    await bob.send_text("thanks", chat=room, reply_to=greeting)
    await house.idle()
    assert len(house.said()) == before
    assert not sandbox_fetches(house)


async def test_a_useless_answer_to_the_question_gets_one_sentence(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    await ada.send_photo(picture(1), CALL, chat=room)
    question = await ada.wait_for(asks(STYLE_WANTED), chat=room)
    before = len(house.said())
    await bob.send_text("well?", chat=room, reply_to=question)
    await ada.send_text("van Gogh", chat=room, reply_to=question)
    await ada.wait_for(lambda message: message.words.startswith("I have your photo."), chat=room)
    assert len(house.said()) == before + 1


async def test_a_reply_to_what_is_no_picture_says_so(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    video = await bob.send_video(b"film", chat=room)
    await ada.send_text(CALL, chat=room, reply_to=video)
    await ada.wait_for(lambda message: "I can't paint videos" in message.words, chat=room)
    assert not await house.orders()


async def test_topics_are_kept_apart(house: House, sandbox: Sandbox, ada: Person) -> None:
    forum = sandbox.group("Forum", ada, is_forum=True)
    one, two = forum.topic("One"), forum.topic("Two")
    photo = await ada.send_photo(picture(1), CALL, chat=forum, thread=one)
    question = await ada.wait_for(asks(STYLE_WANTED, photo), chat=forum)
    assert question.thread_id == one
    elsewhere = await ada.send_photo(picture(2), CALL, chat=forum, thread=two)
    other = await ada.wait_for(asks(STYLE_WANTED, elsewhere), chat=forum)
    assert other.thread_id == two
    style = await ada.send_photo(picture(3), chat=forum, thread=one, reply_to=question)
    order = await house.order()
    assert roles(order) == (photo.message_id, style.message_id)
    assert order.place.thread_id == one
    card = await ada.wait_for(has_cancel, chat=forum)
    assert card.thread_id == one


async def test_an_anonymous_admin_orders_and_an_admin_cancels(
    house: House, room: Group, ada: Person, bob: Person, sandbox: Sandbox
) -> None:
    eve = sandbox.person("Eve")
    room.add(eve)
    room.promote(bob, anonymous=True)
    somebody = room.anonymous(bob)
    photo = await somebody.send_photo(picture(1), CALL)
    question = await ada.wait_for(asks(STYLE_WANTED, photo), chat=room)
    style = await somebody.send_photo(picture(2), reply_to=question)
    order = await house.order()
    assert roles(order) == (photo.message_id, style.message_id)
    assert order.user_id == room.id
    card = await ada.wait_for(has_cancel, chat=room)
    assert (await eve.press(card, "Cancel")).alert
    assert (await ada.press(card, "Cancel")).text == "Cancelled."


async def test_a_channel_speaks_for_itself_and_its_automatic_posts_do_not(
    house: House, room: Group, ada: Person, sandbox: Sandbox
) -> None:
    channel = sandbox.group("News", ada, kind=ChatKind.CHANNEL)
    before = len(house.said())
    await room.automatic(channel).send_photo(picture(1), CALL)
    await channel.as_itself().send_photo(picture(1), CALL)
    speaker = room.as_channel(channel)
    photo = await speaker.send_photo(picture(2), CALL)
    await ada.wait_for(asks(STYLE_WANTED, photo), chat=room)
    await house.idle()
    assert len(house.said()) == before + 1
    # A picture of an automatic post can be painted all the same, by whoever replies to it.
    client = await room.automatic(channel).send_photo(picture(3))
    style = await ada.send_photo(picture(4), CALL, chat=room, reply_to=client)
    assert roles(await house.order()) == (client.message_id, style.message_id)


async def test_a_deleted_original_is_no_obstacle(house: House, room: Group, ada: Person) -> None:
    photo = await ada.send_photo(picture(1), CALL, chat=room)
    question = await ada.wait_for(asks(STYLE_WANTED, photo), chat=room)
    style = await ada.send_photo(picture(2), chat=room, reply_to=question)
    await house.order()
    await ada.wait_for(has_cancel, chat=room)
    await ada.delete(style)
    await ada.delete(photo)
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting, chat=room)
    assert painting.reply_to is None


async def test_a_draft_moves_to_the_supergroup(house: House, sandbox: Sandbox, ada: Person) -> None:
    small = sandbox.group("Small", ada, kind=ChatKind.GROUP)
    photo = await ada.send_photo(picture(1), CALL, chat=small)
    await ada.wait_for(asks(STYLE_WANTED, photo), chat=small)
    grown = small.migrate()
    call = await ada.send_text(CALL, chat=grown)
    question = await ada.wait_for(asks(STYLE_WANTED, call), chat=grown)
    await ada.send_photo(picture(2), chat=grown, reply_to=question)
    order = await house.order()
    assert order.place.chat_id == grown.id
    assert order.content.place.chat_id == small.id
    await ada.wait_for(has_cancel, chat=grown)


@pytest.mark.parametrize(("admin", "warns"), [(False, True), (True, False)])
async def test_the_introduction_says_whether_privacy_is_in_the_way(
    house: House, sandbox: Sandbox, ada: Person, *, admin: bool, warns: bool
) -> None:
    room = sandbox.group("New", ada, with_bot=False)
    room.add_bot(admin=admin)
    hello = await ada.wait_for(lambda message: "I am Atelier" in message.words, chat=room)
    assert ("privacy mode" in hello.words) is warns
    room.remove_bot()
    await house.idle()
    assert len(house.said()) == 1


async def test_cancel_in_a_group_is_the_persons_own(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await ada.send_photo(picture(1), chat=room)
    await ada.send_photo(picture(2), CALL, chat=room, reply_to=photo)
    await bob.send_photo(picture(3), CALL, chat=room, reply_to=photo)
    await house.order(2)
    await bob.send_text("/cancel@atelier_bot", chat=room)
    await bob.wait_for(lambda message: message.words == "Cancelled your painting.", chat=room)
    assert [order.state.final for order in await house.orders()] == [False, True]


def sandbox_fetches(house: House) -> list[object]:
    return [call.params for call in house.sandbox.calls("getFile")]
