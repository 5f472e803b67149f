"""Turning the pages of a gallery that stands in a chat."""

import logging
from dataclasses import replace

from telegram import CallbackQuery, InlineKeyboardMarkup, InputMediaPhoto, Message
from telegram.error import BadRequest, TelegramError

from bot.chat.replies.speaker import SHOWN_AS, Exhibit
from bot.telegram.errors import is_unchanged

log = logging.getLogger(__name__)


async def turn(
    query: CallbackQuery, exhibit: Exhibit, caption: str, keyboard: InlineKeyboardMarkup
) -> bool:
    """Put another picture above a pressed button (editMessageMedia).

    Returns:
        Whether the message shows it now; a second press may find that it does already.
    """
    picture = exhibit.file_id or await exhibit.make()
    filename = None if exhibit.file_id else SHOWN_AS
    media = InputMediaPhoto(picture, caption=caption, filename=filename)
    try:
        message = await query.edit_message_media(media, reply_markup=keyboard)
    except TelegramError as error:
        if is_unchanged(error):
            return True
        if exhibit.file_id is not None and isinstance(error, BadRequest):
            return await turn(query, replace(exhibit, file_id=None), caption, keyboard)
        log.info("A page could not be turned: %s", error)
        return False
    if exhibit.file_id is None and isinstance(message, Message) and message.photo:
        await exhibit.keep(message.photo[-1].file_id)
    return True


async def relabel(query: CallbackQuery, caption: str, keyboard: InlineKeyboardMarkup) -> bool:
    """Change the words and buttons under a picture (editMessageCaption); returns as `turn`."""
    try:
        await query.edit_message_caption(caption, reply_markup=keyboard)
    except TelegramError as error:
        if is_unchanged(error):
            return True
        log.info("A caption could not be changed: %s", error)
        return False
    return True
