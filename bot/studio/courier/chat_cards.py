"""The status cards of one chat: always the latest word, at the chat's pace, never a backlog."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from bot.studio.courier.card import Card
from bot.studio.courier.card_texts import card_buttons, describe, describe_delay, describe_restart
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Order, OrderState
from bot.studio.ledger.transaction import Transaction
from bot.telegram.backoff import Backoff
from bot.telegram.client import Client
from bot.telegram.errors import (
    AlreadyPhoto,
    MessageGone,
    Moved,
    NoRoom,
    Rejected,
    TelegramFault,
    TopicGone,
    TryLater,
    Unreachable,
    Unsure,
)
from bot.telegram.rate_limits import PROGRESS, Clock, Pace
from bot.words import Library

PREPARING_GRACE: Final = 0.2
"""Seconds that fetching may take before a card mentions it."""

WAITING_REFRESH: Final = 15.0
"""Least seconds between two edits of a waiting card that change no more than the expected wait."""

MAX_SENDS: Final = 3
"""Times that a card is sent when each answer is lost; more would litter the chat."""

MAX_CLOSINGS: Final = 8
"""Times that closing a card is tried before it is left for the next start."""

BACKOFF: Final = Backoff(first=2.0, longest=30.0)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What the cards of a chat tell their courier."""

    unreachable: Callable[[int], Awaitable[None]]
    moved: Callable[[int, int], Awaitable[None]]
    closed: Callable[[int], None]


