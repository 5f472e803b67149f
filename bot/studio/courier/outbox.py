"""The outbox: paintings and the news of failures, which must arrive, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from telegram import InlineKeyboardMarkup

from bot.studio.courier.card_texts import (
    describe_failure,
    describe_lost_painting,
    describe_painting,
    describe_painting_in_card,
)
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Delivery, DeliveryKind, Order
from bot.studio.pictures.files import Files
from bot.telegram.backoff import Backoff
from bot.telegram.client import Client
from bot.telegram.errors import (
    AlreadyPhoto,
    Moved,
    Rejected,
    TelegramFault,
    TopicGone,
    TryLater,
    Unreachable,
    Unsure,
)
from bot.telegram.uploads import Upload, prepare, prepare_file
from bot.words import Library

GIVE_UP_AFTER: Final = timedelta(hours=24)
"""How long after it was put into the outbox a delivery is still tried."""

MAX_BLIND_SENDS: Final = 3
"""Times that a message is sent when each answer is lost and there is no card to put it into."""

BACKOFF: Final = Backoff(first=2.0, longest=300.0)

log = logging.getLogger(__name__)

Keyboard = Callable[[Order], InlineKeyboardMarkup | None]


def no_keyboard(order: Order) -> None:
    """No buttons under a painting."""
    del order


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEvents:
    """What the outbox asks of and tells its courier.

    `lock` gives the lock under which an order's card may be edited, and `card_used` says that it
    has become the delivery and is nobody else's any more. `settled` is called when a delivery
    ends for now, `delayed` when it has to wait; `unreachable` when the chat refuses the bot.
    """

    lock: Callable[[int], asyncio.Lock]
    card_used: Callable[[int], None]
    settled: Callable[[int], None]
    delayed: Callable[[int], None]
    unreachable: Callable[[int], Awaitable[None]]
    moved: Callable[[int, int], Awaitable[None]]


class Outbox:
    """Carries deliveries, each in a task of its own, so that none waits for another.

    A painting goes out as a new message, because only that notifies people. Before Telegram is
    asked the row is SENDING; if the answer is lost (or the process dies), nobody knows whether
    it arrived, and a second message might be one too many. Then the painting is put into the
    card: an edit may be repeated safely, so nothing is lost and nothing comes twice as a message.
    A file that somebody asked for has no card to go into; it may come twice rather than never.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        files: Files,
        client: Client,
        library: Library,
        events: OutboxEvents,
        keyboard: Keyboard,
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._files = files
        self._client = client
        self._library = library
        self._events = events
        self._keyboard = keyboard
        self._now = now
        self._asked: set[int] = set()
        self._blind: dict[int, int] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stopped = False

    @property
    def busy(self) -> frozenset[int]:
        """The ids of the orders whose delivery is under way at this moment."""
        return frozenset(self._tasks)

    def start(self, delivery: Delivery, *, unsure: bool = False) -> None:
        """Begin a delivery unless it is under way already, or the outbox has been stopped.

        Args:
            delivery: a row that is due.
            unsure: whether it may have arrived already.
        """
        if self._stopped or delivery.order_id in self._tasks:
            return
        task = asyncio.create_task(self._carry(delivery, unsure=unsure))
        self._tasks[delivery.order_id] = task

    async def stop(self, grace: float) -> None:
        """Let deliveries under way finish for `grace` seconds, then break them off.

        One that is broken off stays SENDING in the ledger, and the next start makes sure of it.
        """
        self._stopped = True
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _carry(self, delivery: Delivery, *, unsure: bool) -> None:
        faults = 0
        try:
            while True:
                try:
                    await self._deliver(delivery, unsure=unsure)
                except Exception:
                    faults += 1
                    log.exception("order %d: its delivery met a fault", delivery.order_id)
                    # If Telegram had been asked already, it must not simply be asked again.
                    unsure = unsure or delivery.id in self._asked
                    await asyncio.sleep(BACKOFF.delay(faults))
                else:
                    return
        finally:
            self._asked.discard(delivery.id)
            self._tasks.pop(delivery.order_id, None)
            self._events.settled(delivery.order_id)

    async def _deliver(self, delivery: Delivery, *, unsure: bool) -> None:
        async with self._ledger.begin() as transaction:
            order = await transaction.order(delivery.order_id)
        if order is None:
            await self._give_up(delivery, "the order is no more")
            return
        if delivery.reply_to is not None:
            order = replace(order, reply_to=delivery.reply_to)
        upload = await self._load(order, delivery.kind)
        if unsure:
            await self._make_sure(delivery, order, upload)
        else:
            await self._send(delivery, order, upload)

    async def _load(self, order: Order, kind: DeliveryKind) -> Upload | None:
        """The painting, or None if its file cannot be read: then people are told so."""
        if kind is DeliveryKind.FAILURE:
            return None
        make = prepare if kind is DeliveryKind.PAINTING else prepare_file
        try:
            if order.painting is None:
                raise FileNotFoundError("no file is named")
            painting = await self._files.read(order.painting)
            return await asyncio.to_thread(make, painting, f"atelier-{order.id}")
        except OSError:
            log.exception("order %d: its painting cannot be read", order.id)
            return None

    async def _send(self, delivery: Delivery, order: Order, upload: Upload | None) -> None:
        async with self._ledger.begin() as transaction:
            await transaction.delivery_sending(delivery.id)
        self._asked.add(delivery.id)
        delivery = replace(delivery, attempts=delivery.attempts + 1)
        try:
            message_id = await self._as_new_message(order, delivery.kind, upload)
        except TryLater as fault:
            delay = BACKOFF.delay(delivery.attempts, fault)
            log.info("order %d: its delivery waits %.0f s: %s", order.id, delay, fault)
            await self._later(delivery, delay)
        except Unsure as fault:
            log.info("order %d: no answer to its delivery: %s", order.id, fault)
            await self._make_sure(delivery, order, upload)
        except TelegramFault as fault:
            await self._end_or_move(delivery, order, fault)
        else:
            await self._sent(delivery, message_id)

    async def _as_new_message(self, order: Order, kind: DeliveryKind, upload: Upload | None) -> int:
        try:
            return await self._in_any_form(order, kind, upload)
        except TopicGone:
            elsewhere = replace(order, place=replace(order.place, thread_id=None))
            return await self._in_any_form(elsewhere, kind, upload)

    async def _in_any_form(self, order: Order, kind: DeliveryKind, upload: Upload | None) -> int:
        """As a photo, else as a file, else in words."""
        words = self._library.words(order.language)
        place, reply_to = order.place, order.reply_to
        is_file = kind is DeliveryKind.FILE
        if upload is None:
            lost = describe_lost_painting(words) if is_file else describe_failure(order, words)
            return await self._client.say(place, lost, reply_to=reply_to)
        keyboard = None if is_file else self._keyboard(order)
        caption = None if is_file else describe_painting(order, words)
        for send in (self._client.send_photo, self._client.send_file):
            if send == self._client.send_photo and not upload.photo:
                continue
            try:
                sent = await send(
                    place,
                    upload.data,
                    upload.filename,
                    reply_to=reply_to,
                    caption=caption,
                    keyboard=keyboard,
                )
            except TopicGone:
                raise
            except Rejected as fault:
                log.warning("order %d: Telegram refuses its painting: %s", order.id, fault)
            else:
                return sent.message_id
        if is_file:
            apology = words.text("I am not allowed to send files in this chat.")
        else:
            apology = words.text(
                "Your painting is ready, but I am not allowed to send pictures in this chat."
            )
        return await self._client.say(place, apology, reply_to=reply_to)

    async def _make_sure(self, delivery: Delivery, order: Order, upload: Upload | None) -> None:
        """Deliver what may have arrived already, by editing the card as often as it takes."""
        attempts = 0
        while True:
            try:
                is_file = delivery.kind is DeliveryKind.FILE
                card = None if is_file else await self._into_card(order.id, upload)
            except (TryLater, Unsure) as fault:
                if self._too_old(delivery):
                    await self._give_up(delivery, str(fault))
                    return
                attempts += 1
                self._events.delayed(order.id)
                await asyncio.sleep(BACKOFF.delay(attempts, fault))
            except Rejected as fault:
                log.info("order %d: its card does not take the delivery: %s", order.id, fault)
                card = None
                break
            except TelegramFault as fault:
                await self._end_or_move(delivery, order, fault)
                return
            else:
                break
        if card is not None:
            await self._sent(delivery, card)
            return
        self._blind[delivery.id] = self._blind.get(delivery.id, 0) + 1
        if self._blind[delivery.id] >= MAX_BLIND_SENDS:
            await self._give_up(delivery, "no answer")
        else:
            await self._later(delivery, BACKOFF.delay(self._blind[delivery.id]))

    async def _into_card(self, order_id: int, upload: Upload | None) -> int | None:
        """Make the card show the outcome; returns its message id, or None if there is none."""
        async with self._events.lock(order_id):
            async with self._ledger.begin() as transaction:
                order = await transaction.order(order_id)
            if order is None or order.card is None or (upload is not None and not upload.photo):
                return None
            words = self._library.words(order.language)
            if upload is not None:
                caption = describe_painting_in_card(order, words)
                await self._client.edit_photo(
                    order.place,
                    order.card,
                    upload.data,
                    upload.filename,
                    caption=caption,
                    keyboard=self._keyboard(order),
                )
            else:
                await self._explain_in_card(order, order.card, describe_failure(order, words))
            # The card is closed by this, and nobody shall edit it any more.
            async with self._ledger.begin() as transaction:
                await transaction.set_card(order_id, None, has_photo=False)
            self._events.card_used(order_id)
            return order.card

    async def _explain_in_card(self, order: Order, card: int, text: str) -> None:
        if not order.card_has_photo:
            try:
                await self._client.edit_text(order.place, card, text)
            except AlreadyPhoto:
                log.debug("order %d: its card is a photo by now", order.id)
            else:
                return
        await self._client.edit_caption(order.place, card, text)

    async def _end_or_move(self, delivery: Delivery, order: Order, fault: TelegramFault) -> None:
        if isinstance(fault, Moved):
            await self._events.moved(order.place.chat_id, fault.new_chat_id)
            await self._later(delivery, 0.0)
            return
        await self._give_up(delivery, str(fault))
        if isinstance(fault, Unreachable):
            await self._events.unreachable(order.place.chat_id)

    async def _sent(self, delivery: Delivery, message_id: int) -> None:
        async with self._ledger.begin() as transaction:
            await transaction.delivery_sent(delivery.id, message_id)
        self._blind.pop(delivery.id, None)

    async def _later(self, delivery: Delivery, delay: float) -> None:
        if self._too_old(delivery):
            await self._give_up(delivery, "it was tried for a day")
            return
        self._events.delayed(delivery.order_id)
        due_at = self._now() + timedelta(seconds=delay)
        async with self._ledger.begin() as transaction:
            await transaction.delivery_retry(delivery.id, due_at=due_at)
        self._asked.discard(delivery.id)

    async def _give_up(self, delivery: Delivery, reason: str) -> None:
        log.warning("order %d: its delivery is given up: %s", delivery.order_id, reason)
        self._blind.pop(delivery.id, None)
        async with self._ledger.begin() as transaction:
            await transaction.delivery_given_up(delivery.id, reason)

    def _too_old(self, delivery: Delivery) -> bool:
        return self._now() - delivery.asked_at > GIVE_UP_AFTER
