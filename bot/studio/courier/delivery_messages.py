"""What each kind of delivery says, and how Telegram is asked to show it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from telegram import InlineKeyboardMarkup

from bot.studio.courier.card_texts import (
    describe,
    describe_failure,
    describe_lost_painting,
    describe_painting,
    describe_painting_in_card,
)
from bot.studio.courier.prompts import (
    asks_for_another,
    describe_full_disk,
    describe_notice,
    prompt_markup,
)
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import CardMessage, Delivery, DeliveryKind, Draft, Notice, Order
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.files import Files
from bot.telegram.client import Client
from bot.telegram.errors import AlreadyPhoto, Rejected, TopicGone
from bot.telegram.place import Place
from bot.telegram.uploads import Upload, prepare, prepare_file
from bot.words import Library

log = logging.getLogger(__name__)

Keyboard = Callable[[Order], InlineKeyboardMarkup | None]


def no_keyboard(order: Order) -> None:
    """No buttons under a painting."""
    del order


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What deliveries are made with.

    `keyboard` gives the buttons under an order's painting. `lock` gives the lock under which an
    order's card may be edited, and `card_used` hears that the card has become a delivery and is
    nobody else's any more.
    """

    ledger: Ledger
    files: Files
    client: Client
    library: Library
    keyboard: Keyboard
    lock: Callable[[int], asyncio.Lock]
    card_used: Callable[[int], None]


class DeliveryMessage:
    """One delivery, ready to be made; both ways of making it raise `errors.Fault`."""

    def __init__(self, delivery: Delivery, place: Place, language: str, means: Means) -> None:
        self._delivery = delivery
        self._place = place
        self._words = means.library.words(language)
        self._means = means

    @property
    def chat_id(self) -> int:
        """Where it goes."""
        return self._place.chat_id

    async def into_card(self) -> bool:
        """Make it by editing the card, which may be repeated safely, and note that it was made.

        Returns:
            False where there is no card that could take it.
        """
        return False

    async def send(self) -> int | None:
        """Make it as a new message; returns the message's id, or None if there is none to send."""
        return None

    async def sent(self, transaction: Transaction, message_id: int) -> None:
        """Note what follows from a new message, in the transaction that notes the sending."""

    async def _in_topic_or_outside(self, send: Callable[[Place], Awaitable[int]]) -> int:
        try:
            return await send(self._place)
        except TopicGone:
            return await send(replace(self._place, thread_id=None))


async def compose(delivery: Delivery, means: Means) -> DeliveryMessage | None:
    """What to tell now; None if there is nothing to tell of any more."""
    notice = delivery.notice
    if notice is not None and notice.card is not None:
        return CardNotice(delivery, notice, notice.card, means)
    if notice is not None and delivery.kind is DeliveryKind.DISK_FULL:
        return DiskFullNotice(delivery, notice, means)
    async with means.ledger.begin() as transaction:
        if notice is not None:
            draft = await transaction.draft(notice.place, notice.user_id)
            return RefusalNotice(delivery, notice, draft, means)
        order = None
        if delivery.order_id is not None:
            order = await transaction.order(delivery.order_id)
    if order is None:
        return None
    if delivery.reply_to is not None:
        order = replace(order, reply_to=delivery.reply_to)
    return OrderNews(delivery, order, await _load(order, delivery.kind, means.files), means)


async def _load(order: Order, kind: DeliveryKind, files: Files) -> Upload | None:
    """The painting, or None if its file cannot be read: then people are told so."""
    if kind not in {DeliveryKind.PAINTING, DeliveryKind.FILE}:
        return None
    make = prepare if kind is DeliveryKind.PAINTING else prepare_file
    try:
        if order.painting is None:
            raise FileNotFoundError("no file is named")
        painting = await files.read(order.painting)
        return await asyncio.to_thread(make, painting, f"atelier-{order.id}")
    except OSError:
        log.exception("order %d: its painting cannot be read", order.id)
        return None


