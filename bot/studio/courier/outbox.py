"""The outbox: whatever must arrive, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.studio.courier.delivery_messages import DeliveryMessage, Means, compose
from bot.studio.ledger.model import Delivery, DeliveryKind
from bot.studio.ledger.results import LedgerUnavailable
from bot.studio.ledger.transaction import Transaction
from bot.telegram.backoff import Backoff
from bot.telegram.errors import Moved, Rejected, TelegramFault, TryLater, Unreachable, Unsure

GIVE_UP_AFTER: Final = timedelta(hours=24)
"""How long after it was put into the outbox a delivery is still tried."""

MAX_BLIND_SENDS: Final = 3
"""Times that a message is sent when each answer is lost and there is no card to put it into."""

BACKOFF: Final = Backoff(first=2.0, longest=300.0)

_FOR_CARDS: Final = frozenset({DeliveryKind.CANCELLATION, DeliveryKind.STRAY_CARD})
"""What an edit tells, and a message only where there is no card to edit."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEvents:
    """What the outbox tells its courier.

    `settled` is called when a delivery ends for now, `delayed` when that of an order has to wait,
    `arrived` when an order's painting has come as a message; `unreachable` when a chat refuses
    the bot, `moved` when it has another id.
    """

    settled: Callable[[], None]
    arrived: Callable[[int | None], None]
    delayed: Callable[[int | None], None]
    unreachable: Callable[[int], Awaitable[None]]
    moved: Callable[[int, int], Awaitable[None]]


class Outbox:
    """Carries deliveries, each in a task of its own, so that none waits for another.

    A painting goes out as a new message, because only that notifies people. Before Telegram is
    asked the row is SENDING; if the answer is lost (or the process dies), nobody knows whether
    it arrived, and a second message might be one too many. Then the painting is put into the
    card: an edit may be repeated safely, so nothing is lost and nothing comes twice as a message.
    A file that somebody asked for, and the refusal of a picture, have no card to go into; they
    may come twice rather than never.
    """

    def __init__(self, means: Means, events: OutboxEvents, *, now: Callable[[], datetime]) -> None:
        self._means = means
        self._ledger = means.ledger
        self._events = events
        self._now = now
        self._asked: set[int] = set()
        self._blind: dict[int, int] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._busy: dict[int, int | None] = {}
        self._stopped = False

    @property
    def busy(self) -> frozenset[int | None]:
        """The ids of the orders whose delivery is under way at this moment."""
        return frozenset(self._busy.values())

    def start(self, delivery: Delivery, *, unsure: bool = False) -> None:
        """Begin a delivery unless it is under way already, or the outbox has been stopped.

        Args:
            delivery: a row that is due.
            unsure: whether it may have arrived already.
        """
        if self._stopped or delivery.id in self._tasks:
            return
        self._busy[delivery.id] = delivery.order_id
        self._tasks[delivery.id] = asyncio.create_task(self._carry(delivery, unsure=unsure))

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
                except Exception as error:
                    faults += 1
                    # The ledger itself says that it is out of reach.
                    if not isinstance(error, LedgerUnavailable):
                        log.exception("%s met a fault", _name(delivery))
                    # If Telegram had been asked already, it must not simply be asked again.
                    unsure = unsure or delivery.id in self._asked
                    await asyncio.sleep(BACKOFF.delay(faults))
                else:
                    return
        finally:
            self._asked.discard(delivery.id)
            self._tasks.pop(delivery.id, None)
            self._busy.pop(delivery.id, None)
            self._events.settled()

    async def _deliver(self, delivery: Delivery, *, unsure: bool) -> None:
        message = await compose(delivery, self._means)
        if message is None:
            await self._give_up(delivery, "the order is no more")
        elif unsure:
            await self._make_sure(delivery, message)
        elif delivery.kind not in _FOR_CARDS or not await self._into_card(delivery, message):
            await self._send(delivery, message)

    async def _send(self, delivery: Delivery, message: DeliveryMessage) -> None:
        async with self._ledger.begin() as transaction:
            await transaction.delivery_sending(delivery.id)
        self._asked.add(delivery.id)
        delivery = replace(delivery, attempts=delivery.attempts + 1)
        try:
            message_id = await message.send()
        except TryLater as fault:
            delay = BACKOFF.delay(delivery.attempts, fault)
            log.info("%s waits %.0f s: %s", _name(delivery), delay, fault)
            await self._later(delivery, delay)
        except Unsure as fault:
            log.info("no answer to %s: %s", _name(delivery), fault)
            await self._make_sure(delivery, message)
        except TelegramFault as fault:
            await self._end_or_move(delivery, message, fault)
        else:

            async def note(transaction: Transaction) -> None:
                await transaction.delivery_sent(delivery.id, message_id)
                if message_id is not None:
                    await message.sent(transaction, message_id)

            await self._ledger.perform(note)
            self._blind.pop(delivery.id, None)
            if delivery.kind is DeliveryKind.PAINTING:
                self._events.arrived(delivery.order_id)

    async def _make_sure(self, delivery: Delivery, message: DeliveryMessage) -> None:
        """Deliver what may have arrived already: into the card, or else once more."""
        if await self._into_card(delivery, message):
            return
        self._blind[delivery.id] = self._blind.get(delivery.id, 0) + 1
        if self._blind[delivery.id] >= MAX_BLIND_SENDS:
            await self._give_up(delivery, "no answer")
        else:
            await self._later(delivery, BACKOFF.delay(self._blind[delivery.id]))

    async def _into_card(self, delivery: Delivery, message: DeliveryMessage) -> bool:
        """Edit the card as often as it takes; False if there is none that takes the delivery."""
        attempts = 0
        while True:
            try:
                return await message.into_card()
            except (TryLater, Unsure) as fault:
                if self._too_old(delivery):
                    await self._give_up(delivery, str(fault))
                    return True
                attempts += 1
                self._events.delayed(delivery.order_id)
                await asyncio.sleep(BACKOFF.delay(attempts, fault))
            except Rejected as fault:
                log.info("the card does not take %s: %s", _name(delivery), fault)
                return False
            except TelegramFault as fault:
                await self._end_or_move(delivery, message, fault)
                return True

    async def _end_or_move(
        self, delivery: Delivery, message: DeliveryMessage, fault: TelegramFault
    ) -> None:
        if isinstance(fault, Moved):
            await self._events.moved(message.chat_id, fault.new_chat_id)
            await self._later(delivery, 0.0)
            return
        await self._give_up(delivery, str(fault))
        if isinstance(fault, Unreachable):
            await self._events.unreachable(message.chat_id)

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
        log.warning("%s is given up: %s", _name(delivery), reason)
        self._blind.pop(delivery.id, None)
        async with self._ledger.begin() as transaction:
            await transaction.delivery_given_up(delivery.id, reason)

    def _too_old(self, delivery: Delivery) -> bool:
        return self._now() - delivery.asked_at > GIVE_UP_AFTER


def _name(delivery: Delivery) -> str:
    """A delivery in words, for logs."""
    about = "" if delivery.order_id is None else f" of order {delivery.order_id}"
    return f"{delivery.kind}{about} (delivery {delivery.id})"
