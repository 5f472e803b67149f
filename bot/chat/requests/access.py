"""One gate for messages, commands and buttons: who may use this Atelier."""

from collections.abc import Callable
from dataclasses import dataclass

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.chat.replies.button_answers import answer
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.people import Person, actor
from bot.chat.requests.places import place_of
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Access:
    """The host's allowlists. Both empty: everyone; otherwise being on either is enough.

    `users` and `admins` hold user ids, `chats` chat ids. Admins are always let in.
    """

    users: frozenset[int] = frozenset()
    chats: frozenset[int] = frozenset()
    admins: frozenset[int] = frozenset()

    def allows(self, person: Person | None, chat_id: int | None) -> bool:
        """Whether this person may use Atelier in this chat."""
        if not self.users and not self.chats:
            return True
        if chat_id in self.chats:
            return True
        if person is None:
            return False
        if not person.is_user:
            return person.id in self.chats
        return person.id in self.users or person.id in self.admins

    def is_admin(self, person: Person) -> bool:
        """Whether the host named this person an admin of Atelier."""
        return person.is_user and person.id in self.admins


class Gate:
    """The first handler that every update meets."""

    def __init__(
        self, access: Access, speaker: Speaker, words: Callable[[Person | None], Words]
    ) -> None:
        self._access = access
        self._speaker = speaker
        self._words = words

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
        if message.chat.type != ChatType.PRIVATE or self._speaker.said_in_album(message):
            return
        text = words.text(
            "This studio is private. Its host can let you in: your Telegram number is {number}.",
            number=person.id,
        )
        await self._speaker.say(place_of(message), text, answering=message.message_id)
