"""Fetching updates by long polling."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any, Final

from telegram import Bot, Update

from bot.telegram.account import Account
from bot.telegram.backoff import Backoff
from bot.telegram.client import limited
from bot.telegram.errors import (
    BadAnswer,
    TelegramFault,
    TokenRefused,
    UpdatesTakenElsewhere,
    understood,
)
from bot.telegram.reading import has_id, read
from bot.telegram.updates import ALLOWED_UPDATES, RawUpdate

POLL_SECONDS: Final = 30
BACKOFF: Final = Backoff(first=1.0, longest=30.0)

_READ_SLACK: Final = 15
_CONFLICT_DELAY: Final = 10.0

# PTB turns this spelling into "getUpdates", too. The plain one makes it warn that there is
# `Bot.get_updates`, which parses a whole batch at once: one update that it could not parse
# would then hold up all.
_GET_UPDATES: Final = "get__updates"

log = logging.getLogger(__name__)


class Polling:
    """Long-polls for updates.

    Args:
        bot: the initialised bot.
        poll_seconds: how long a poll waits for news.
    """

    def __init__(self, bot: Bot, *, poll_seconds: int = POLL_SECONDS) -> None:
        self._bot = limited(bot)
        self._account = Account(bot)
        self._poll_seconds = poll_seconds

    def parse(self, raw: RawUpdate) -> Update:
        """See `UpdateSource.parse`."""
        return read(raw, self._bot)

    async def batches(self) -> AsyncGenerator[list[RawUpdate], None]:
        """See `UpdateSource.batches`.

        A webhook that an earlier program left behind is removed; what waits stays.
        """
        # Sent once, to confirm the batch before; not kept: after a week of silence Telegram goes
        # on from a random id (Bot API: Update.update_id), which an old offset might confirm unread.
        offset: int | None = None
        failures = 0
        may_poll = False
        while True:
            try:
                if not may_poll:
                    await self._remove_webhook()
                    may_poll = True
                batch = await self._get_updates(offset)
            except TokenRefused:
                raise
            except UpdatesTakenElsewhere:
                log.warning("no updates: %s (409 Conflict)", await self._taker())
                await asyncio.sleep(_CONFLICT_DELAY)
            except TelegramFault as fault:
                failures += 1
                delay = BACKOFF.delay(failures, fault)
                log.warning("no updates: %s; next try in %.0f s", fault, delay)
                await asyncio.sleep(delay)
            else:
                failures = 0
                offset = None
                if batch:
                    yield batch
                    offset = int(batch[-1]["update_id"]) + 1

    async def _remove_webhook(self) -> None:
        webhook = await self._account.webhook()
        if webhook is not None:
            await self._account.remove_webhook()
            log.warning(
                "A webhook was set, to %s, and is removed: updates come here now", webhook.host
            )

    async def _get_updates(self, offset: int | None) -> list[RawUpdate]:
        arguments: dict[str, Any] = {
            "timeout": self._poll_seconds,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        if offset is not None:
            arguments["offset"] = offset
        with understood():
            updates = await self._bot.do_api_request(
                _GET_UPDATES,
                api_kwargs=arguments,
                read_timeout=self._poll_seconds + _READ_SLACK,
                connect_timeout=10,
                pool_timeout=10,
            )
        if not isinstance(updates, list) or not all(map(has_id, updates)):
            raise BadAnswer("they are no updates")
        return updates

    async def _taker(self) -> str:
        """Who gets the updates instead, in words; a webhook is not taken away from its program."""
        try:
            webhook = await self._account.webhook()
        except TelegramFault as fault:
            return f"another process polls with the same token, or a webhook is set ({fault})"
        if webhook is None:
            return "another process polls with the same token"
        return (
            f"another program has set a webhook to {webhook.host}; stop it and start this one again"
        )
