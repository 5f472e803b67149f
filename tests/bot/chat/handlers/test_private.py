"""The private chat over HTTP: pictures in any form, bad input, commands."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from telegram import Update

from bot.chat.replies.speaker import PAUSE
from bot.sandbox import Message, Person
from bot.sandbox.faults import lost_request
from bot.sandbox.model import Item
from bot.settings import LEDGER_FILE
from bot.studio.ledger.model import OrderState, PictureKind
from bot.telegram.downloads import LIMIT
from bot.telegram.place import Place
from tests.bot.chat.conftest import House, Open, is_painting, picture

Send = Callable[[Person], Awaitable[object]]

LOVELY = "Lovely. Now send the picture whose style you like."


async def test_two_photos_become_a_painting(house: House, ada: Person) -> None:
    content = await ada.send_photo(picture(1))
    answer = await ada.wait_for(lambda message: message.words == LOVELY)
    assert answer.reply_to == content.message_id
    style = await ada.send_photo(picture(2))
    order = await house.order()
    assert (order.content.message_id, order.styles[0].message_id) == (
        content.message_id,
        style.message_id,
    )
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting)
    assert painting.reply_to == content.message_id
    assert house.said() == [LOVELY]


async def test_start_and_help_lose_nothing(house: House, ada: Person) -> None:
    await ada.send_text("/start")
    await ada.wait_for(lambda message: "Welcome" in message.words)
    await ada.send_photo(picture(1))
    await ada.send_text("/help")
    await ada.wait_for(lambda message: "/cancel" in message.words)
    await ada.send_photo(picture(2))
    await house.order()


@pytest.mark.parametrize(
    ("name", "mime", "kind"),
    [
        ("photo.png", "image/png", "PNG"),
        ("photo.webp", "image/webp", "WEBP"),
        ("photo.tif", "image/tiff", "TIFF"),
        ("IMG_1.jpeg", "application/octet-stream", "JPEG"),
        ("IMG_1", "application/octet-stream", "JPEG"),
        ("still.gif", "image/gif", "GIF"),
    ],
)
async def test_a_picture_as_a_file_works_like_a_photo(
    house: House, ada: Person, name: str, mime: str, kind: str
) -> None:
    await ada.send_document(picture(1, kind=kind), name, mime)
    await ada.wait_for(lambda message: message.words == LOVELY)
    await ada.send_document(picture(2, kind=kind), name, mime)
    order = await house.order()
    assert order.content.kind is order.styles[0].kind is PictureKind.DOCUMENT


async def test_a_still_sticker_is_a_style(house: House, ada: Person) -> None:
    await ada.send_sticker(picture(1, kind="WEBP"))
    await ada.wait_for(lambda message: message.words.startswith("A fine style."))
    photo = await ada.send_photo(picture(2))
    order = await house.order()
    assert order.content.message_id == photo.message_id
    assert order.styles[0].kind is PictureKind.STICKER


async def send_unknown(person: Person) -> Message:
    """Forward a kind of message that the library does not know."""
    rich = Item("rich_message", (("blocks", []),))
    return person.world.post(Message(chat=person.chat, sender=person.user, attachment=rich))


async def test_a_photo_of_another_chat_is_painted_in_a_named_style(
    house: House, ada: Person
) -> None:
    photo = await ada.send_photo(picture(1), chat=house.sandbox.group("Far away", ada))
    call = await ada.send_text("/stylize mosaic", reply_to=photo)
    order = await house.order()
    assert (order.content.message_id, order.reply_to) == (call.message_id, call.message_id)


USELESS: list[tuple[Send, str]] = [
    (lambda ada: ada.send_text("hello"), "Send me two pictures"),
    (lambda ada: ada.send_text("/paint"), "I don't know that command"),
    (lambda ada: ada.send_video(b"film"), "I can't paint videos"),
    (lambda ada: ada.send_video_note(b"film"), "I can't paint videos"),
    (lambda ada: ada.send_animation(picture(1, kind="GIF")), "Moving pictures"),
    (lambda ada: ada.send_voice(b"hm"), "I can only see"),
    (lambda ada: ada.send_audio(b"la"), "I can only see"),
    (lambda ada: ada.send_sticker(b"tgs", animated=True), "That sticker moves"),
    (lambda ada: ada.send_sticker(b"webm", video=True), "That sticker moves"),
    (lambda ada: ada.send_location(), "I work with pictures only"),
    (lambda ada: ada.send_contact(), "I work with pictures only"),
    (send_unknown, "I work with pictures only"),
    (lambda ada: ada.send_dice(), "I work with pictures only"),
    (lambda ada: ada.send_document(b"%PDF", "a.pdf", "application/pdf"), "not a picture;"),
    (lambda ada: ada.send_document(b"mkv", "a.mkv", "video/x-matroska"), "I can't paint"),
    (lambda ada: ada.send_document(b"<svg/>", "a.svg", "image/svg+xml"), "I can't read"),
    (lambda ada: ada.send_document(b"text", "a", "application/octet-stream"), "not a picture."),
    (lambda ada: ada.send_document(picture(1)[:500], "a.jpg", "image/jpeg"), "not as a file"),
    (lambda ada: ada.send_document(picture(1, (1, 1)), "a.jpg", "image/jpeg"), "too small"),
    (
        lambda ada: ada.send_document(picture(1, (700, 20)), "a.jpg", "image/jpeg"),
        "at most 20 times the other",
    ),
]


async def test_what_cannot_be_painted_gets_one_sentence(house: House) -> None:
    people = [house.sandbox.person(f"Person {number}") for number, _ in enumerate(USELESS)]
    for person, (send, sentence) in zip(people, USELESS, strict=True):
        await send(person)
        await person.wait_for(_says(sentence))
        await person.send_photo(picture(1))
        await person.wait_for(lambda message: message.words == LOVELY)
        assert len(person.from_bot()) == 2
    assert not await house.orders()


async def test_a_bad_style_keeps_the_photo(house: House, ada: Person) -> None:
    content = await ada.send_photo(picture(1))
    await ada.wait_for(lambda message: message.words == LOVELY)
    await ada.send_document(b"no picture", "style.png", "image/png")
    await ada.wait_for(lambda message: "Your photo is kept" in message.words)
    await ada.send_photo(picture(3))
    order = await house.order(2)
    assert order.content.message_id == content.message_id
    assert (await house.order(1)).state is OrderState.CANCELLED


async def test_a_bad_photo_keeps_the_style(house: House, ada: Person) -> None:
    await ada.send_album([picture(1), picture(2)], as_documents=True)
    await house.order()
    bad = await ada.send_document(b"no picture", "photo.png", "image/png")
    answer = await ada.wait_for(lambda message: "Please send another photo." in message.words)
    assert answer.reply_to == bad.message_id


async def test_a_file_over_the_limit_hears_the_limit(open_house: Open, ada: Person) -> None:
    house = await open_house()
    await ada.send_document(bytes(LIMIT + 1), "large.bmp", "image/bmp")
    await ada.wait_for(lambda message: "at most 20 MB" in message.words)
    assert not house.sandbox.calls("getFile")


async def test_edits_and_service_messages_meet_silence(house: House, ada: Person) -> None:
    text = await ada.send_text("hello")
    await ada.wait_for()
    await ada.edit_text(text, "hello again")
    photo = await ada.send_photo(picture(1), "caption")
    await ada.wait_for(lambda message: message.words == LOVELY)
    await ada.edit_caption(photo, "another")
    await ada.send_text("/help")
    await ada.wait_for(lambda message: "/cancel" in message.words)
    assert len(house.said()) == 3


async def test_an_update_that_comes_twice_is_answered_once(house: House, ada: Person) -> None:
    await ada.send_photo(picture(1))
    await ada.wait_for(lambda message: message.words == LOVELY)
    await ada.send_photo(picture(2))
    await house.order()
    for update_id in list(house.sandbox.world.updates.history):
        house.sandbox.world.updates.redeliver(update_id)
    await ada.send_text("/help")
    await ada.wait_for(lambda message: "/cancel" in message.words)
    assert len(await house.orders()) == 1
    assert len(house.said()) == 2


async def test_a_picture_whose_answer_was_never_said_is_answered_after_a_restart(
    open_house: Open, ada: Person
) -> None:
    house = await open_house()
    house.sandbox.faults.add("sendMessage", lost_request())
    await ada.send_photo(picture(1))
    await house.sandbox.wait_for_call("sendMessage")
    await house.idle()
    [update] = house.sandbox.world.updates.history.values()
    again = Update.de_json(update.to_json(), house.application.bot)
    await house.application.process_update(again)
    await ada.wait_for(lambda message: message.words == LOVELY)
    await house.application.process_update(again)
    assert house.said() == [LOVELY]


async def test_a_person_with_many_orders_is_told_so_and_keeps_the_photo(
    open_house: Open, ada: Person
) -> None:
    house = await open_house(max_orders_per_user=2)
    for number in (1, 2):
        await ada.send_photo(picture(number))
        await house.idle()
        await ada.send_photo(picture(number + 10))
        await house.order(number)
    photo = await ada.send_photo(picture(5))
    await house.idle()
    await ada.send_photo(picture(6))
    await ada.wait_for(lambda message: "You already have 2 pictures" in message.words)
    await ada.send_text("/help")
    await house.idle()
    house.engine.may_finish.set()
    await ada.wait_for(is_painting)
    await _until_done(house, 2)
    await ada.send_photo(picture(6))
    assert (await house.order(3)).content.message_id == photo.message_id


async def test_many_photos_in_a_row_leave_one_prompt_and_one_refusal(
    house: House, ada: Person
) -> None:
    for number in range(13):
        await ada.send_photo(picture(number))
    await house.idle()
    # Whatever was put off for the end of the row would come now.
    await asyncio.sleep(PAUSE + 0.5)
    assert len(await house.orders()) == 5
    prompt, refusal = house.said()
    assert prompt == LOVELY
    assert refusal.startswith("You already have 5 pictures in the making. Your photo is kept")
    async with house.ledger.begin() as transaction:
        draft = await transaction.draft(Place(chat_id=ada.id), ada.id)
    assert draft.content is not None


async def test_who_ends_a_row_with_a_photo_is_asked_for_its_style(
    house: House, ada: Person
) -> None:
    sent = [await ada.send_photo(picture(number)) for number in range(7)]
    await ada.wait_for(lambda m: m.words == LOVELY and m.reply_to == sent[-1].message_id)
    assert len(await house.orders()) == 3
    assert house.said() == [LOVELY, LOVELY]


async def test_a_mistake_of_ours_is_confessed(
    house: House, ada: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(tmp_path / LEDGER_FILE)) as database:
        database.execute("ALTER TABLE drafts RENAME TO stolen")
    await ada.send_photo(picture(1))
    await ada.wait_for(lambda message: "Something went wrong" in message.words)
    assert any(record.exc_info for record in caplog.records)
    assert "stolen" not in "".join(house.said())


async def _until_done(house: House, number: int) -> None:
    with house.ledger.changed.subscribe() as changes:
        while (await house.orders())[number - 1].state is not OrderState.DONE:
            assert await changes.wait(10)


def _says(words: str) -> Callable[[Message], bool]:
    return lambda message: words in message.words
