"""What happens when a handler itself goes wrong."""

import logging
from dataclasses import dataclass, field

from telegram import Update
from telegram.ext import ContextTypes

from bot.chat.replies.button_answers import answer
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import command_in
from bot.chat.requests.request import MessageRequest, actor, message_request
from bot.chat.requests.services import Services
from bot.storage import DiskFull
from bot.studio.ledger.results import LedgerUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorHandler:
    """The error handler: the log gets the traceback, the person one kind sentence.

    An outage of the ledger is nobody's fault: the update is to be handled again. Of a full disk
    the host knows.
    """

    services: Services
    speaker: Speaker
    _outages: dict[int, LedgerUnavailable] = field(default_factory=dict)

    async def handle(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Say so where somebody waits for an answer: in private, to a command, to a button."""
        if isinstance(update, Update) and isinstance(context.error, LedgerUnavailable):
            self._outages[update.update_id] = context.error
            return
        full = isinstance(context.error, DiskFull)
        if not full:
            log.error("An update could not be handled", exc_info=context.error)
        if not isinstance(update, Update):
            return
        words = self.services.words(actor(update))
        if full:
            text = words.text("There is no room on my disk just now. Please try again later.")
        else:
            text = words.text("Something went wrong here. Please try that once more.")
        if update.callback_query is not None:
            await answer(update.callback_query, text, alert=True)
        elif (request := message_request(update)) and _waits(request):
            await self.speaker.reply(request, text)

    def raise_outage(self, update: Update) -> None:
        """Pass on what the application keeps to itself, after an update went through it.

        Raises:
            LedgerUnavailable: an outage ended the handling of the update.
        """
        if outage := self._outages.pop(update.update_id, None):
            raise outage


def _waits(request: MessageRequest) -> bool:
    return request.place.private or command_in(request.message) is not None
