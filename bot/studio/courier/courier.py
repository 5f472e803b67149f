"""The courier: one status card for each order, and whatever the outbox holds."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.engines.protocol import Progress
from bot.studio.courier.card import Card
from bot.studio.courier.chat_cards import ChatCards, Events
from bot.studio.courier.delivery_messages import Keyboard, Means, no_keyboard
from bot.studio.courier.outbox import Outbox, OutboxEvents
from bot.studio.dispatch.estimates import Estimator
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Delivery, Order, OrderState
from bot.studio.ledger.repository import utc_now
from bot.studio.pictures.files import Files
from bot.telegram.client import Client
from bot.telegram.rate_limits import DELIVERY, GROUP_INTERVAL, PRIVATE_INTERVAL, Clock, Pace
from bot.words import Library

ESTIMATE_INTERVAL: Final = 5.0
"""Seconds between two looks at the queue when nothing happens: expected waits shrink."""

LAST_EDIT_SECONDS: Final = 0.5
"""Seconds for which a stop waits for messages on their way, so that no card is orphaned."""

FAREWELL_SECONDS: Final = 2.0
"""Seconds that deliveries under way and last words may take when the bot stops."""

_RECOVERY_SECONDS: Final = 5.0
_LONG: Final = 3600.0
_HORIZON: Final = timedelta(days=7)

log = logging.getLogger(__name__)


NOBODY_TO_TELL: Final = "unreachable"
"""What cancels the orders of a chat that cannot be written to."""

NO_EXPERIENCE: Final = Estimator()


class Courier:
    """Tells people how their orders get on, and brings them what comes out.

    It is the dispatcher's `ProgressListener`. It keeps nothing that a restart could miss: after
    one it takes open cards up again and finishes the deliveries that were under way.

    Args:
        client: the way to Telegram.
        ledger: orders and outbox.
        files: where paintings lie.
        library: the languages.
        keyboard: the buttons under an order's painting.
        estimator: what waiting people may expect.
        private_interval: least seconds between two edits in a private chat.
        group_interval: the same in a group.
        clock: a monotonic clock in seconds.
        now: the present moment, aware; the same clock that the ledger uses.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        files: Files,
        library: Library,
        *,
        keyboard: Keyboard = no_keyboard,
        estimator: Estimator = NO_EXPERIENCE,
        private_interval: float = PRIVATE_INTERVAL,
        group_interval: float = GROUP_INTERVAL,
        clock: Clock = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._ledger = ledger
        self._library = library
        self._estimator = estimator
        self._private_interval = private_interval
        self._group_interval = group_interval
        self._clock = clock
        self._now = now
        self._client = client
        self._chats: dict[int, ChatCards] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._cards: dict[int, Card] = {}
        self._changes = ledger.changed.subscribe()
        self._stopping = False
        self._outbox = Outbox(
            Means(
                ledger=ledger,
                files=files,
                client=client.at(DELIVERY),
                library=library,
                keyboard=keyboard,
                lock=self._lock,
                card_used=self._card_used,
            ),
            OutboxEvents(
                settled=self._changes.wake,
                arrived=self._arrived,
                delayed=self._delayed,
                unreachable=self._unreachable,
                moved=self._moved,
            ),
            now=now,
        )

    def progressed(self, order: Order, progress: Progress) -> None:
        """Note an engine's newest word; what was not shown yet is forgotten."""
        card = self._cards.get(order.id)
        if card is None or card.order.state.final or order.epoch < card.order.epoch:
            return
        if order.epoch > card.order.epoch:
            # It has been claimed since the last look; the card's message is better known here.
            card.renew(
                replace(order, card=card.order.card, card_has_photo=card.order.card_has_photo)
            )
        card.progress, card.heard_at = progress, self._clock()
        if progress.preview is not None:
            card.preview = progress.preview
        self._chat_cards(card.order).wake()

    async def run(self) -> None:
        """Look after cards and outbox until `stop` is called or the task is cancelled."""
        try:
            await self._ledger.through_outages(self._take_up)
            while not self._stopping:
                try:
                    pause = await self._ledger.through_outages(self._look)
                except Exception:
                    log.exception("the courier could not look into the ledger")
                    pause = _RECOVERY_SECONDS
                await self._changes.wait(pause)
        finally:
            self._changes.close()
            await self._end_chats()

    async def stop(self) -> None:
        """End `run`: tell the cards of running orders, finish deliveries under way; a few seconds.

        Call it before the dispatcher is stopped, so that the cards know what was running.
        """
        self._stopping = True
        self._changes.wake()
        await self._end_chats(LAST_EDIT_SECONDS)
        farewells = asyncio.gather(*(chat_cards.farewell() for chat_cards in self._chats.values()))
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await asyncio.gather(farewells, self._outbox.stop(FAREWELL_SECONDS - 0.2))
        except TimeoutError:
            log.info("not every card could be told of the restart in time")

    async def _take_up(self) -> None:
        """At the start: what an earlier process left half done."""
        async with self._ledger.begin() as transaction:
            unclosed = await transaction.unclosed_cards()
            unsure = await transaction.unsure_deliveries()
        for order in unclosed:
            self._card(order)
        for delivery in unsure:
            self._outbox.start(delivery, unsure=True)

    async def _look(self) -> float:
        """Bring cards and outbox in line with the ledger; returns the seconds to the next look."""
        now = self._now()
        async with self._ledger.begin() as transaction:
            open_orders = await transaction.open_orders()
            line = await transaction.line()
            durations = await transaction.recent_durations()
            waiting = await transaction.due_deliveries(now + _HORIZON)
            ended_ids = sorted(self._cards.keys() - {order.id for order in open_orders})
            ended = [await transaction.order(order_id) for order_id in ended_ids]
        # Nothing may be awaited between reading and this: cards would be written meanwhile.
        for order in open_orders:
            self._card(order)
        unsettled = self._outbox.busy | {delivery.order_id for delivery in waiting}
        for order_id, final in zip(ended_ids, ended, strict=True):
            if final is None:
                self._forgotten(order_id)
            else:
                card = self._card(final)
                card.settled = card.settled or final.id not in unsettled
        for delivery in waiting:
            if delivery.due_at <= now:
                self._outbox.start(delivery)
        estimates = self._estimator.estimate(open_orders, line, durations, self._remaining)
        for order_id, estimate in estimates.items():
            self._cards[order_id].estimate = estimate
        for chat_cards in self._chats.values():
            chat_cards.wake()
        self._prune_chats()
        next_due = _seconds_to_next(waiting, now)
        return min(ESTIMATE_INTERVAL, next_due) if open_orders else next_due

    def _remaining(self, order: Order, expected: float) -> float:
        return self._cards[order.id].remaining(expected, now=self._now(), clock=self._clock())

    def _card(self, order: Order) -> Card:
        """The order's card, among those of the chat where the order now is."""
        card = self._cards.get(order.id)
        if card is None:
            card = self._cards[order.id] = Card(order=order, born=self._clock())
        elif card.order.place.chat_id != order.place.chat_id:
            self._chats[card.order.place.chat_id].cards.pop(order.id, None)
        card.renew(order)
        self._chat_cards(order).cards[order.id] = card
        return card

    def _forgotten(self, order_id: int) -> None:
        """Let go of the card of an order that its person had deleted; the outbox closes it."""
        card = self._cards.get(order_id)
        if card is None:
            return
        card.gone = True
        if not card.order.state.final:
            card.renew(replace(card.order, state=OrderState.CANCELLED))
        card.settled = True

    def _chat_cards(self, order: Order) -> ChatCards:
        chat_id = order.place.chat_id
        chat_cards = self._chats.get(chat_id)
        if chat_cards is None:
            interval = self._private_interval if order.place.private else self._group_interval
            chat_cards = self._chats[chat_id] = ChatCards(
                chat_id,
                pace=Pace(interval, clock=self._clock),
                client=self._client,
                ledger=self._ledger,
                library=self._library,
                events=Events(
                    unreachable=self._unreachable, moved=self._moved, closed=self._closed
                ),
                clock=self._clock,
            )
            self._tasks[chat_id] = asyncio.create_task(_keep(chat_cards, self._ledger))
        return chat_cards

    def _prune_chats(self) -> None:
        """Let go of chats in which nothing is left to do; a stop has ended their tasks before."""
        for chat_id in [id_ for id_, chat_cards in self._chats.items() if chat_cards.idle]:
            if (task := self._tasks.pop(chat_id, None)) is not None:
                task.cancel()
            del self._chats[chat_id]

    async def _end_chats(self, grace: float = 0.0) -> None:
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for chat_cards in self._chats.values():
            chat_cards.retire()
        if tasks and grace > 0:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _lock(self, order_id: int) -> asyncio.Lock:
        card = self._cards.get(order_id)
        return card.lock if card is not None else asyncio.Lock()

    def _card_used(self, order_id: int) -> None:
        card = self._cards.get(order_id)
        if card is not None:
            card.gone = True

    def _arrived(self, order_id: int | None) -> None:
        """Let go of an order's card at once, without another look at the ledger."""
        card = None if order_id is None else self._cards.get(order_id)
        if card is not None and card.order.state.final:
            card.settled = True
            self._chat_cards(card.order).wake()

    def _delayed(self, order_id: int | None) -> None:
        card = None if order_id is None else self._cards.get(order_id)
        if card is not None:
            card.delayed = True
            self._chat_cards(card.order).wake()

    def _closed(self, order_id: int) -> None:
        self._cards.pop(order_id, None)

    async def _unreachable(self, chat_id: int) -> None:
        """Nobody can be told any more: spare the computation."""
        async with self._ledger.begin() as transaction:
            orders = await transaction.open_orders(chat_id=chat_id)
            for order in orders:
                await transaction.set_card(order.id, None, has_photo=False)
                await transaction.cancel(order.id, asked_by=NOBODY_TO_TELL)
        for order in orders:
            self._card_used(order.id)

    async def _moved(self, old_chat_id: int, new_chat_id: int) -> None:
        async with self._ledger.begin() as transaction:
            await transaction.chat_migrated(old_chat_id, new_chat_id)


async def _keep(chat_cards: ChatCards, ledger: Ledger) -> None:
    """Look after a chat's cards until they are retired, whatever fault of ours there is."""
    while True:
        try:
            await ledger.through_outages(chat_cards.run)
        except Exception:
            log.exception("the cards of a chat met a fault")
            await asyncio.sleep(_RECOVERY_SECONDS)
        else:
            return


def _seconds_to_next(waiting: Iterable[Delivery], now: datetime) -> float:
    """The seconds until a delivery that waits is due; a long time if none does."""
    later = [(delivery.due_at - now).total_seconds() for delivery in waiting]
    return min((seconds for seconds in later if seconds > 0), default=_LONG)
