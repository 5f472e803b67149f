"""Answering buttons: every press is answered, so that its clock stops; some change a message."""

import logging
from collections.abc import Awaitable
from dataclasses import replace

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.ext import ContextTypes

from bot.chat.replies.speaker import PHOTO_NAME, CachedPhoto
from bot.chat.requests.request import Press
from bot.telegram.client import client_of
from bot.telegram.errors import Rejected, TelegramFault

log = logging.getLogger(__name__)


async def answer_stale(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a button that nothing knows (any more), so that its clock stops."""
    if update.callback_query is not None:
        await answer(update.callback_query, None)


async def answer(query: CallbackQuery, text: str | None, *, alert: bool = False) -> None:
    """Answer a button press (answerCallbackQuery); a press that is too old is let go."""
    await _is_done(client_of(query).answer_press(query.id, text, alert=alert))


async def rewrite(press: Press, text: str, keyboard: InlineKeyboardMarkup | None) -> bool:
    """Change the text and buttons above a pressed button (editMessageText).

    Returns:
        Whether the message shows them now; a second press may find that it does already.
    """
    client = client_of(press.query)
    return await _is_done(client.edit_text(press.place, press.message_id, text, keyboard))


async def remove(press: Press) -> None:
    """Delete the message whose button was pressed (deleteMessage), if it does have that button.

    It is the card of an order that is no more: nothing else knows of it, or it would be gone. Who
    forges what a press says could otherwise have any message of the bot's deleted.
    """
    query = press.query
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if markup is not None else ()
    if any(button.callback_data == query.data for row in rows for button in row):
        await _is_done(client_of(query).delete(press.place, press.message_id))


async def relabel(press: Press, caption: str, keyboard: InlineKeyboardMarkup) -> bool:
    """Change the words and buttons under a picture (editMessageCaption); returns as `rewrite`."""
    client = client_of(press.query)
    return await _is_done(client.edit_caption(press.place, press.message_id, caption, keyboard))


async def replace_photo(
    press: Press, photo: CachedPhoto, caption: str, keyboard: InlineKeyboardMarkup
) -> bool:
    """Put another picture above a pressed button (editMessageMedia); returns as `rewrite`."""
    try:
        edited = await client_of(press.query).edit_photo(
            press.place,
            press.message_id,
            await photo.content(),
            PHOTO_NAME,
            caption=caption,
            keyboard=keyboard,
        )
    except TelegramFault as fault:
        if photo.file_id is not None and isinstance(fault, Rejected):
            return await replace_photo(press, replace(photo, file_id=None), caption, keyboard)
        log.info("A picture could not be replaced: %s", fault)
        return False
    await photo.was_sent(edited)
    return True


async def _is_done(call: Awaitable[None]) -> bool:
    try:
        await call
    except TelegramFault as fault:
        log.info("A press could not be answered, or the message above it changed: %s", fault)
        return False
    return True
