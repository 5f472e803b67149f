"""`/privacy` says what is kept; `/forget` deletes it."""

from dataclasses import dataclass
from datetime import timedelta

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.replies.button_answers import answer, rewrite
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.access import speaks_for
from bot.chat.requests.request import MessageRequest, Press
from bot.chat.requests.services import Services
from bot.telegram.client import client_of
from bot.words import Words

FORGET = "forget"
YES = "yes"
NO = "no"
BUTTON = rf"^{FORGET}:(-?\d{{1,18}}):({YES}|{NO})$"
"""The callback data of the buttons under the question: `forget:<person or group>:<yes or no>`."""


@dataclass(frozen=True, slots=True)
class PrivacyHandler:
    """What people may know and decide about what is theirs.

    Who writes in a group's name (an anonymous admin) can have forgotten what was done in that
    name; any of its admins may then answer the question.
    """

    services: Services
    speaker: Speaker
    albums: AlbumOrdering

    async def explain(self, request: MessageRequest) -> None:
        """`/privacy`: what is kept, for how long, and how to have it deleted."""
        words = self.services.words(request.person)
        await self.speaker.reply(request, privacy(words, self.services.retention))

    async def command(self, request: MessageRequest) -> None:
        """`/forget`: ask once."""
        words, holder_id = self.services.words(request.person), request.person.id
        await self.speaker.reply(request, question(words, holder_id), _buttons(words, holder_id))

    async def button(self, press: Press) -> None:
        """The answer to that question; see `BUTTON`."""
        words = self.services.words(press.person)
        holder_id, chat_id = int(press.parts[0]), press.place.chat_id
        if not await speaks_for(client_of(press.query), press, holder_id):
            text = words.text("Only the person who asked can answer this.")
            await answer(press.query, text, alert=True)
        elif press.parts[1] == NO:
            await self._tell(press, words.text("Nothing was deleted."))
        else:
            await self.albums.flush(chat_id)
            await self._forget(holder_id, press.update_id)
            await self._tell(press, forgotten(words))

    async def _forget(self, holder_id: int, update_id: int) -> None:
        async with self.services.ledger.begin() as transaction:
            paths = await transaction.forget(holder_id, update_id=update_id)
            await self.services.chosen_languages.reload(transaction)
        for path in paths:
            await self.services.files.delete(path)

    @staticmethod
    async def _tell(press: Press, text: str) -> None:
        asked = press.is_under(f"{FORGET}:{press.parts[0]}:")
        shown = asked and await rewrite(press, text, None)
        await answer(press.query, None if shown else text, alert=not shown)


def privacy(words: Words, retention: timedelta) -> str:
    """Three sentences: what is kept, for how long, how to delete it."""
    what = words.text(
        "I keep the pictures that you give me, my paintings of them and your settings, "
        "on this studio's own computer and for nothing but painting."
    )
    if retention > timedelta(0):
        how_long = words.count(
            "Pictures and paintings are deleted {number} day after a painting is finished, "
            "saved styles when you delete them.",
            "Pictures and paintings are deleted {number} days after a painting is finished, "
            "saved styles when you delete them.",
            retention.days,
        )
    else:
        how_long = words.text(
            "Pictures and paintings are deleted as soon as a painting is delivered, "
            "saved styles when you delete them."
        )
    how = words.text("With /forget I delete everything of yours at once.")
    return f"{what} {how_long} {how}"


def question(words: Words, holder_id: int) -> str:
    """What is asked before anything is deleted."""
    if holder_id < 0:
        return words.text(
            "Shall I forget everything that was done in this group's name? Its pictures, "
            "paintings and settings here are deleted, and what is being painted stops."
        )
    return words.text(
        "Shall I forget you? Your pictures, paintings, styles and settings here are deleted, "
        "and what is being painted stops."
    )


def forgotten(words: Words) -> str:
    """What is said afterwards."""
    return words.text(
        "Forgotten: everything of yours here is deleted. "
        "What stands in our chats is yours to keep or delete."
    )


def _buttons(words: Words, holder_id: int) -> InlineKeyboardMarkup:
    def button(text: str, answered: str) -> InlineKeyboardButton:
        return InlineKeyboardButton(text, callback_data=f"{FORGET}:{holder_id}:{answered}")

    return InlineKeyboardMarkup(
        [[button(words.text("Yes, forget"), YES), button(words.text("No"), NO)]]
    )