class OrderNews(DeliveryMessage):
    """A painting, a failure, a cancellation, or a file that was asked for."""

    def __init__(
        self, delivery: Delivery, order: Order, upload: Upload | None, means: Means
    ) -> None:
        super().__init__(delivery, order.place, order.language, means)
        self._order = order
        self._upload = upload

    async def into_card(self) -> bool:
        """See `DeliveryMessage.into_card`; a file that was asked for has no card to go into."""
        means, delivery, upload = self._means, self._delivery, self._upload
        if delivery.kind is DeliveryKind.FILE or (upload is not None and not upload.photo):
            return False
        async with means.lock(self._order.id):
            async with means.ledger.begin() as transaction:
                order = await transaction.order(self._order.id)
            if order is None or order.card is None:
                return False
            if upload is not None:
                await means.client.edit_photo(
                    order.place,
                    order.card,
                    upload.data,
                    upload.filename,
                    caption=describe_painting_in_card(order, self._words),
                    keyboard=means.keyboard(order),
                )
            else:
                card = CardMessage(
                    order_id=order.id, message_id=order.card, has_photo=order.card_has_photo
                )
                await _explain_in_card(means.client, order.place, card, self._text())
            # The card is closed by this, and nobody shall edit it any more.
            async with means.ledger.begin() as transaction:
                await transaction.set_card(order.id, None, has_photo=False)
                await transaction.delivery_sent(delivery.id, order.card)
            means.card_used(order.id)
        return True

    async def send(self) -> int | None:
        """See `DeliveryMessage.send`; whoever cancelled an order knows it without one."""
        delivery = self._delivery
        if delivery.kind is DeliveryKind.CANCELLATION and delivery.asked_by is not None:
            return None
        return await self._in_topic_or_outside(self._in_any_form)

    def _text(self) -> str:
        """What is said where there is no picture to show."""
        match self._delivery.kind:
            case DeliveryKind.CANCELLATION:
                return describe(self._order, self._words)
            case DeliveryKind.FILE:
                return describe_lost_painting(self._words)
            case _:
                return describe_failure(self._order, self._words)

    async def _in_any_form(self, place: Place) -> int:
        """As a photo, else as a file, else in words."""
        client, order, upload = self._means.client, self._order, self._upload
        if upload is None:
            return await client.say(place, self._text(), reply_to=order.reply_to)
        is_file = self._delivery.kind is DeliveryKind.FILE
        for send in (client.send_photo, client.send_file):
            if send == client.send_photo and not upload.photo:
                continue
            try:
                sent = await send(
                    place,
                    upload.data,
                    upload.filename,
                    reply_to=order.reply_to,
                    caption=None if is_file else describe_painting(order, self._words),
                    keyboard=None if is_file else self._means.keyboard(order),
                )
            except TopicGone:
                raise
            except Rejected as fault:
                log.warning("order %d: Telegram refuses its painting: %s", order.id, fault)
            else:
                return sent.message_id
        if is_file:
            apology = self._words.text("I am not allowed to send files in this chat.")
        else:
            apology = self._words.text(
                "Your painting is ready, but I am not allowed to send pictures in this chat."
            )
        return await client.say(place, apology, reply_to=order.reply_to)


class RefusalNotice(DeliveryMessage):
    """Why a picture cannot be used, and what to send instead; there is no card to edit."""

    def __init__(self, delivery: Delivery, notice: Notice, draft: Draft, means: Means) -> None:
        super().__init__(delivery, notice.place, notice.language, means)
        self._notice = notice
        self._draft = draft

    async def send(self) -> int:
        """See `DeliveryMessage.send`."""
        text = describe_notice(self._notice, self._draft, self._words)
        return await self._in_topic_or_outside(
            partial(
                self._means.client.say,
                text=text,
                reply_to=self._delivery.reply_to or 0,
                keyboard=(
                    prompt_markup(self._draft, self._words)
                    if asks_for_another(self._notice)
                    else None
                ),
            )
        )

    async def sent(self, transaction: Transaction, message_id: int) -> None:
        """See `DeliveryMessage.sent`; what asks for another picture may be replied to."""
        if asks_for_another(self._notice):
            language = self._words.language
            await transaction.remember_prompt(self._draft, message_id, language=language)


class DiskFullNotice(DeliveryMessage):
    """That there is no room for pictures just now, and that nobody need do anything about it."""

    def __init__(self, delivery: Delivery, notice: Notice, means: Means) -> None:
        super().__init__(delivery, notice.place, notice.language, means)

    async def send(self) -> int:
        """See `DeliveryMessage.send`."""
        say = partial(
            self._means.client.say,
            text=describe_full_disk(self._words),
            reply_to=self._delivery.reply_to or 0,
        )
        return await self._in_topic_or_outside(say)


class CardNotice(DeliveryMessage):
    """A card that the ledger knows nothing else of: its order was cancelled, or it is to go."""

    def __init__(self, delivery: Delivery, notice: Notice, card: CardMessage, means: Means) -> None:
        super().__init__(delivery, notice.place, notice.language, means)
        self._card = card

    async def into_card(self) -> bool:
        """See `DeliveryMessage.into_card`."""
        means, place, card = self._means, self._place, self._card
        async with means.lock(card.order_id):
            if self._delivery.kind is DeliveryKind.STRAY_CARD:
                await means.client.delete(place, card.message_id)
            else:
                await _explain_in_card(means.client, place, card, self._words.text("Cancelled."))
            async with means.ledger.begin() as transaction:
                await transaction.delivery_sent(self._delivery.id, card.message_id)
        return True


async def _explain_in_card(client: Client, place: Place, card: CardMessage, text: str) -> None:
    """Make a card say something, and take its buttons away."""
    if not card.has_photo:
        try:
            await client.edit_text(place, card.message_id, text)
        except AlreadyPhoto:
            log.debug("order %d: its card is a photo by now", card.order_id)
        else:
            return
    await client.edit_caption(place, card.message_id, text)
