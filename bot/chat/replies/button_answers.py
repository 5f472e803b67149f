"""Answering buttons: every press is answered, so that its clock stops; some rewrite a message."""

import logging

from telegram import CallbackQuery, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, TelegramError
from telegram.ext import ContextTypes

log = logging.getLogger(__name__)


async def stale(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a button that nothing knows (any more), so that its clock stops."""
    if update.callback_query is not None:
        await answer(update.callback_query, None)


async def answer(query: CallbackQuery, text: str | None, *, alert: bool = False) -> None:
    """Answer a button press (answerCallbackQuery); a press that is too old is let go."""
    try:
        await query.answer(text, show_alert=alert)
    except TelegramError as error:
        log.info("A button press could not be answered: %s", error)


async def rewrite(query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup | None) -> bool:
    """Change the text and buttons above a pressed button (editMessageText).

    Returns:
        Whether the message shows them now; a second press may find that it does already.
    """
    try:
        await query.edit_message_text(text, reply_markup=keyboard)
    except TelegramError as error:
        if isinstance(error, BadRequest) and "not modified" in error.message.lower():
            return True
        log.info("A message could not be rewritten: %s", error)
        return False
    return True