class ChatCards:
    """Looks after the cards of one chat.

    Args:
        chat_id: the chat.
        pace: when the chat's cards may be edited.
        client: the way to Telegram.
        ledger: where the message ids of cards are kept.
        library: the languages.
        events: whom to tell.
        clock: a monotonic clock in seconds, the same that `pace` uses.
    """

    def __init__(
        self,
        chat_id: int,
        *,
        pace: Pace,
        client: Client,
        ledger: Ledger,
        library: Library,
        events: Events,
        clock: Clock = time.monotonic,
    ) -> None:
        self._chat_id = chat_id
        self._pace = pace
        self._client = client
        self._optional = client.at(PROGRESS)
        self._ledger = ledger
        self._library = library
        self._events = events
        self._clock = clock
        self._failures = 0
        self._wake = asyncio.Event()
        self._retired = False
        self.cards: dict[int, Card] = {}

    @property
    def idle(self) -> bool:
        """Whether no card is left, nor any pace to keep."""
        return not self.cards and self._pace.free_at <= self._clock()

    def wake(self) -> None:
        """Look at the cards again: something about them has changed."""
        self._wake.set()

    def retire(self) -> None:
        """Let `run` return once what it is about is done."""
        self._retired = True
        self.wake()

    async def run(self) -> None:
        """Serve the cards, the most urgent first, until retired or cancelled."""
        while not self._retired:
            self._wake.clear()
            card, at = self._next()
            delay = at - self._clock()
            if card is None or delay > 0:
                await self._sleep(None if math.isinf(delay) else delay)
                continue
            await self._serve(card)

    async def farewell(self) -> None:
        """Tell the cards whose orders are being painted that the studio restarts."""
        told = [card for card in self.cards.values() if card.order.state is OrderState.RUNNING]
        await asyncio.gather(*(self._part_from(card) for card in told))

    async def _part_from(self, card: Card) -> None:
        async with card.lock:
            if card.order.card is None or card.gone:
                return
            words = self._library.words(card.order.language)
            try:
                await self._edit(card, card.order.card, describe_restart(words))
            except TelegramFault as fault:
                log.info("order %d: its card was not told of the restart: %s", card.order.id, fault)

    async def _sleep(self, delay: float | None) -> None:
        try:
            async with asyncio.timeout(delay):
                await self._wake.wait()
        except TimeoutError:
            return

    def _next(self) -> tuple[Card | None, float]:
        """The card to serve next and when; (None, inf) if there is nothing to do."""
        best: Card | None = None
        best_at = math.inf
        now = self._clock()
        for card in self.cards.values():
            at = self._due(card)
            # Among those that may be served now, the one that was silent longest.
            key = (max(at, now), card.shown_at)
            if at < math.inf and (best is None or key < (max(best_at, now), best.shown_at)):
                best, best_at = card, at
        return best, best_at

    def _due(self, card: Card) -> float:
        """When a card may next be served, on the clock; inf if it has nothing to say."""
        order = card.order
        held = self._pace.held_until
        free_at = max(held, self._pace.free_at)
        if order.state.final:
            return self._last_words_due(card, held, free_at)
        if card.gone:
            return math.inf
        if order.card is None:
            return self._first_word_due(card, held)
        if self._text(card) == card.shown and card.preview is None:
            return math.inf
        if order.state is OrderState.QUEUED and self._only_time_changed(card):
            return max(free_at, card.shown_at + WAITING_REFRESH)
        return free_at

    def _first_word_due(self, card: Card, held: float) -> float:
        if card.order.state is OrderState.PREPARING:
            return max(held, card.born + PREPARING_GRACE)
        if card.order.state is OrderState.QUEUED and card.estimate is None:
            # The courier is about to look ahead, and the first word should be the right one.
            return math.inf
        return held

    def _last_words_due(self, card: Card, held: float, free_at: float) -> float:
        no_message = card.order.card is None or card.gone
        if card.settled:
            # The end is one call, and until then there is a button that does nothing any more.
            return held
        if no_message or not card.delayed or self._text(card) == card.shown:
            return math.inf
        return free_at

    def _only_time_changed(self, card: Card) -> bool:
        return card.shown is not None and card.standing == card.shown_as

    def _text(self, card: Card) -> str:
        words = self._library.words(card.order.language)
        if card.order.state is OrderState.DONE and not card.settled:
            return describe_delay(words)
        return describe(card.order, words, estimate=card.estimate, progress=card.progress)

    async def _serve(self, card: Card) -> None:
        try:
            async with card.lock:
                order = card.order
                if self._due(card) > self._clock():
                    # While the lock was held the card became something else's, or said it all.
                    return
                if order.state.final and card.settled:
                    await self._close(card)
                elif order.card is None:
                    await self._send(card)
                else:
                    await self._refresh(card, order.card)
        except TryLater as fault:
            delay = self._next_backoff(fault)
            log.info("chat %d: cards wait %.0f s: %s", self._chat_id, delay, fault)
            self._pace.hold(delay)
        except Unsure as fault:
            delay = self._next_backoff()
            log.info("chat %d: no answer about a card: %s", self._chat_id, fault)
            self._pace.hold(delay)
        except Unreachable as fault:
            log.info("chat %d cannot be written to: %s", self._chat_id, fault)
            card.gone = True
            await self._events.unreachable(self._chat_id)
        except Moved as fault:
            await self._events.moved(self._chat_id, fault.new_chat_id)
            # Until the courier has moved the cards, too.
            self._pace.hold(self._next_backoff())
        else:
            self._failures = 0

    def _next_backoff(self, fault: TelegramFault | None = None) -> float:
        self._failures += 1
        return BACKOFF.delay(self._failures, fault)

    async def _send(self, card: Card) -> None:
        order, text = card.order, self._text(card)
        words = self._library.words(order.language)
        keyboard = card_buttons(order, words)
        standing = card.standing
        card.sends += 1
        try:
            try:
                message_id = await self._client.say(
                    order.place, text, reply_to=order.reply_to, keyboard=keyboard
                )
            except TopicGone:
                message_id = await self._client.say(
                    replace(order.place, thread_id=None),
                    text,
                    reply_to=order.reply_to,
                    keyboard=keyboard,
                )
        except TryLater:
            card.sends -= 1
            raise
        except Unsure:
            card.gone = card.sends >= MAX_SENDS
            raise
        except Rejected as fault:
            log.warning("order %d: its card was refused: %s", order.id, fault)
            card.gone = True
            return
        self._has_shown(card, text, standing)
        await self._remember(card, message_id, has_photo=False)

    async def _refresh(self, card: Card, message_id: int) -> None:
        text, preview = self._text(card), card.preview
        standing = card.standing
        running = card.order.state is OrderState.RUNNING
        self._pace.edited()
        try:
            await self._edit(
                card, message_id, text, preview if running else None, client=self._optional
            )
        except NoRoom as fault:
            self._pace.rest(fault.wait)
        except MessageGone:
            await self._lost(card)
        except Rejected as fault:
            log.warning("order %d: an edit of its card was refused: %s", card.order.id, fault)
            self._has_shown(card, text, standing)
            card.preview = None if card.preview is preview else card.preview
        else:
            self._has_shown(card, text, standing)
            # A newer preview may have come meanwhile.
            card.preview = None if card.preview is preview or not running else card.preview

    def _has_shown(self, card: Card, text: str, standing: tuple[object, ...]) -> None:
        card.shown, card.shown_as, card.shown_at = text, standing, self._clock()

    async def _edit(
        self,
        card: Card,
        message_id: int,
        text: str,
        preview: bytes | None = None,
        *,
        client: Client | None = None,
    ) -> None:
        order = card.order
        client = client or self._client
        words = self._library.words(order.language)
        keyboard = None if order.state.final else card_buttons(order, words)
        if preview is not None:
            await client.edit_photo(
                order.place,
                message_id,
                preview,
                f"preview-{order.id}.jpg",
                caption=text,
                keyboard=keyboard,
            )
            if not order.card_has_photo:
                await self._remember(card, message_id, has_photo=True)
        elif order.card_has_photo:
            await client.edit_caption(order.place, message_id, text, keyboard)
        else:
            try:
                await client.edit_text(order.place, message_id, text, keyboard)
            except AlreadyPhoto:
                # The answer to the edit that made it a photo was lost.
                await self._remember(card, message_id, has_photo=True)
                await client.edit_caption(order.place, message_id, text, keyboard)

    async def _close(self, card: Card) -> None:
        """Delete a card whose painting stands beside it, or give it its last words; forget it."""
        message_id = card.order.card
        card.closings += 1
        if message_id is not None and not card.gone and card.closings <= MAX_CLOSINGS:
            if not await self._delete_for_painting(card, message_id):
                await self._say_last_words(card, message_id)
        elif card.closings > MAX_CLOSINGS:
            log.warning("order %d: its card stays open until the next start", card.order.id)
            self._forget(card)
            return
        if message_id is not None:
            await self._remember(card, None, has_photo=False)
        self._forget(card)

    async def _delete_for_painting(self, card: Card, message_id: int) -> bool:
        """Delete a card whose painting has arrived as another message; False where it stays."""
        async with self._ledger.begin() as transaction:
            painting = await transaction.painting_message(card.order.id)
        if painting is None or painting == message_id:
            return False
        try:
            await self._client.delete(card.order.place, message_id)
        except Rejected as fault:
            log.info("order %d: its card cannot be deleted: %s", card.order.id, fault)
            return False
        return True

    async def _say_last_words(self, card: Card, message_id: int) -> None:
        """Say how an order ended, and take the card's button away."""
        self._pace.edited()
        try:
            await self._edit(card, message_id, self._text(card))
        except MessageGone:
            log.debug("order %d: its card has been deleted", card.order.id)
        except Rejected as fault:
            log.warning("order %d: its card could not be closed: %s", card.order.id, fault)

    def _forget(self, card: Card) -> None:
        self.cards.pop(card.order.id, None)
        self._events.closed(card.order.id)

    async def _lost(self, card: Card) -> None:
        """Go on without a card that its chat has deleted."""
        card.gone = True
        await self._remember(card, None, has_photo=False)

    async def _remember(self, card: Card, message_id: int | None, *, has_photo: bool) -> None:
        async def remember(transaction: Transaction) -> Order | None:
            await transaction.set_card(card.order.id, message_id, has_photo=has_photo)
            order = await transaction.order(card.order.id)
            if order is None and message_id is not None:
                # Its person had it forgotten while the card was on its way.
                await transaction.drop_card(card.order, message_id)
            return order

        if (order := await self._ledger.perform(remember)) is not None:
            card.renew(order)
