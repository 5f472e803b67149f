"""Swapping on a card: the photo becomes the style, and the style the photo."""

from telegram import CallbackQuery, Update
from telegram.ext import ContextTypes

from bot.chat.handlers.variations import Again, gone
from bot.chat.replies.button_answers import answer
from bot.chat.requests.access import may_change
from bot.chat.requests.request import actor
from bot.chat.requests.services import Studio
from bot.studio.courier.card_texts import SWAP
from bot.studio.ledger.model import Change, Order
from bot.words import Words

BUTTON = rf"^{SWAP}:(\d{{1,18}})$"
"""The callback data of a card's Swap button."""


class Swapping:
    """Turns an open order round; one that is over by then is ordered anew."""

    def __init__(self, studio: Studio, again: Again) -> None:
        self._studio = studio
        self._again = again

    async def button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A Swap button (callback data `swap:<order id>`)."""
        query = update.callback_query
        person = actor(update)
        if query is None or person is None or context.match is None:
            return
        words = self._studio.words(person)
        async with self._studio.ledger.begin() as transaction:
            order = await transaction.order(int(context.match[1]))
        if order is None:
            await answer(query, gone(words), alert=True)
        elif order.state.final:
            if await self._again.painted(query, person, order.id) is not None:
                await self._again.vary(query, person, order, Change.SWAP)
        elif await may_change(query, person, order, self._studio.access):
            await self._turn_round(query, order, words)
        else:
            text = words.text("Only the person who ordered this picture can change it.")
            await answer(query, text, alert=True)

    async def _turn_round(self, query: CallbackQuery, order: Order, words: Words) -> None:
        async with self._studio.ledger.begin() as transaction:
            turned = await transaction.turn_round(order.id)
        if turned is None:
            await answer(query, words.text("That picture is finished already."))
        else:
            await answer(query, words.text("Swapped: I begin again the other way round."))
