"""Styles by name over HTTP: `/stylize mosaic` in private and in groups, and near misses."""

import asyncio
from pathlib import Path

import pytest

from bot.sandbox import Group, Person
from bot.studio.ledger.model import Draft
from bot.telegram.place import Place
from tests.bot.chat.conftest import House, Open, is_painting, picture
from tests.bot.chat.handlers.test_styles import (
    PHOTO_WANTED,
    REPLY_WANTED,
    SHIPPED,
    is_gallery,
    says,
)

CALL = "/stylize@atelier_bot"
STYLE_WANTED = "Lovely. Now send the picture whose style you like."
STYLE_REPLY_WANTED = "Lovely. Now reply to this with the picture whose style you like."


async def painted_in(house: House) -> bytes:
    """The style of the first job, once the engine has it."""
    async with asyncio.timeout(10):
        await house.engine.began.wait()
    return house.engine.jobs[0].styles[0]


def shipped(name: str) -> bytes:
    return Path(SHIPPED / f"{name}.jpg").read_bytes()


@pytest.fixture
async def room(house: House, ada: Person, bob: Person) -> Group:
    room = house.sandbox.group("Friends", ada, bob)
    await ada.wait_for(lambda message: "Hello, I am Atelier" in message.words, chat=room)
    return room


@pytest.mark.parametrize(
    "caption",
    [
        "/stylize mosaic",
        "/stylize Mosaic",
        "/stylize MOSAIC ! ",
        "Mosaic",
        "please /stylize mosaic",
    ],
)
async def test_a_photo_with_a_styles_name(house: House, ada: Person, caption: str) -> None:
    photo = await ada.send_photo(picture(1), caption)
    order = await house.order()
    assert order.content.message_id == photo.message_id
    assert await painted_in(house) == shipped("mosaic")
    house.engine.may_finish.set()
    assert (await ada.wait_for(is_painting)).reply_to == photo.message_id


async def test_what_a_second_picture_is_called_is_no_order(house: House, ada: Person) -> None:
    photo = await ada.send_photo(picture(1), "my garden")
    await ada.wait_for(says(STYLE_WANTED))
    style = await ada.send_photo(picture(2), "Mosaic")
    order = await house.order()
    assert order.content.message_id == photo.message_id
    assert [picture.message_id for picture in order.styles] == [style.message_id]


async def test_a_captioned_photo_answers_the_question_in_a_group(
    house: House, room: Group, ada: Person
) -> None:
    await ada.send_text(CALL, chat=room)
    question = await ada.wait_for(lambda message: message.words.startswith("Gladly."), chat=room)
    photo = await ada.send_photo(picture(1), "mosaic", chat=room, reply_to=question)
    assert (await house.order()).content.message_id == photo.message_id
    assert await painted_in(house) == shipped("mosaic")


