"""`/settings`: what a person or a group wants of all their next paintings."""

from dataclasses import dataclass

from telegram import InlineKeyboardMarkup

from bot.chat.replies import preference_texts as view
from bot.chat.replies.button_answers import answer, rewrite
from bot.chat.replies.preference_texts import Choices, Topic
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.access import speaks_for
from bot.chat.requests.request import MessageRequest, Press
from bot.chat.requests.services import Services
from bot.studio.ledger.preferences import NOTHING_CHOSEN
from bot.telegram.client import client_of
from bot.words import Words

BUTTON = rf"^{view.SET}:(-?\d{{1,18}}):([a-z]{{1,10}})(?::([\w-]{{1,20}}))?$"
"""The callback data of all buttons: `set:<person or group>:<topic or step>[:<value>]`."""


@dataclass(frozen=True, slots=True)
class PreferencesHandler:
    """One message with buttons, which is edited in place.

    In private it holds the person's own choices. In a group it holds the group's, which only its
    admins may open and change; they stand before each person's own for orders made there.
    """

    services: Services
    speaker: Speaker

    async def command(self, request: MessageRequest) -> None:
        """`/settings`: show them."""
        place = request.place
        words = self.services.words(request.person)
        if not await speaks_for(client_of(request.message), request, place.chat_id):
            text = words.text(
                "Only this group's admins can change its settings. "
                "Yours wait in our private chat: send me /settings there."
            )
            await self.speaker.reply(request, text)
            return
        choices = self._choices(place.chat_id)
        async with self.services.ledger.begin() as transaction:
            chosen = await transaction.preferences(choices.holder_id)
        keyboard = view.topics_keyboard(words, choices, chosen)
        await self.speaker.reply(request, view.overview(words, choices), keyboard)

    async def button(self, press: Press) -> None:
        """A button of that message; see `BUTTON`."""
        holder_id, step, value = press.parts
        choices = self._choices(int(holder_id))
        if not await speaks_for(client_of(press.query), press, choices.holder_id):
            words = self.services.words(press.person)
            await answer(press.query, self._not_yours(words, choices), alert=True)
            return
        if step in {view.BACK, view.DONE}:
            await self._show(press, choices, closed=step == view.DONE)
        elif step == view.RESET:
            async with self.services.ledger.begin() as transaction:
                await transaction.save_preferences(choices.holder_id, NOTHING_CHOSEN)
            await self._show(press, choices)
        elif step in choices.topics and not value:
            await self._ask(press, choices, Topic(step))
        elif step in choices.topics:
            await self._choose(press, choices, Topic(step), value)
        else:
            await answer(press.query, None)

    async def _choose(self, press: Press, choices: Choices, topic: Topic, value: str) -> None:
        async with self.services.ledger.begin() as transaction:
            chosen = choices.choose(await transaction.preferences(choices.holder_id), topic, value)
            if chosen is not None:
                await transaction.save_preferences(choices.holder_id, chosen)
        if chosen is None:
            words = self.services.words(press.person)
            await answer(press.query, words.text("That is no longer on offer."), alert=True)
        else:
            await self._show(press, choices)

    async def _ask(self, press: Press, choices: Choices, topic: Topic) -> None:
        words = self.services.words(press.person)
        async with self.services.ledger.begin() as transaction:
            chosen = await transaction.preferences(choices.holder_id)
        keyboard = view.values_keyboard(words, choices, chosen, topic)
        await self._rewrite(press, words, view.question(words, topic), keyboard)

    async def _show(self, press: Press, choices: Choices, *, closed: bool = False) -> None:
        async with self.services.ledger.begin() as transaction:
            chosen = await transaction.preferences(choices.holder_id)
            # The language itself may be what has just been chosen.
            await self.services.chosen_languages.reload(transaction)
        words = self.services.words(press.person)
        if closed:
            await self._rewrite(press, words, view.summary(words, choices, chosen), None)
        else:
            keyboard = view.topics_keyboard(words, choices, chosen)
            await self._rewrite(press, words, view.overview(words, choices), keyboard)

    @staticmethod
    async def _rewrite(
        press: Press, words: Words, text: str, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        asked = press.is_under(f"{view.SET}:{press.parts[0]}:")
        shown = asked and await rewrite(press, text, keyboard)
        late = words.text("Noted. Telegram does not let me show it just now.")
        await answer(press.query, None if shown else late)

    def _choices(self, holder_id: int) -> Choices:
        return Choices(
            holder_id=holder_id,
            largest=self.services.sizes.largest,
            languages=tuple(self.services.library.languages),
        )

    @staticmethod
    def _not_yours(words: Words, choices: Choices) -> str:
        if choices.for_group:
            return words.text("Only this group's admins can change these settings.")
        return words.text("These are somebody else's settings.")
