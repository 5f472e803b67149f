"""The inbox: Telegram's updates, kept before they are confirmed, handled once and in order."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, Update
from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bot.studio.ledger.ledger import Ledger
from bot.telegram.errors import retry_after

ALLOWED_UPDATES: Final = ("message", "callback_query", "my_chat_member")
"""The kinds of updates that Atelier asks for; without a list the server keeps its old one."""

POLL_SECONDS: Final = 30
HANDLED_AT_ONCE: Final = 16
MOST_WAITING: Final = 500
"""Updates that may wait here before polling pauses; Telegram keeps the rest for a day."""

ATTEMPTS: Final = 2
STOP_SECONDS: Final = 2.0

_READ_SLACK: Final = 15
_LONGEST_BACKOFF: Final = 30.0
_CONFLICT_DELAY: Final = 10.0

# PTB turns this spelling into "getUpdates", too. The plain one makes it warn that there is
# `Bot.get_updates`, which parses a whole batch at once: one update that it could not parse
# would then hold up all.
_GET_UPDATES: Final = "get__updates"

log = logging.getLogger(__name__)

Lane = tuple[str, int]


class TokenRefused(Exception):
    """Telegram does not know the token: whoever runs the bot has to put it right."""

    def __init__(self) -> None:
        super().__init__("Telegram refuses the token (TELEGRAM_BOT_TOKEN).")


class Inbox:
    """Long-polls for updates and hands them on.

    An update is written to the ledger before its receipt is confirmed to Telegram, and stays
    there until it has been handled: a kill at any moment loses none. Updates of one chat are
    handled one after another, chats side by side. Button presses have a lane of their own beside
    their chat's, so that Cancel never waits for a photo that takes long.

    Args:
        bot: the initialised bot.
        ledger: where updates are kept.
        handle: handles one update; may see an update again after a crash.
        allowed_updates: the kinds of updates to ask for.
        poll_seconds: how long a poll waits for news.
    """

    def __init__(
        self,
        bot: Bot,
        ledger: Ledger,
        handle: Callable[[Update], Awaitable[None]],
        *,
        allowed_updates: tuple[str, ...] = ALLOWED_UPDATES,
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        self._bot = bot
        self._ledger = ledger
        self._handle = handle
        self._allowed_updates = allowed_updates
        self._poll_seconds = poll_seconds
        self._lanes: dict[Lane, deque[tuple[int, str]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(HANDLED_AT_ONCE)
        self._drained = asyncio.Event()
        self._drained.set()
        self._waiting = 0
        self._polling: asyncio.Task[None] | None = None
        self._stopping = False

    async def run(self) -> None:
        """Handle what was kept, then what comes, until `stop` is called or the task is cancelled.

        Raises:
            TokenRefused: Telegram does not accept the bot's token.
        """
        async with self._ledger.begin() as transaction:
            kept = await transaction.kept_updates()
        if kept:
            log.info("%d updates were kept and are handled now", len(kept))
        for update_id, payload in kept:
            self._put(update_id, payload)
        if self._stopping:
            return
        self._polling = asyncio.create_task(self._poll())
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

    async def _poll(self) -> None:
        # Sent once, to confirm the batch before; not kept: after a week of silence Telegram goes
        # on from a random id (Bot API: Update.update_id), which an old offset might confirm unread.
        offset: int | None = None
        failures = 0
        while True:
            await self._drained.wait()
            try:
                batch = await self._get_updates(offset)
                offset = await self._keep(batch)
            except (InvalidToken, EndPointNotFound):
                # Their texts may contain the token.
                raise TokenRefused from None
            except (TelegramError, SQLAlchemyError) as error:
                failures += 1
                delay = _delay_after(error, failures)
                log.warning("no updates: %s; next try in %.0f s", _describe(error), delay)
                await asyncio.sleep(delay)
            else:
                failures = 0

    async def _get_updates(self, offset: int | None) -> list[dict[str, Any]]:
        arguments: dict[str, Any] = {
            "timeout": self._poll_seconds,
            "allowed_updates": list(self._allowed_updates),
        }
        if offset is not None:
            arguments["offset"] = offset
        updates: list[dict[str, Any]] = await self._bot.do_api_request(
            _GET_UPDATES,
            api_kwargs=arguments,
            read_timeout=self._poll_seconds + _READ_SLACK,
            connect_timeout=10,
            pool_timeout=10,
        )
        return updates

    async def _keep(self, batch: list[dict[str, Any]]) -> int | None:
        """Write a batch down, then let it be handled; returns the offset that confirms it."""
        if not batch:
            return None
        new: list[tuple[int, str]] = []
        async with self._ledger.begin() as transaction:
            for update in batch:
                update_id, payload = int(update["update_id"]), json.dumps(update)
                if await transaction.keep_update(update_id, payload):
                    new.append((update_id, payload))
        for update_id, payload in new:
            self._put(update_id, payload)
        return int(batch[-1]["update_id"]) + 1

    def _put(self, update_id: int, payload: str) -> None:
        lane_name = _lane(json.loads(payload))
        self._waiting += 1
        if self._waiting >= MOST_WAITING:
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
                self._waiting -= 1
                if self._waiting < MOST_WAITING:
                    self._drained.set()
        finally:
            del self._lanes[lane_name]

    async def _see_through(self, update_id: int, payload: str) -> None:
        """Handle one update and let go of it, whatever its handler does."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                update = Update.de_json(json.loads(payload), self._bot)
                await self._handle(update)
            except Exception:
                # A poisonous update must not come again for ever.
                log.exception("update %d: attempt %d to handle it failed", update_id, attempt)
                await asyncio.sleep(0.1)
            else:
                break
        try:
            async with self._ledger.begin() as transaction:
                await transaction.update_handled(update_id)
        except SQLAlchemyError:
            log.exception("update %d will be handled again at the next start", update_id)


def _lane(update: Mapping[str, Any]) -> Lane:
    """Which updates must wait for one another: a chat's messages, a chat's button presses."""
    for kind, content in update.items():
        if not isinstance(content, Mapping):
            continue
        chat = content.get("chat") or (content.get("message") or {}).get("chat")
        owner = chat or content.get("from")
        if isinstance(owner, Mapping) and "id" in owner:
            return ("button" if kind == "callback_query" else "message", int(owner["id"]))
    return ("update", int(update["update_id"]))


def _delay_after(error: Exception, failures: int) -> float:
    if isinstance(error, RetryAfter):
        return retry_after(error)
    if isinstance(error, Conflict):
        return _CONFLICT_DELAY
    return float(min(2.0 ** min(failures - 1, 10), _LONGEST_BACKOFF))


def _describe(error: Exception) -> str:
    """An error in words that hold no address and no token."""
    if isinstance(error, Conflict):
        return "another process polls with the same token (409 Conflict)"
    return type(error.__cause__ or error).__name__