async def test_a_name_in_reply_to_a_photo_in_a_group(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await bob.send_photo(picture(1), chat=room)
    call = await ada.send_text(f"{CALL} stained glass", chat=room, reply_to=photo)
    order = await house.order()
    assert (order.user_id, order.content.message_id) == (ada.id, photo.message_id)
    assert await painted_in(house) == shipped("stained-glass")
    house.engine.may_finish.set()
    assert (await ada.wait_for(is_painting, chat=room)).reply_to == call.message_id


async def test_a_captioned_photo_in_a_group(house: House, room: Group, ada: Person) -> None:
    photo = await ada.send_photo(picture(1), f"{CALL} ink wash", chat=room)
    assert (await house.order()).reply_to == photo.message_id
    assert await painted_in(house) == shipped("ink-wash")


async def test_a_captioned_album_in_a_group(house: House, room: Group, ada: Person) -> None:
    photo, _ = await ada.send_album([picture(1), picture(2)], f"{CALL} mosaic", chat=room)
    order = await house.order()
    assert order.content.message_id == photo.message_id
    assert await painted_in(house) == shipped("mosaic")
    await house.idle()
    assert len(await house.orders()) == 1


@pytest.mark.parametrize("captioned", [0, 2])
async def test_of_a_captioned_album_in_private_the_others_are_left(
    house: House, ada: Person, captioned: int
) -> None:
    album = [picture(1), picture(2), picture(3)]
    sent = await ada.send_album(album, "/stylize mosaic", captioned=captioned)
    order = await house.order()
    assert order.content.message_id == sent[captioned].message_id
    assert await painted_in(house) == shipped("mosaic")
    await ada.wait_for(lambda message: "the picture that came with the name" in message.words)
    await house.idle()
    assert len(await house.orders()) == 1
    assert len(house.said()) == 1
    # Nothing is left over that the next picture could be mixed with.
    await ada.send_photo(picture(4))
    await ada.wait_for(says(STYLE_WANTED))


async def test_a_bare_name_in_a_group_asks_for_the_photo(
    house: House, room: Group, ada: Person
) -> None:
    call = await ada.send_text(f"{CALL} mosaic", chat=room)
    question = await ada.wait_for(says(REPLY_WANTED), chat=room)
    assert question.reply_to == call.message_id
    photo = await ada.send_photo(picture(1), chat=room, reply_to=question)
    assert (await house.order()).content.message_id == photo.message_id
    assert await painted_in(house) == shipped("mosaic")


async def test_a_bare_name_in_private(house: House, ada: Person) -> None:
    await ada.send_text("/stylize mosaic")
    await ada.wait_for(says(PHOTO_WANTED))
    await ada.send_text("/stylize woodcut")
    await ada.send_photo(picture(1))
    assert await painted_in(house) == shipped("woodcut")
    # And the other way round.
    await ada.send_photo(picture(2))
    await ada.wait_for(says(STYLE_WANTED))
    await ada.send_text("/stylize mosaic")
    await house.order(2)


async def test_the_question_for_a_style_is_answered_by_its_name(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    await ada.send_photo(picture(1))
    await ada.wait_for(says(STYLE_WANTED))
    await ada.send_text("Mosaic")
    assert (await house.order()).user_id == ada.id
    photo = await bob.send_photo(picture(2), CALL, chat=room)
    question = await bob.wait_for(says(STYLE_REPLY_WANTED), chat=room)
    await bob.send_text("halftone", chat=room, reply_to=question)
    order = await house.order(2)
    assert (order.user_id, order.content.message_id) == (bob.id, photo.message_id)


async def test_a_name_out_of_the_blue_is_just_a_word(
    house: House, room: Group, ada: Person
) -> None:
    room.promote_bot()
    before = len(room.from_bot)
    await ada.send_text("mosaic", chat=room)
    await ada.send_text("mosaic")
    await ada.wait_for(lambda message: message.words.startswith("Send me two pictures"))
    await house.idle()
    assert len(room.from_bot) == before
    assert await house.orders() == []


async def test_a_near_miss_is_answered_with_what_was_meant(house: House, ada: Person) -> None:
    photo = await ada.send_photo(picture(1), "/stylize mosiac")
    said = await ada.wait_for(lambda message: "mosiac" in message.words)
    assert said.words == "I don't know a style called “mosiac”. Did you mean Mosaic?"
    assert said.reply_to == photo.message_id
    assert [button.text for button in said.buttons] == ["Mosaic", "Show me your styles"]
    await ada.press(said, "Mosaic")
    assert (await house.order()).content.message_id == photo.message_id
    assert await painted_in(house) == shipped("mosaic")


async def test_a_near_miss_in_a_group_keeps_the_photo_for_its_person(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await bob.send_photo(picture(1), chat=room)
    await ada.send_text(f"{CALL} wodcut", chat=room, reply_to=photo)
    said = await ada.wait_for(lambda message: "Did you mean" in message.words, chat=room)
    await bob.press(said, said.buttons[0].text)
    await bob.wait_for(lambda message: message.words.startswith("Bob: A fine style."), chat=room)
    await ada.press(said, said.buttons[0].text)
    order = await house.order()
    assert (order.user_id, order.content.message_id) == (ada.id, photo.message_id)
    assert len(await house.orders()) == 1


async def test_a_name_like_none_leads_to_the_gallery(house: House, ada: Person) -> None:
    long = "q" * 300
    await ada.send_text(f"/stylize {long}")
    said = await ada.wait_for(lambda message: "qqq" in message.words)
    assert said.words == f"I don't know a style called “{'q' * 39}…”."
    await ada.press(said, "Show me your styles")
    await ada.wait_for(is_gallery)
    assert await house.orders() == []


async def test_with_two_pictures_what_follows_the_command_does_not_matter(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    photo = await bob.send_photo(picture(1), chat=room)
    style = await ada.send_photo(picture(2), f"{CALL} please", chat=room, reply_to=photo)
    order = await house.order()
    assert order.content.message_id == photo.message_id
    assert [found.message_id for found in order.styles] == [style.message_id]


async def test_a_bad_photo_with_a_name_is_refused(house: House, ada: Person) -> None:
    await ada.send_document(b"no picture", "photo.png", "image/png", caption="/stylize mosaic")
    await ada.wait_for(lambda message: "That file is not a picture." in message.words)
    # The style is kept for the next photo.
    photo = await ada.send_photo(picture(1))
    order = await house.order(2)
    assert order.content.message_id == photo.message_id


async def test_a_chosen_style_is_remembered_over_a_restart(open_house: Open, ada: Person) -> None:
    house = await open_house()
    await ada.send_text("/stylize mosaic")
    await ada.wait_for(says(PHOTO_WANTED))
    await house.idle()
    async with house.ledger.begin() as transaction:
        draft = await transaction.draft(Place(chat_id=ada.id), ada.id)
    assert draft != Draft(place=Place(chat_id=ada.id), user_id=ada.id)
    assert draft.styles[0].path is not None
