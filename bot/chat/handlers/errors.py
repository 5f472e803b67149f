"""What happens when a handler itself goes wrong."""

import logging

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot.chat.replies.button_answers import answer
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import command_in
from bot.chat.requests.request import actor, place_of
from bot.chat.requests.services import Services

log = logging.getLogger(__name__)


class ErrorHandler:
    """The error handler: the log gets the traceback, the person one kind sentence."""

    def __init__(self, services: Services, speaker: Speaker) -> None:
        self._services = services
        self._speaker = speaker

    async def handle(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Say so where somebody waits for an answer: in private, to a command, to a button."""
        log.error("An update could not be handled", exc_info=context.error)
        if not isinstance(update, Update):
            return
        person = actor(update)
        text = self._services.words(person).text(
            "Something went wrong here. Please try that once more."
        )
        if update.callback_query is not None:
            await answer(update.callback_query, text, alert=True)
        elif update.message is not None and person is not None and _waits(update.message):
            place = place_of(update.message)
            await self._speaker.say(place, text, answering=update.message.message_id)


def _waits(message: Message) -> bool:
    return message.chat.type == ChatType.PRIVATE or command_in(message) is not None
