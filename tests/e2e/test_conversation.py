"""Conversations with the running bot: two pictures in, a painting out; and what else comes."""

import io
from collections.abc import Awaitable, Callable

import pytest
from PIL import Image

from bot.sandbox import Message, Person
from tests.e2e import pictures
from tests.e2e.conftest import (
    PATIENCE,
    Stage,
    card,
    card_goes,
    is_card,
    painting,
    paintings,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_two_photos_become_a_painting(quick_real: Stage) -> None:
    ada = quick_real.person()
    photo = await ada.send_photo(pictures.photo())
    asked = await ada.wait_for(timeout=PATIENCE)
    assert "style" in asked.words

    await ada.send_photo(pictures.style())
    shown = await card(ada)
    brought = await painting(ada)
    gone = await card_goes(ada)

    assert brought.reply_to == photo.message_id
    assert brought.message_id > shown.message_id
    assert brought.words.startswith("Finished in")
    assert gone.message_id == shown.message_id
    assert shown.message_id not in {message.message_id for message in ada.from_bot()}
    assert Image.open(io.BytesIO(brought.data)).size == (64, 48)
    assert len(paintings(ada)) == 1


async def test_start_and_help_say_what_to_send(quick: Stage) -> None:
    ada = quick.person()
    for command in ("/start", "/help"):
        since = ada.mark()
        await ada.send_text(command)
        said = await ada.wait_for(timeout=PATIENCE, since=since)
        assert "photo" in said.words
        assert "style" in said.words


async def test_an_album_of_two_is_one_order(quick_real: Stage) -> None:
    ada = quick_real.person()
    first, _ = await ada.send_album([pictures.photo(), pictures.style()])
    brought = await painting(ada)
    assert brought.reply_to == first.message_id
    assert Image.open(io.BytesIO(brought.data)).size == (64, 48)
    await card_goes(ada)
    # The painting, and no word more.
    assert ada.from_bot() == [brought]


async def test_documents_work_like_photos(quick_real: Stage) -> None:
    ada = quick_real.person()
    await ada.send_document(pictures.heic(), "IMG_0001.HEIC", "image/heic")
    await ada.wait_for(lambda message: "style" in message.words, timeout=PATIENCE)
    await ada.send_document(pictures.style(kind="PNG"), "style.png", "image/png")
    brought = await painting(ada)
    assert Image.open(io.BytesIO(brought.data)).size == (64, 48)


Send = Callable[[Person], Awaitable[Message]]

NO_PICTURES: dict[str, tuple[Send, str]] = {
    "text": (lambda ada: ada.send_text("Hello there"), "photo"),
    "an unknown command": (lambda ada: ada.send_text("/paint"), "/help"),
    "a video": (lambda ada: ada.send_video(b"\0" * 99), "video"),
    "a voice message": (lambda ada: ada.send_voice(b"\0" * 99), "photo"),
    "a location": (lambda ada: ada.send_location(), "photo"),
    "a contact": (lambda ada: ada.send_contact(), "photo"),
    "a moving sticker": (lambda ada: ada.send_sticker(b"\0" * 99, animated=True), "sticker"),
    "a text file": (lambda ada: ada.send_document(b"Hello", "a.txt", "text/plain"), "picture"),
    "no image in an image's name": (
        lambda ada: ada.send_document(b"Hello" * 99, "a.jpg", "image/jpeg"),
        "not a picture",
    ),
    "a drawing in SVG": (
        lambda ada: ada.send_document(b"<svg xmlns='x'/>", "a.svg", "image/svg+xml"),
        "picture",
    ),
    "a damaged photo": (
        lambda ada: ada.send_damaged_photo(pictures.truncated()),
        "did not arrive whole",
    ),
    "a decompression bomb": (
        lambda ada: ada.send_document(pictures.bomb(), "bomb.png", "image/png"),
        "pixels",
    ),
    "a single pixel": (
        lambda ada: ada.send_document(pictures.dot(), "dot.png", "image/png"),
        "too small",
    ),
    "a thread": (
        lambda ada: ada.send_document(pictures.thread(), "thread.png", "image/png"),
        "long and thin",
    ),
    "a file over the limit": (
        lambda ada: ada.send_document(b"\0" * (21 * 1024 * 1024), "big.tiff", "image/tiff"),
        "20 MB",
    ),
}


@pytest.mark.parametrize("kind", NO_PICTURES)
async def test_anything_else_gets_one_kind_sentence(quick: Stage, kind: str) -> None:
    send, expected = NO_PICTURES[kind]
    ada = quick.person()
    await ada.send_photo(pictures.photo())
    await ada.wait_for(timeout=PATIENCE)
    since = ada.mark()

    await send(ada)

    # On a machine that is slow to read the picture, a card says first that it is being fetched.
    said = await ada.wait_for(
        lambda message: expected in message.words, timeout=PATIENCE, since=since
    )
    assert "Traceback" not in said.words
    assert "Error" not in said.words
    # The photo from before is kept: the style alone completes the order.
    await ada.send_photo(pictures.style())
    await painting(ada, since)
    # Cards apart, open or closed: a slow machine may have shown one more.
    spoken = [
        one
        for one in ada.from_bot()
        if not one.photo and one.edit_date is None and not is_card(one)
    ]
    assert len(spoken) == 2


async def test_a_redelivered_update_makes_no_second_order(quick: Stage) -> None:
    ada = quick.person()
    await ada.send_photo(pictures.photo())
    await ada.wait_for(timeout=PATIENCE)
    await ada.send_photo(pictures.style())
    await painting(ada)
    await card_goes(ada)
    since = ada.mark()

    for update in list(quick.sandbox.world.updates.history):
        quick.sandbox.world.redeliver(update)
    await ada.send_text("Hello")
    await ada.wait_for(timeout=PATIENCE, since=since)

    assert len(paintings(ada)) == 1
    assert len(ada.from_bot()) == 3


async def test_the_token_is_in_no_line_of_the_log(quick: Stage) -> None:
    ada = quick.person()
    await ada.send_photo(pictures.photo())
    await ada.wait_for(timeout=PATIENCE)
    assert "Who may use the bot" in quick.bot.log
    assert quick.sandbox.token not in quick.bot.log
    assert quick.sandbox.token.partition(":")[2] not in quick.bot.log
