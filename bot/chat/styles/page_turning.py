"""Turning the pages of a gallery that stands in a chat."""

import logging
from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.chat.replies.speaker import SHOWN_AS, Exhibit
from bot.chat.requests.request import Press
from bot.telegram.client import client_of
from bot.telegram.errors import Rejected, TelegramFault

log = logging.getLogger(__name__)


async def turn(
    press: Press, exhibit: Exhibit, caption: str, keyboard: InlineKeyboardMarkup
) -> bool:
    """Put another picture above a pressed button (editMessageMedia).

    Returns:
        Whether the message shows it now; a second press may find that it does already.
    """
    try:
        edited = await client_of(press.query).edit_photo(
            press.place,
            press.message_id,
            exhibit.file_id or await exhibit.make(),
            None if exhibit.file_id else SHOWN_AS,
            caption=caption,
            keyboard=keyboard,
        )
    except TelegramFault as fault:
        if exhibit.file_id is not None and isinstance(fault, Rejected):
            return await turn(press, replace(exhibit, file_id=None), caption, keyboard)
        log.info("A page could not be turned: %s", fault)
        return False
    if exhibit.file_id is None and edited.file_id is not None:
        await exhibit.keep(edited.file_id)
    return True


async def relabel(press: Press, caption: str, keyboard: InlineKeyboardMarkup) -> bool:
    """Change the words and buttons under a picture (editMessageCaption); returns as `turn`."""
    try:
        await client_of(press.query).edit_caption(press.place, press.message_id, caption, keyboard)
    except TelegramFault as fault:
        log.info("A caption could not be changed: %s", fault)
        return False
    return True
