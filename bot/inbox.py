"""The inbox: Telegram's updates, kept before they are confirmed, handled once and in order."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import Update

from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.transaction import Transaction
from bot.telegram.reading import Unreadable
from bot.telegram.updates import RawUpdate, UpdateSource

HANDLED_AT_ONCE: Final = 16
MOST_WAITING: Final = 500
"""Updates that may wait here before no more are taken; Telegram keeps the rest for a day."""

ATTEMPTS: Final = 2
STOP_SECONDS: Final = 2.0

log = logging.getLogger(__name__)

Lane = tuple[str, int]


class Inbox:
    """Keeps updates and hands them on.

    An update is written to the ledger before its receipt is confirmed to Telegram, and stays
    there until it has been handled: a kill at any moment loses none. Updates of one chat are
    handled one after another, chats side by side. Button presses have a lane of their own beside
    their chat's, so that Cancel never waits for a photo that takes long.

    Args:
        source: where updates come from.
        ledger: where they are kept.
        handle: handles one update; may see an update again after a crash, or when an outage of
            the ledger ended it (LedgerUnavailable).
    """

    def __init__(
        self,
        source: UpdateSource,
        ledger: Ledger,
        handle: Callable[[Update], Awaitable[None]],
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._handle = handle
        self._lanes: dict[Lane, deque[tuple[int, str]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(HANDLED_AT_ONCE)
        self._drained = asyncio.Event()
        self._drained.set()
        self._waiting: set[int] = set()
        self._handled: list[int] = []
        self._letting_go = asyncio.Lock()
        self._polling: asyncio.Task[None] | None = None
        self._stopping = False

    async def run(self) -> None:
        """Handle what was kept, then what comes, until `stop` is called or the task is cancelled.

        Raises:
            TokenRefused: Telegram does not accept the bot's token.
        """
        kept = await self._ledger.perform(Transaction.kept_updates)
        if kept:
            log.info("%d updates were kept and are handled now", len(kept))
        for update_id, payload in kept:
            self._put(update_id, payload)
        if self._stopping:
            return
        self._polling = asyncio.create_task(self._take_in())
        try:
            await self._polling
        except asyncio.CancelledError:
            if not self._stopping:
                await self.stop()
                raise

    async def stop(self, grace: float = STOP_SECONDS) -> None:
        """Take no more updates; let handlers in flight finish for `grace` seconds.

        What is not finished stays in the ledger for the next start.
        """
        self._stopping = True
        if self._polling is not None:
            self._polling.cancel()
        for lane in self._lanes.values():
            lane.clear()
        tasks = set(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _take_in(self) -> None:
        async with aclosing(self._source.batches()) as batches:
            async for batch in batches:
                # Asking for the next batch confirms this one: nothing may delay it once it is kept.
                await self._drained.wait()
                await self._keep(batch)

    async def _keep(self, batch: list[RawUpdate]) -> None:
        """Write a batch down, however long the ledger takes, then let it be handled."""
        tries = 0

        async def write_down(transaction: Transaction) -> list[tuple[int, str]]:
            nonlocal tries
            tries += 1
            payloads = {int(update["update_id"]): json.dumps(update) for update in batch}
            new = await transaction.keep_updates(payloads)
            if tries == 1:
                return [
                    (update_id, payloads[update_id]) for update_id in payloads if update_id in new
                ]
            # The answer to the commit of an earlier try may have been lost.
            kept = await transaction.kept_updates()
            return [update for update in kept if update[0] not in self._waiting]

        for update_id, payload in await self._ledger.perform(write_down):
            self._put(update_id, payload)

    def _put(self, update_id: int, payload: str) -> None:
        lane_name = _lane(json.loads(payload))
        self._waiting.add(update_id)
        if len(self._waiting) >= MOST_WAITING:
            self._drained.clear()
        lane = self._lanes.get(lane_name)
        if lane is not None:
            lane.append((update_id, payload))
            return
        self._lanes[lane_name] = deque([(update_id, payload)])
        task = asyncio.create_task(self._clear(lane_name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _clear(self, lane_name: Lane) -> None:
        """Handle a lane's updates, one after another, until it is empty."""
        lane = self._lanes[lane_name]
        try:
            while lane:
                update_id, payload = lane.popleft()
                async with self._turns:
                    await self._see_through(update_id, payload)
                self._waiting.discard(update_id)
                if len(self._waiting) < MOST_WAITING:
                    self._drained.set()
        finally:
            del self._lanes[lane_name]

    async def _see_through(self, update_id: int, payload: str) -> None:
        """Handle one update and let go of it, whatever its handler does."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                update = self._source.parse(json.loads(payload))
                await self._ledger.through_outages(partial(self._handle, update))
            except Unreadable:
                log.warning("update %d cannot be read, and is let go", update_id)
                break
            except Exception:
                # A poisonous update must not come again for ever.
                log.exception("update %d: attempt %d to handle it failed", update_id, attempt)
                await asyncio.sleep(0.1)
            else:
                break
        await self._let_go(update_id)

    async def _let_go(self, update_id: int) -> None:
        """Write down that an update was handled, together with others that were meanwhile."""
        self._handled.append(update_id)
        async with self._letting_go:
            if update_id not in self._handled:
                return  # whoever was here before has taken it along
            handled, self._handled = self._handled, []
            try:
                await self._ledger.perform(lambda transaction: transaction.update_handled(*handled))
            except SQLAlchemyError:
                log.exception("updates %s will be handled again at the next start", handled)
            except BaseException:
                self._handled += handled
                raise


def _lane(update: Mapping[str, Any]) -> Lane:
    """Which updates must wait for one another: a chat's messages, a chat's button presses."""
    for kind, content in update.items():
        if not isinstance(content, Mapping):
            continue
        message = content.get("message")
        chat = content.get("chat") or (isinstance(message, Mapping) and message.get("chat"))
        owner = chat or content.get("from")
        if isinstance(owner, Mapping) and isinstance(owner.get("id"), int):
            return ("button" if kind == "callback_query" else "message", owner["id"])
    return ("update", int(update["update_id"]))
