"""The buttons under a painting: once more, a little different; or the same as a file."""

from telegram import CallbackQuery, Update
from telegram.ext import ContextTypes

from bot.chat.replies import texts
from bot.chat.replies.button_answers import answer
from bot.chat.requests.request import Person, actor
from bot.chat.requests.services import Studio
from bot.studio.ledger.model import Change, NewOrder, Order, OrderState
from bot.studio.ledger.results import RefusedPicture, TooManyOrders
from bot.studio.ledger.transaction import Transaction
from bot.studio.variations import (
    FILE,
    VARY,
    Variation,
    announcement,
    are_at_hand,
    limit_text,
    vary,
)
from bot.words import Words

_CHANGES = "|".join(change for change in Change if change is not Change.STYLE)
BUTTON = rf"^{VARY}:(\d{{1,18}}):({_CHANGES})$"
"""The callback data of a button that asks for a change."""
FILE_BUTTON = rf"^{FILE}:(\d{{1,18}})$"
"""The callback data of a File button."""


class Again:
    """Makes new orders from the pictures of earlier ones, for whoever presses."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Any button that asks for a change (callback data `again:<order id>:<change>`)."""
        query = update.callback_query
        person = actor(update)
        if query is None or person is None or context.match is None:
            return
        order = await self.painted(query, person, int(context.match[1]))
        if order is not None:
            await self.vary(query, person, order, Change(context.match[2]))

    async def file(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """The File button (callback data `file:<order id>`): the painting by sendDocument.

        It goes through the outbox, so that it arrives whatever happens meanwhile.
        """
        query = update.callback_query
        person = actor(update)
        if query is None or person is None or context.match is None:
            return
        order = await self.painted(query, person, int(context.match[1]))
        if order is None:
            return
        words = self._studio.words(person)
        if order.painting is None:
            text = words.text("I no longer have this painting; it has been deleted.")
            await answer(query, text, alert=True)
            return
        async with self._studio.ledger.begin() as transaction:
            asked = await transaction.ask_for_file(
                order.id, reply_to=_pressed(query, order), asked_by=query.id
            )
        if asked:
            await answer(query, words.text("Coming up: the file."))
        else:
            await answer(query, words.text("It is on its way already."))

    async def vary(
        self, query: CallbackQuery, person: Person, order: Order, change: Change
    ) -> None:
        """Order a painting once more with a change, and answer the press."""
        words = self._studio.words(person)
        if not are_at_hand(order.content, *order.styles):
            await answer(query, gone(words), alert=True)
            return
        new = vary(order, change, self._studio.sizes)
        if new is None:
            await answer(query, limit_text(change, words), alert=True)
        else:
            await self.place(query, person, order, new, key=change)

    async def place(
        self, query: CallbackQuery, person: Person, order: Order, new: Variation, *, key: str
    ) -> None:
        """Write down what a person makes of an earlier order, once, and answer the press.

        Whoever presses twice gets one painting; after one that failed or was cancelled the
        button works once more.

        Args:
            query: the press; the new painting answers the message that it was made under.
            person: who pressed, and whose order the new one is.
            order: the earlier order.
            new: what is to be painted now.
            key: names the wish among all that can be made of this order.
        """
        words = self._studio.words(person)
        try:
            async with self._studio.ledger.begin() as transaction:
                source, before = await _source(transaction, f"{VARY}:{order.id}:{key}:{person.id}")
                if before is None:
                    await transaction.place_order(
                        NewOrder(
                            place=order.place,
                            user_id=person.id,
                            source=source,
                            reply_to=_pressed(query, order),
                            content=new.content,
                            styles=new.styles,
                            wishes=new.wishes,
                            language=words.language,
                            change=new.change,
                        ),
                        limit=self._studio.max_orders,
                    )
        except TooManyOrders as full:
            await answer(query, texts.full_again(words, full.limit), alert=True)
        except RefusedPicture:
            await answer(query, gone(words), alert=True)
        else:
            await answer(query, _taken(words, new, before))

    async def painted(self, query: CallbackQuery, person: Person, order_id: int) -> Order | None:
        """The finished order that a button under its painting names, if this press may use it.

        Callback data can be forged (Bot API: CallbackQuery.data), so that the press has to come
        from the chat where the painting was delivered. Otherwise the press is answered here.
        """
        words = self._studio.words(person)
        async with self._studio.ledger.begin() as transaction:
            order = await transaction.order(order_id)
        if order is None:
            await answer(query, gone(words), alert=True)
        elif not _is_at_home(query, person, order):
            await answer(query, words.text("That picture is no longer here."), alert=True)
        elif not order.state.final:
            await answer(query, words.text("That one is not painted yet."))
        else:
            return order
        return None


def gone(words: Words) -> str:
    """Say that the pictures have been deleted, by age or on somebody's wish."""
    return words.text("The pictures for this one have been deleted; please send them again.")


def _is_at_home(query: CallbackQuery, person: Person, order: Order) -> bool:
    if query.message is None or query.message.chat.id != order.place.chat_id:
        return False
    return not order.place.private or person.id == order.place.chat_id


def _pressed(query: CallbackQuery, order: Order) -> int:
    """The message under which the button is."""
    return query.message.message_id if query.message is not None else order.reply_to


async def _source(transaction: Transaction, key: str) -> tuple[str, Order | None]:
    """The source of the order to be made by this key, or the order that stands in its way."""
    source, tries = key, 1
    while (before := await transaction.order_from(source)) is not None:
        if before.state not in {OrderState.CANCELLED, OrderState.FAILED}:
            break
        tries += 1
        source = f"{key}:{tries}"
    return source, before


def _taken(words: Words, new: Variation, before: Order | None) -> str:
    if before is None:
        return announcement(new, words)
    if before.state.final:
        return words.text("That one is painted already.")
    return words.text("It is on its way already.")
