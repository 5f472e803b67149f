"""Cancelling: `/cancel` and the card's button."""

from dataclasses import dataclass

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.replies.button_answers import answer, remove
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.access import may_cancel
from bot.chat.requests.request import MessageRequest, Press
from bot.chat.requests.services import Services
from bot.studio.courier.card_texts import CANCEL
from bot.studio.ledger.model import Order, OrderState
from bot.words import Words

BUTTON = rf"^{CANCEL}:(\d{{1,18}})$"
"""The callback data of a card's Cancel button."""


@dataclass(frozen=True, slots=True)
class CancelHandler:
    """Stops what its owner, an admin of its group or of Atelier wants stopped."""

    services: Services
    speaker: Speaker
    albums: AlbumOrdering

    async def command(self, request: MessageRequest) -> None:
        """`/cancel`: forget the half-made order, or else stop all of the person's orders here."""
        place, person = request.place, request.person
        await self.albums.flush(place.chat_id)
        async with self.services.ledger.begin() as transaction:
            orders = await transaction.open_orders(user_id=person.id, chat_id=place.chat_id)
            here = [order for order in orders if order.place.thread_id == place.thread_id]
            if had_draft := await transaction.clear_draft(place, person.id):
                # The same message, should it come again, must not stop what goes on.
                await transaction.update_handled(request.update_id)
            else:
                asked_by = request.source
                for order in here:
                    await transaction.cancel(order.id, asked_by=asked_by)
                stopped = await transaction.cancelled_by(asked_by)
        words = self.services.words(person)
        text = _forgotten(words, len(here)) if had_draft else _stopped(words, stopped)
        await self.speaker.reply(request, text)

    async def button(self, press: Press) -> None:
        """The Cancel button of a card (callback data `cancel:<order id>`)."""
        query, person = press.query, press.person
        words = self.services.words(person)
        async with self.services.ledger.begin() as transaction:
            order = await transaction.order(int(press.parts[0]))
        if order is None:
            await answer(query, words.text("That picture is no longer here."))
            await remove(press)
            return
        allowed = await may_cancel(press, order, self.services.access)
        async with self.services.ledger.begin() as transaction:
            if press.is_under(f"{CANCEL}:{order.id}"):
                await transaction.card_seen(order.id, press.message_id)
            before = await transaction.order(order.id)
            # An admin's answer is not its owner's.
            asked_by = f"button {query.id}" if person.id == order.user_id else None
            if allowed:
                await transaction.cancel(order.id, asked_by=asked_by)
        if allowed:
            await answer(query, _stopped_by_button(words, before))
        else:
            await answer(query, _not_yours(words, order), alert=True)


def _not_yours(words: Words, order: Order) -> str:
    if order.place.private:
        return words.text("Only the person who ordered this picture can cancel it.")
    return words.text(
        "Only the person who ordered this picture, or an admin of this group, can cancel it."
    )


def _forgotten(words: Words, running: int) -> str:
    text = words.text("Forgotten. Send a new photo whenever you like.")
    if not running:
        return text
    more = words.count(
        "Your painting in the making goes on; /cancel again stops it.",
        "Your {number} paintings in the making go on; /cancel again stops them.",
        running,
    )
    return f"{text} {more}"


def _stopped_by_button(words: Words, before: Order | None) -> str:
    if before is None or before.state is OrderState.CANCELLED:
        return words.text("It is cancelled already.")
    if before.state.final:
        return words.text("That picture is finished already.")
    return words.text("Cancelled.")


def _stopped(words: Words, number: int) -> str:
    if not number:
        return words.text("There is nothing to cancel.")
    return words.count("Cancelled your painting.", "Cancelled your {number} paintings.", number)
