"""New orders from the pictures of earlier ones: once more, a little different."""

from dataclasses import dataclass

from bot.chat.replies import texts
from bot.chat.requests.request import Press
from bot.chat.requests.services import Services
from bot.studio.ledger.model import Change, NewOrder, Order, OrderState, Picture
from bot.studio.ledger.results import RefusedPicture, TooManyOrders
from bot.studio.ledger.transaction import Transaction
from bot.studio.variations import (
    VARY,
    Variation,
    announcement,
    are_at_hand,
    limit_text,
    vary,
)
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said of a press; `alert` where it stops somebody."""

    text: str
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Variations:
    """Makes new orders from the pictures of earlier ones, for whoever presses.

    Whatever cannot be is a `Notice`, as is the news of what has been ordered.
    """

    services: Services

    async def painted(self, press: Press, order_id: int) -> Order | Notice:
        """The finished order that a button under its painting names, if this press may use it.

        Callback data can be forged (Bot API: CallbackQuery.data), so that the press has to come
        from the chat where the painting was delivered.
        """
        words = self.services.words(press.person)
        async with self.services.ledger.begin() as transaction:
            order = await transaction.order(order_id)
        if order is None:
            return Notice(gone(words), alert=True)
        if not _is_where_delivered(press, order):
            return Notice(words.text("That picture is no longer here."), alert=True)
        if not order.state.final:
            return Notice(words.text("That one is not painted yet."))
        return order

    async def to_restyle(self, press: Press, order_id: int) -> Order | Notice:
        """The same where the order's photo is to be painted in another style."""
        order = await self.painted(press, order_id)
        if isinstance(order, Order) and not are_at_hand(order.content):
            return Notice(gone(self.services.words(press.person)), alert=True)
        return order

    async def change(self, press: Press, order_id: int, change: Change) -> Notice:
        """Order a painting once more with a change."""
        order = await self.painted(press, order_id)
        if isinstance(order, Notice):
            return order
        words = self.services.words(press.person)
        if not are_at_hand(order.content, *order.styles):
            return Notice(gone(words), alert=True)
        new = vary(order, change, self.services.sizes)
        if new is None:
            return Notice(limit_text(change, words), alert=True)
        return await self._order(press, order, new, key=change)

    async def restyle(self, press: Press, order: Order, style: Picture) -> Notice:
        """Paint an earlier order's photo in another style."""
        new = Variation(
            content=order.content, styles=(style,), wishes=order.wishes, change=Change.STYLE
        )
        return await self._order(press, order, new, key=f"{Change.STYLE}:{style.id}")

    async def swap(self, press: Press, order: Order) -> Notice:
        """Turn an open order round; one that is over by then is ordered anew."""
        if order.state.final:
            return await self.change(press, order.id, Change.SWAP)
        words = self.services.words(press.person)
        async with self.services.ledger.begin() as transaction:
            turned = await transaction.turn_round(order.id)
        if turned is None:
            return Notice(words.text("That picture is finished already."))
        return Notice(words.text("Swapped: I begin again the other way round."))

    async def file(self, press: Press, order_id: int) -> Notice:
        """Have a painting sent as a file.

        It goes through the outbox, so that it arrives whatever happens meanwhile.
        """
        order = await self.painted(press, order_id)
        if isinstance(order, Notice):
            return order
        words = self.services.words(press.person)
        if order.painting is None:
            text = words.text("I no longer have this painting; it has been deleted.")
            return Notice(text, alert=True)
        async with self.services.ledger.begin() as transaction:
            if await transaction.order(order.id) is None:
                # Its person has had it forgotten just now.
                return Notice(gone(words), alert=True)
            asked = await transaction.ask_for_file(
                order.id, reply_to=press.message_id, asked_by=press.press_id
            )
        if asked:
            return Notice(words.text("Coming up: the file."))
        return Notice(words.text("It is on its way already."))

    async def _order(self, press: Press, order: Order, new: Variation, *, key: str) -> Notice:
        """Write down what a person makes of an earlier order, once.

        Whoever presses twice gets one painting; after one that failed or was cancelled the
        button works once more.

        Args:
            press: the new painting answers the message under which the button is.
            order: the earlier order.
            new: what is to be painted now.
            key: names the wish among all that can be made of this order.
        """
        person = press.person
        words = self.services.words(person)
        try:
            async with self.services.ledger.begin() as transaction:
                source, before = await _source(transaction, f"{VARY}:{order.id}:{key}:{person.id}")
                if before is None:
                    await transaction.place_order(
                        NewOrder(
                            place=order.place,
                            user_id=person.id,
                            source=source,
                            reply_to=press.message_id,
                            content=new.content,
                            styles=new.styles,
                            wishes=new.wishes,
                            language=words.language,
                            change=new.change,
                        ),
                        limit=self.services.max_orders,
                    )
        except TooManyOrders as full:
            return Notice(texts.full_again(words, full.limit), alert=True)
        except RefusedPicture:
            return Notice(gone(words), alert=True)
        return Notice(_taken(words, new, before))


def gone(words: Words) -> str:
    """Say that the pictures have been deleted, by age or on somebody's wish."""
    return words.text("The pictures for this one have been deleted; please send them again.")


def _is_where_delivered(press: Press, order: Order) -> bool:
    if press.place.chat_id != order.place.chat_id:
        return False
    return not order.place.private or press.person.id == order.place.chat_id


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
