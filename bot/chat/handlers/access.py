"""One gate for messages, commands and buttons: who may use this Atelier."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from telegram import Update
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.chat.replies.button_answers import answer
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import command_in
from bot.chat.requests.request import MessageRequest, Person, actor, message_request
from bot.chat.requests.services import Access
from bot.words import Words

TOGETHER: Final = timedelta(seconds=2)
"""Messages that were sent no further apart than this are turned away by one sentence."""
_REMEMBERED: Final = 200


class AccessHandler:
    """The first handler that every update meets."""

    def __init__(
        self, access: Access, speaker: Speaker, words: Callable[[Person | None], Words]
    ) -> None:
        self._access = access
        self._speaker = speaker
        self._words = words
        self._newest: OrderedDict[int, datetime] = OrderedDict()

    async def check(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Let the update through, or end its way here.

        Strangers get one sentence in private (with their number, so that the host can add them),
        an alert for a button (answerCallbackQuery), and silence in groups.
        """
        person = actor(update)
        chat = update.effective_chat
        if self._access.allows(person, chat.id if chat else None):
            return
        words = self._words(person)
        if update.callback_query is not None:
            await answer(
                update.callback_query,
                words.text("This studio is private; its host decides who paints here."),
                alert=True,
            )
        elif request := message_request(update):
            await self._turn_away(request, words)
        raise ApplicationHandlerStop

    async def _turn_away(self, request: MessageRequest, words: Words) -> None:
        if not request.place.private or self._has_just_been_said(request):
            return
        text = words.text(
            "This studio is private. Its host can let you in: your Telegram number is {number}.",
            number=request.person.id,
        )
        await self._speaker.reply(request, text)

    def _has_just_been_said(self, request: MessageRequest) -> bool:
        """Whether the message belongs to a handful that was turned away; a command never does.

        What counts is when they were sent. Forgetting it in a restart costs a repeated sentence.
        """
        message = request.message
        before = self._newest.pop(request.person.id, None)
        self._newest[request.person.id] = message.date
        if len(self._newest) > _REMEMBERED:
            self._newest.popitem(last=False)
        if command_in(message) is not None or before is None:
            return False
        return message.date - before <= TOGETHER
