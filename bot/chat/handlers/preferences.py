"""`/settings`: what a person or a group wants of all their next paintings."""

from telegram import CallbackQuery, InlineKeyboardMarkup, Update
from telegram.ext import ContextTypes

from bot.chat.replies import preference_texts as view
from bot.chat.replies.button_answers import answer, rewrite
from bot.chat.replies.preference_texts import Choices, Topic
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.group_admins import runs_group, speaks_for
from bot.chat.requests.request import Person, actor, author, place_of
from bot.chat.requests.services import Services
from bot.studio.ledger.preferences import NOTHING_CHOSEN
from bot.telegram.client import client_of
from bot.words import Words

BUTTON = rf"^{view.SET}:(-?\d{{1,18}}):([a-z]{{1,10}})(?::([\w-]{{1,20}}))?$"
"""The callback data of all buttons: `set:<person or group>:<topic or step>[:<value>]`."""


class PreferencesHandler:
    """One message with buttons, which is edited in place.

    In private it holds the person's own choices. In a group it holds the group's, which only its
    admins may open and change; they stand before each person's own for orders made there.
    """

    def __init__(self, services: Services, speaker: Speaker) -> None:
        self._services = services
        self._speaker = speaker

    async def command(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/settings`: show them."""
        message = update.message
        person = author(message) if message else None
        if message is None or person is None:
            return
        place = place_of(message)
        words = self._services.words(person)
        may = place.private or await speaks_for(
            client_of(message), place.chat_id, place.chat_id, person.id
        )
        if not may:
            text = words.text(
                "Only this group's admins can change its settings. "
                "Yours wait in our private chat: send me /settings there."
            )
            await self._speaker.say(place, text, answering=message.message_id)
            return
        choices = self._choices(place.chat_id)
        async with self._services.ledger.begin() as transaction:
            chosen = await transaction.preferences(choices.holder_id)
        await self._speaker.say(
            place,
            view.overview(words, choices),
            answering=message.message_id,
            markup=view.topics_keyboard(words, choices, chosen),
        )

    async def button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A button of that message; see `BUTTON`."""
        query = update.callback_query
        person = actor(update)
        if query is None or query.message is None or person is None or context.match is None:
            return
        choices = self._choices(int(context.match[1]))
        if not await self._may(query, person, choices):
            words = self._services.words(person)
            await answer(query, self._not_yours(words, choices), alert=True)
            return
        step, value = context.match[2], context.match[3]
        if step in {view.BACK, view.DONE}:
            await self._show(query, person, choices, closed=step == view.DONE)
        elif step == view.RESET:
            async with self._services.ledger.begin() as transaction:
                await transaction.save_preferences(choices.holder_id, NOTHING_CHOSEN)
            await self._show(query, person, choices)
        elif step in choices.topics and value is None:
            await self._ask(query, person, choices, Topic(step))
        elif step in choices.topics:
            await self._choose(query, person, choices, Topic(step), value)
        else:
            await answer(query, None)

    async def _choose(
        self, query: CallbackQuery, person: Person, choices: Choices, topic: Topic, value: str
    ) -> None:
        async with self._services.ledger.begin() as transaction:
            chosen = choices.choose(await transaction.preferences(choices.holder_id), topic, value)
            if chosen is not None:
                await transaction.save_preferences(choices.holder_id, chosen)
        if chosen is None:
            words = self._services.words(person)
            await answer(query, words.text("That is no longer on offer."), alert=True)
        else:
            await self._show(query, person, choices)

    async def _ask(
        self, query: CallbackQuery, person: Person, choices: Choices, topic: Topic
    ) -> None:
        words = self._services.words(person)
        async with self._services.ledger.begin() as transaction:
            chosen = await transaction.preferences(choices.holder_id)
        await self._turn(
            query,
            words,
            view.question(words, topic),
            view.values_keyboard(words, choices, chosen, topic),
        )

    async def _show(
        self, query: CallbackQuery, person: Person, choices: Choices, *, closed: bool = False
    ) -> None:
        async with self._services.ledger.begin() as transaction:
            chosen = await transaction.preferences(choices.holder_id)
            # The language itself may be what has just been chosen.
            await self._services.chosen_languages.reload(transaction)
        words = self._services.words(person)
        if closed:
            await self._turn(query, words, view.summary(words, choices, chosen), None)
        else:
            keyboard = view.topics_keyboard(words, choices, chosen)
            await self._turn(query, words, view.overview(words, choices), keyboard)

    async def _turn(
        self,
        query: CallbackQuery,
        words: Words,
        text: str,
        keyboard: InlineKeyboardMarkup | None,
    ) -> None:
        shown = await rewrite(query, text, keyboard)
        late = words.text("Noted. Telegram does not let me show it just now.")
        await answer(query, None if shown else late)

    async def _may(self, query: CallbackQuery, person: Person, choices: Choices) -> bool:
        if query.message is None:
            return False
        chat_id = query.message.chat.id
        if choices.for_group:
            return choices.holder_id == chat_id and await runs_group(
                client_of(query), chat_id, person.id
            )
        return choices.holder_id == person.id

    def _choices(self, holder_id: int) -> Choices:
        return Choices(
            holder_id=holder_id,
            largest=self._services.sizes.largest,
            languages=tuple(self._services.library.languages),
        )

    @staticmethod
    def _not_yours(words: Words, choices: Choices) -> str:
        if choices.for_group:
            return words.text("Only this group's admins can change these settings.")
        return words.text("These are somebody else's settings.")
