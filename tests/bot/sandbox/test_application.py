"""python-telegram-bot's Application, unmodified, against the sandbox."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.sandbox import EventKind, Person, Sandbox

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Picture

CANCEL = InlineKeyboardMarkup([[InlineKeyboardButton("Cancel", callback_data="cancel:1")]])
Context = ContextTypes.DEFAULT_TYPE


async def _start(update: Update, context: Context) -> None:
    del context
    assert update.message is not None
    await update.message.reply_html("Hello, <b>two photos</b> please")


async def _photo(update: Update, context: Context) -> None:
    """Send the photo back, twice as a card and once as an answer."""
    assert update.message is not None
    original = update.message.photo[-1]
    data = bytes(await (await original.get_file()).download_as_bytearray())
    card = await update.message.reply_text("Waiting", reply_markup=CANCEL)
    await card.edit_media(InputMediaPhoto(data, caption="Painting"), reply_markup=CANCEL)
    await context.bot.send_photo(
        update.message.chat_id, data, reply_to_message_id=update.message.message_id
    )


async def _cancel(update: Update, context: Context) -> None:
    del context
    assert update.callback_query is not None
    await update.callback_query.answer("Cancelled")
    await update.callback_query.edit_message_caption("Stopped")


@pytest.fixture
async def application(sandbox: Sandbox) -> AsyncIterator[Application[Any, Any, Any, Any, Any, Any]]:
    made = (
        Application.builder()
        .token(sandbox.token)
        .base_url(f"{sandbox.url}/bot")
        .base_file_url(f"{sandbox.url}/file/bot")
        .build()
    )
    made.add_handler(CommandHandler("start", _start))
    made.add_handler(MessageHandler(filters.PHOTO, _photo))
    made.add_handler(CallbackQueryHandler(_cancel))
    async with made:
        await made.start()
        assert made.updater is not None
        await made.updater.start_polling()
        yield made
        await made.updater.stop()
        await made.stop()


@pytest.mark.usefixtures("application")
async def test_a_conversation_from_start_to_button(ada: Person, picture: Picture) -> None:
    start = await ada.send_text("/start")
    hello = await ada.wait_for(lambda message: "Hello" in message.words)
    assert hello.words == "Hello, two photos please"
    assert [entity.type for entity in hello.entities] == ["bold"]

    sent = await ada.send_photo(picture(400, 300), "my cat")
    card = await ada.wait_for(lambda message: message.words == "Painting")
    assert card.photo is not None
    assert card.edit_date is not None
    back = await ada.wait_for(lambda message: message.reply_to == sent.message_id)
    assert Image.open(io.BytesIO(back.data)).size == (400, 300)
    assert back.message_id > card.message_id > sent.message_id > start.message_id

    answer = await ada.press(card, "Cancel")
    assert answer.text == "Cancelled"
    stopped = await ada.wait_for(lambda message: message.words == "Stopped")
    assert stopped.buttons == []


@pytest.mark.usefixtures("application")
async def test_a_redelivered_update_arrives_twice_with_one_id(
    sandbox: Sandbox, ada: Person
) -> None:
    await ada.send_text("/start")
    await ada.wait_for(lambda message: "Hello" in message.words)
    mark = ada.mark()
    [update_id] = sandbox.world.updates.history
    sandbox.world.redeliver(update_id)
    again = await ada.wait_for(lambda message: "Hello" in message.words, since=mark)
    assert again.message_id == 3
    assert [event.kind for event in sandbox.world.events] == [EventKind.MESSAGE] * 3
