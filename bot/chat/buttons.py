"""Answering buttons: every press is answered, so that its clock stops."""

import logging

from telegram import CallbackQuery, Update
from telegram.error import TelegramError
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
