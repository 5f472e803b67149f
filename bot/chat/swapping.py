"""Swapping: the photo becomes the style, and the style the photo."""

from telegram import CallbackQuery, Update
from telegram.ext import ContextTypes

from bot.chat import sentences
from bot.chat.buttons import answer
from bot.chat.owning import may_change
from bot.chat.people import Person, actor
from bot.chat.services import Studio
from bot.studio.card import SWAP
from bot.studio.ledger import RefusedPicture, TooManyOrders
from bot.studio.model import NewOrder, Order, OrderState, PictureState
from bot.words import Words

BUTTON = rf"^{SWAP}:(\d{{1,18}})$"
"""The callback data of a Swap button, under a card or a painting."""


class Swapping:
    """Turns an open order round, or orders a finished one the other way round."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A Swap button (callback data `swap:<order id>`)."""
        query = update.callback_query
        person = actor(update)
        if query is None or person is None or context.match is None:
            return
        words = self._studio.words(person)
        async with self._studio.ledger.begin() as book:
            order = await book.order(int(context.match[1]))
        if order is None or len(order.styles) != 1:
            await answer(query, words.text("That picture is no longer here."))
        elif order.state.final:
            await self._order_again(query, person, order, words)
        elif await may_change(query, person, order, self._studio.access):
            await self._turn_round(query, order, words)
        else:
            text = words.text("Only the person who ordered this picture can change it.")
            await answer(query, text, alert=True)

    async def _turn_round(self, query: CallbackQuery, order: Order, words: Words) -> None:
        async with self._studio.ledger.begin() as book:
            turned = await book.turn_round(order.id)
        if turned is None:
            await answer(query, words.text("That picture is finished already."))
        else:
            await answer(query, words.text("Swapped: I begin again the other way round."))

    async def _order_again(
        self, query: CallbackQuery, person: Person, order: Order, words: Words
    ) -> None:
        """Order a finished painting the other way round, for the person who pressed.

        Whoever presses twice gets one painting.
        """
        photo, style = order.styles[0], order.content
        if photo.state is not PictureState.READY or style.state is not PictureState.READY:
            await answer(query, words.text("Those pictures are no longer here."), alert=True)
            return
        message = query.message
        try:
            async with self._studio.ledger.begin() as book:
                placed = await book.place_order(
                    NewOrder(
                        place=order.place,
                        user_id=person.id,
                        source=f"{SWAP}:{order.id}:{person.id}",
                        reply_to=message.message_id if message else order.reply_to,
                        content=photo,
                        styles=(style,),
                        wishes=order.wishes,
                        language=words.language,
                    ),
                    limit=self._studio.max_orders,
                )
        except TooManyOrders as full:
            await answer(query, sentences.full_again(words, full.limit), alert=True)
        except RefusedPicture:
            await answer(query, words.text("Those pictures are no longer here."), alert=True)
        else:
            done = placed.state is OrderState.DONE
            again = words.text("That one is painted already.")
            await answer(query, again if done else words.text("The other way round: on its way."))
