"""The buttons under a painting, once more, a little different, or as a file; and a card's Swap."""

from telegram import CallbackQuery, Update
from telegram.ext import ContextTypes

from bot.chat.ordering.variations import Notice, Pressed, Variations, gone
from bot.chat.replies.button_answers import answer
from bot.chat.requests.access import may_change
from bot.chat.requests.request import Person, actor
from bot.chat.requests.services import Services
from bot.studio.courier.card_texts import SWAP
from bot.studio.ledger.model import Change
from bot.studio.variations import FILE, VARY

_CHANGES = "|".join(change for change in Change if change is not Change.STYLE)
BUTTON = rf"^{VARY}:(\d{{1,18}}):({_CHANGES})$"
"""The callback data of a button that asks for a change."""
FILE_BUTTON = rf"^{FILE}:(\d{{1,18}})$"
"""The callback data of a File button."""
SWAP_BUTTON = rf"^{SWAP}:(\d{{1,18}})$"
"""The callback data of a card's Swap button."""


class VariationsHandler:
    """Handlers for buttons that make something new of an order."""

    def __init__(self, services: Services, variations: Variations) -> None:
        self._services = services
        self._variations = variations

    async def button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Any button that asks for a change (callback data `again:<order id>:<change>`)."""
        query, person = update.callback_query, actor(update)
        if query is None or person is None or context.match is None:
            return
        order_id, change = int(context.match[1]), Change(context.match[2])
        await tell(query, await self._variations.change(pressed(query, person), order_id, change))

    async def file(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """The File button (callback data `file:<order id>`): the painting by sendDocument."""
        query, person = update.callback_query, actor(update)
        if query is None or person is None or context.match is None:
            return
        order_id = int(context.match[1])
        await tell(query, await self._variations.file(pressed(query, person), order_id))

    async def swap(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A Swap button (callback data `swap:<order id>`): photo and style change places."""
        query, person = update.callback_query, actor(update)
        if query is None or person is None or context.match is None:
            return
        words = self._services.words(person)
        async with self._services.ledger.begin() as transaction:
            order = await transaction.order(int(context.match[1]))
        if order is None:
            notice = Notice(gone(words), alert=True)
        elif order.state.final or await may_change(query, person, order, self._services.access):
            notice = await self._variations.swap(pressed(query, person), order)
        else:
            text = words.text("Only the person who ordered this picture can change it.")
            notice = Notice(text, alert=True)
        await tell(query, notice)


def pressed(query: CallbackQuery, person: Person) -> Pressed:
    """A press, for those who know nothing of Telegram's updates."""
    message = query.message
    return Pressed(
        person=person,
        press=query.id,
        chat_id=None if message is None else message.chat.id,
        message_id=None if message is None else message.message_id,
    )


async def tell(query: CallbackQuery, notice: Notice) -> None:
    """Answer a press with what became of it."""
    await answer(query, notice.text, alert=notice.alert)
