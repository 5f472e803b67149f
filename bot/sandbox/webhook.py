"""Bringing updates to the bot's webhook, as Telegram does (Bot API, "setWebhook").

Updates of one chat go one after another, those of others beside them. What is not answered with
2xx is brought again after a while that doubles. It reaches this machine only.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.profile import LOOPBACK
from bot.sandbox.updates import Json, Update
from bot.sandbox.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)
FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 60.0
TIMEOUT_SECONDS = 10.0

_ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "Read timeout expired"),
    (aiohttp.ClientConnectorCertificateError, "SSL error {certificate verify failed}"),
    (aiohttp.ClientConnectorError, "Connection refused"),
    (aiohttp.ClientError, "Connection reset by peer"),
)


class Delivery:
    """Brings what waits, for as long as it runs and a webhook is set."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._under_way: dict[object, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session:
                while True:
                    self._world.updates.changed.clear()
                    self._begin(session)
                    await self._world.updates.changed.wait()
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _begin(self, session: aiohttp.ClientSession) -> None:
        webhook = self._world.profile.webhook
        if not webhook.url:
            return
        for update in self._world.updates.to_bring():
            lane = _lane(update)
            if len(self._under_way) >= webhook.max_connections:
                return
            if lane not in self._under_way:
                task = asyncio.create_task(self._bring(session, update))
                self._under_way[lane] = task
                task.add_done_callback(partial(self._ended, lane))

    def _ended(self, lane: object, _task: asyncio.Task[None]) -> None:
        del self._under_way[lane]
        self._world.updates.changed.set()

    async def _bring(self, session: aiohttp.ClientSession, update: Update) -> None:
        """Bring one update until it is taken, or until another webhook is set."""
        webhook = self._world.profile.webhook
        pause = FIRST_RETRY_SECONDS
        while webhook is self._world.profile.webhook:
            error = await _post(session, webhook.url, webhook.secret, update)
            if not error:
                self._world.updates.brought(update)
                return
            webhook.last_error = error
            webhook.last_error_date = self._world.now()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await webhook.replaced.wait()
            pause = min(2 * pause, LONGEST_RETRY_SECONDS)


async def _post(session: aiohttp.ClientSession, url: str, secret: str, update: Update) -> str:
    """Bring an update once; returns what went wrong in Telegram's words, empty if nothing did."""
    if urlsplit(url).hostname not in LOOPBACK:
        return "Failed to resolve host: Name or service not known"
    headers: Mapping[str, str] = {SECRET_HEADER: secret} if secret else {}
    try:
        async with session.post(url, json=update.to_json(), headers=headers) as answer:
            status = HTTPStatus(answer.status)
    except (TimeoutError, aiohttp.ClientError) as error:
        return next(words for kind, words in _ERRORS if isinstance(error, kind))
    return (
        "" if status // 100 == 2 else f"Wrong response from the webhook: {status} {status.phrase}"
    )


def _lane(update: Update) -> object:
    payload: Json = update.payload
    message = payload.get("message")
    chat = payload.get("chat") or (message.get("chat") if isinstance(message, dict) else None)
    return chat["id"] if isinstance(chat, dict) else update.update_id
