"""One gate for messages, commands and buttons: who may use this Atelier."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.chat.replies.button_answers import answer
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import command_in
from bot.chat.requests.request import Person, actor, place_of
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
        elif update.message is not None and person is not None:
            await self._turn_away(update.message, person, words)
        raise ApplicationHandlerStop

    async def _turn_away(self, message: Message, person: Person, words: Words) -> None:
        if message.chat.type != ChatType.PRIVATE or self._has_just_been_said(message, person):
            return
        text = words.text(
            "This studio is private. Its host can let you in: your Telegram number is {number}.",
            number=person.id,
        )
        await self._speaker.say(place_of(message), text, answering=message.message_id)

    def _has_just_been_said(self, message: Message, person: Person) -> bool:
        """Whether the message belongs to a handful that was turned away; a command never does.

        What counts is when they were sent. Forgetting it in a restart costs a repeated sentence.
        """
        before = self._newest.pop(person.id, None)
        self._newest[person.id] = message.date
        if len(self._newest) > _REMEMBERED:
            self._newest.popitem(last=False)
        if command_in(message) is not None or before is None:
            return False
        return message.date - before <= TOGETHER
