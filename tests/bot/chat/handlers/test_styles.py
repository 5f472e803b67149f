"""The gallery over HTTP: pages, choosing in private and in groups, another style, own styles."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox import Group, Message, Person, Sandbox
from bot.sandbox.decode import Upload
from bot.studio.ledger.model import Change, PictureKind
from tests.bot.chat.conftest import House, Open, is_painting, picture

PHOTO_WANTED = "A fine style. Now send the photo that I should paint."
REPLY_WANTED = "A fine style. Now reply to this with the photo that I should paint."
SHIPPED = Path("bot/gallery/pictures")


def is_gallery(message: Message) -> bool:
    return message.photo is not None and "pick:" in str(message.buttons)


def label(message: Message, title: str) -> str:
    """The callback data of the button with this title."""
    return next(button.data for button in message.buttons if button.text.endswith(title))


def says(text: str) -> Callable[[Message], bool]:
    return lambda message: message.words == text


def shown(message: Message) -> Message:
    """A message as it stands now."""
    return message.chat.messages[message.message_id]


def uploads(house: House) -> int:
    """How often a page was sent as bytes, not by its name."""
    sent = [call.params["photo"] for call in house.sandbox.calls("sendPhoto") if call.ok]
    turned = [call.params["media"] for call in house.sandbox.calls("editMessageMedia") if call.ok]
    uploaded = [photo for photo in sent if isinstance(photo, Upload)]
    return len(uploaded) + sum("attach://" in str(media) for media in turned)


@pytest.fixture
async def room(house: House, ada: Person, bob: Person) -> Group:
    room = house.sandbox.group("Friends", ada, bob)
    await ada.wait_for(lambda message: "Hello, I am Atelier" in message.words, chat=room)
    return room


@pytest.mark.usefixtures("house")
async def test_the_gallery_has_pages(ada: Person) -> None:
    command = await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    assert gallery.reply_to == command.message_id
    assert gallery.words == "My styles: tap one to choose it. Page 1 of 3."
    titles = [button.text for button in gallery.buttons]
    assert titles[0] == "1  Starlight"
    assert titles[-1] == "›"
    assert len(titles) == 7
    for turn, page in (("›", 2), ("›", 3), ("‹", 2), ("‹", 1)):
        await ada.press(gallery, turn)
        assert shown(gallery).words.endswith(f"Page {page} of 3.")
    every = []
    for page in range(3):
        await ada.press_data(gallery, f"leaf:{page}:0")
        every += [button.text[3:] for button in shown(gallery).buttons if "pick:" in button.data]
    assert len(every) == len(set(every)) == 17
    # A page that is no more is the nearest that is.
    await ada.press_data(gallery, "leaf:99:0")
    assert shown(gallery).words.endswith("Page 3 of 3.")
    assert shown(gallery).data != gallery.data


async def test_pages_are_uploaded_once(house: House, ada: Person, bob: Person) -> None:
    await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    await ada.press(gallery, "›")
    await ada.press(gallery, "‹")
    await bob.send_text("/styles")
    assert (await bob.wait_for(is_gallery)).data == gallery.data
    assert uploads(house) == 2


async def test_a_page_whose_name_telegram_forgot_is_uploaded_again(
    house: House, ada: Person
) -> None:
    await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    house.sandbox.world.attachments.clear()
    since = ada.mark()
    await ada.send_text("/styles")
    again = await ada.wait_for(is_gallery, since=since)
    await ada.press(again, "›")
    house.sandbox.world.attachments.clear()
    await ada.press(again, "‹")
    assert shown(again).data == gallery.data
    assert uploads(house) == 4


async def test_a_photo_then_a_style_make_an_order(house: House, ada: Person) -> None:
    photo = await ada.send_photo(picture(1))
    question = await ada.wait_for(lambda message: bool(message.buttons))
    await ada.press(question, "Show me your styles")
    gallery = await ada.wait_for(is_gallery)
    assert gallery.reply_to == question.message_id
    await ada.press(gallery, "›")
    answer = await ada.press(gallery, label(shown(gallery), "Mosaic"))
    assert answer.text == "Chosen: Mosaic."
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting)
    assert painting.reply_to == photo.message_id
    order = await house.order()
    assert order.content.message_id == photo.message_id
    assert [style.kind for style in order.styles] == [PictureKind.SHIPPED]
    expected = await asyncio.to_thread((SHIPPED / "mosaic.jpg").read_bytes)
    assert house.engine.jobs[0].styles == (expected,)


async def test_a_style_then_a_photo_make_an_order(house: House, ada: Person) -> None:
    await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    await ada.press(gallery, label(gallery, "Starlight"))
    await ada.wait_for(says(PHOTO_WANTED))
    # Another choice takes the place of the first.
    await ada.press(gallery, label(gallery, "woodcut"))
    photo = await ada.send_photo(picture(1))
    order = await house.order()
    assert order.content.message_id == photo.message_id
    expected = await asyncio.to_thread((SHIPPED / "woodcut.jpg").read_bytes)
    async with asyncio.timeout(10):
        await house.engine.began.wait()
    assert house.engine.jobs[0].styles == (expected,)


async def test_styles_with_a_photo_is_an_order_but_for_the_choice(
    house: House, ada: Person
) -> None:
    photo = await ada.send_photo(picture(1), "/styles")
    gallery = await ada.wait_for(is_gallery)
    await ada.press(gallery, label(gallery, "Starlight"))
    assert (await house.order()).content.message_id == photo.message_id


async def test_one_style_of_two_people_is_one_picture(
    house: House, ada: Person, bob: Person
) -> None:
    for person in (ada, bob):
        await person.send_photo(picture(person.id % 7), "/stylize starlight")
    first, second = await house.order(1), await house.order(2)
    assert first.styles == second.styles
    assert {first.user_id, second.user_id} == {ada.id, bob.id}


async def test_a_full_queue_is_said(open_house: Open, ada: Person) -> None:
    house = await open_house(max_orders_per_user=1)
    await ada.send_photo(picture(1), "/stylize mosaic")
    await house.order()
    await ada.send_photo(picture(2))
    await house.idle()
    await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    answer = await ada.press(gallery, label(gallery, "Starlight"))
    assert answer.text == ""
    await ada.wait_for(lambda message: message.words.startswith("You already have 1 picture"))
    assert len(await house.orders()) == 1


async def test_a_style_that_is_gone_is_said(open_house: Open, ada: Person, tmp_path: Path) -> None:
    folder = tmp_path / "styles"
    folder.mkdir()
    (folder / "Ærø.png").write_bytes(picture(5, kind="PNG"))
    house = await open_house(styles_dir=folder)
    await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    await ada.press_data(gallery, "leaf:9:0")
    data = label(shown(gallery), "Ærø")
    await ada.send_photo(picture(1))
    await ada.press(gallery, data)
    order = await house.order()
    (folder / "Ærø.png").unlink()
    answer = await ada.press_data(gallery, data)
    assert answer.alert
    assert answer.text == "That style is no longer here; /styles shows those that are."
    # What was ordered is painted.
    house.engine.may_finish.set()
    await ada.wait_for(is_painting)
    assert house.engine.jobs[0].styles == (picture(5, kind="PNG"),)
    (folder / "new.png").write_bytes(picture(6, kind="PNG"))
    await ada.send_photo(picture(2), "/stylize NEW")
    assert (await house.order(2)).styles != order.styles


@pytest.mark.parametrize("data", ["pick:s000000000000:0", "pick:o77:0"])
async def test_a_forged_choice_is_answered(house: House, ada: Person, data: str) -> None:
    await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    answer = await ada.press_data(gallery, data)
    assert answer.alert
    assert await house.orders() == []


async def test_in_a_group_everybody_chooses_for_themselves(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    command = await ada.send_text("/styles@atelier_bot", chat=room)
    gallery = await ada.wait_for(is_gallery, chat=room)
    await ada.press(gallery, label(gallery, "Starlight"))
    question = await ada.wait_for(says(REPLY_WANTED), chat=room)
    assert question.reply_to == command.message_id
    assert question.markup is not None
    assert question.markup["selective"] is True
    await bob.press(gallery, label(gallery, "woodcut"))
    named = await bob.wait_for(says(f"Bob: {REPLY_WANTED}"), chat=room)
    assert named.markup is not None
    assert named.markup["selective"] is True
    assert [(mark.type, mark.offset, mark.length) for mark in named.entities] == [
        ("text_mention", 0, 3)
    ]
    theirs = await bob.send_photo(picture(2), chat=room, reply_to=named)
    hers = await ada.send_photo(picture(1), chat=room, reply_to=question)
    by_person = {order.user_id: order for order in (await house.order(1), await house.order(2))}
    assert by_person[ada.id].content.message_id == hers.message_id
    assert by_person[bob.id].content.message_id == theirs.message_id
    assert by_person[ada.id].styles != by_person[bob.id].styles


async def test_an_anonymous_admin_chooses_in_the_groups_name(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    room.promote(bob, anonymous=True)
    voice = room.anonymous(bob)
    command = await voice.send_text("/styles@atelier_bot")
    gallery = await bob.wait_for(is_gallery, chat=room)
    await bob.press(gallery, label(gallery, "Starlight"))
    question = await bob.wait_for(says(REPLY_WANTED), chat=room)
    assert question.reply_to == command.message_id
    await ada.send_photo(picture(2), chat=room, reply_to=question)
    photo = await voice.send_photo(picture(1), reply_to=question)
    order = await house.order()
    assert (order.user_id, order.content.message_id) == (room.id, photo.message_id)


async def test_in_a_group_the_bot_shows_styles_only_when_asked(
    house: House, room: Group, ada: Person
) -> None:
    room.promote_bot()
    before = len(room.from_bot)
    await ada.send_text("what styles are there? mosaic?", chat=room)
    await ada.send_text("/styles@other_bot", chat=room)
    await ada.send_photo(picture(1), chat=room)
    await house.idle()
    assert len(room.from_bot) == before


async def test_styles_in_reply_to_somebodys_photo(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await bob.send_photo(picture(1), chat=room)
    command = await ada.send_text("/styles@atelier_bot", chat=room, reply_to=photo)
    gallery = await ada.wait_for(is_gallery, chat=room)
    await ada.press(gallery, label(gallery, "Starlight"))
    order = await house.order()
    assert (order.user_id, order.content.message_id) == (ada.id, photo.message_id)
    assert order.reply_to == command.message_id


async def test_the_gallery_stays_in_its_topic(open_house: Open, sandbox: Sandbox) -> None:
    house = await open_house()
    ada = sandbox.person("Ada")
    room = sandbox.group("Club", ada, is_forum=True)
    thread = room.topic("Pictures")
    await ada.send_text("/styles@atelier_bot", chat=room, thread=thread)
    gallery = await ada.wait_for(is_gallery, chat=room)
    assert gallery.thread_id == thread
    await ada.press(gallery, label(gallery, "Starlight"))
    question = await ada.wait_for(says(REPLY_WANTED), chat=room)
    assert question.thread_id == thread
    await ada.send_photo(picture(1), chat=room, reply_to=question, thread=thread)
    assert (await house.order()).place.thread_id == thread


async def test_where_pictures_are_forbidden_the_bot_says_so(room: Group, ada: Person) -> None:
    room.forbid("photo")
    await ada.send_text("/styles@atelier_bot", chat=room)
    await ada.wait_for(says("I am not allowed to send pictures in this chat."), chat=room)
    assert not any(is_gallery(message) for message in room.from_bot)


async def test_another_style_for_the_same_photo(house: House, ada: Person) -> None:
    photo = await ada.send_photo(picture(1), "/stylize mosaic")
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting)
    await ada.press(painting, "Another style")
    gallery = await ada.wait_for(is_gallery)
    assert gallery.reply_to == painting.message_id
    await ada.press(gallery, "›")
    await ada.press(gallery, "‹")
    answer = await ada.press(gallery, label(shown(gallery), "Starlight"))
    assert answer.text == "Coming up: in another style."
    answer = await ada.press(gallery, label(shown(gallery), "Starlight"))
    assert "already" in answer.text
    order = await house.order(2)
    assert (order.content.message_id, order.change) == (photo.message_id, Change.STYLE)
    assert order.styles != (await house.order(1)).styles
    await house.idle()
    assert len(await house.orders()) == 2


async def test_another_style_is_for_whoever_presses(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await ada.send_photo(picture(1), "/stylize@atelier_bot mosaic", chat=room)
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting, chat=room)
    await bob.press(painting, "Another style")
    gallery = await bob.wait_for(is_gallery, chat=room)
    await bob.press(gallery, label(gallery, "Starlight"))
    order = await house.order(2)
    assert (order.user_id, order.content.message_id) == (bob.id, photo.message_id)
    assert order.reply_to == gallery.message_id


async def test_another_style_after_the_pictures_are_gone(house: House, ada: Person) -> None:
    await ada.send_photo(picture(1), "/stylize mosaic")
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting)
    await ada.press(painting, "Another style")
    gallery = await ada.wait_for(is_gallery)
    async with house.ledger.begin() as transaction:
        await transaction.forget(ada.id, update_id=10**9)
    for message, data in (
        (painting, "styles:1"),
        (gallery, label(gallery, "Starlight")),
    ):
        answer = await ada.press_data(message, data)
        assert answer.alert
        assert "have been deleted" in answer.text


async def test_a_stranger_cannot_choose_for_anothers_photo(
    house: House, ada: Person, bob: Person
) -> None:
    await ada.send_photo(picture(1), "/stylize mosaic")
    house.engine.may_finish.set()
    await ada.wait_for(is_painting)
    await bob.send_text("/styles")
    gallery = await bob.wait_for(is_gallery)
    data = label(gallery, "Starlight").removesuffix(":0") + ":1"
    for forged in (data, "styles:1"):
        answer = await bob.press_data(gallery, forged)
        assert answer.alert
    assert len(await house.orders()) == 1
