"""Answering buttons: every press is answered, so that its clock stops; some rewrite a message."""

import logging

from telegram import CallbackQuery, InlineKeyboardMarkup, Update
from telegram.ext import ContextTypes

from bot.chat.requests.request import Press
from bot.telegram.client import client_of
from bot.telegram.errors import TelegramFault

log = logging.getLogger(__name__)


async def stale(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a button that nothing knows (any more), so that its clock stops."""
    if update.callback_query is not None:
        await answer(update.callback_query, None)


async def answer(query: CallbackQuery, text: str | None, *, alert: bool = False) -> None:
    """Answer a button press (answerCallbackQuery); a press that is too old is let go."""
    try:
        await client_of(query).answer_press(query.id, text, alert=alert)
    except TelegramFault as fault:
        log.info("A button press could not be answered: %s", fault)


async def rewrite(press: Press, text: str, keyboard: InlineKeyboardMarkup | None) -> bool:
    """Change the text and buttons above a pressed button (editMessageText).

    Returns:
        Whether the message shows them now; a second press may find that it does already.
    """
    try:
        await client_of(press.query).edit_text(press.place, press.message_id, text, keyboard)
    except TelegramFault as fault:
        log.info("A message could not be rewritten: %s", fault)
        return False
    return True
