"""Updates that Telegram brings by itself (Bot API: setWebhook)."""

import asyncio
import hmac
import json
import logging
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Bot, Update

from bot.http_server import serving
from bot.listen_address import ListenAddress
from bot.telegram.account import Account
from bot.telegram.backoff import Backoff
from bot.telegram.client import limited
from bot.telegram.errors import TelegramFault, TokenRefused
from bot.telegram.reading import has_id, read
from bot.telegram.updates import ALLOWED_UPDATES, RawUpdate

SETTING: Final = "WEBHOOK_LISTEN"
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)

BACKOFF: Final = Backoff(first=1.0, longest=60.0)
WATCH_SECONDS: Final = 60.0
"""How often Telegram is asked whether it still brings updates here."""

KEEP_SECONDS: Final = 10.0
"""How long an update may wait to be kept; after that Telegram brings it again."""

MOST_BYTES: Final = 1024 * 1024
"""An update holds texts and ids, no files."""

MOST_WAITING: Final = 200
"""Requests that may wait here; Telegram makes a hundred at once at most."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAddress:
    """Where Telegram brings updates to, where they are listened for, and what only it knows.

    Attributes:
        url: the public address; requests to any other path are refused.
        listen: where the requests come in.
        secret: what a request must hold in its header, 1 to 256 of A-Z, a-z, 0-9, _ and -.
    """

    url: str = field(repr=False)
    listen: ListenAddress
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Arrival:
    """An update that was brought, and whether it is kept."""

    update: RawUpdate
    kept: asyncio.Future[bool] = field(default_factory=asyncio.Future)


class Webhook:
    """Listens for updates, and has Telegram bring them.

    An update is confirmed (200) once it is kept; what is not kept in time, or comes while the bot
    stops, is refused (503), and Telegram brings it again. Whoever does not know the secret is told
    nothing (403). Telegram brings updates of one chat one after another.

    Args:
        bot: the initialised bot.
        address: where.
    """

    def __init__(self, bot: Bot, address: WebhookAddress) -> None:
        self._bot = limited(bot)
        self._account = Account(bot)
        self._address = address
        self._path = urlsplit(address.url).path or "/"
        self._secret = address.secret.encode()
        self._arrived: deque[_Arrival] = deque()
        self._news = asyncio.Event()
        self._is_set = False
        self._told: datetime | None = None

    def parse(self, raw: RawUpdate) -> Update:
        """See `UpdateSource.parse`."""
        return read(raw, self._bot)

    async def batches(self) -> AsyncGenerator[list[RawUpdate], None]:
        """See `UpdateSource.batches`; those that come while one is kept are the next.

        Raises:
            CannotListen: the system does not let it.
            TokenRefused: Telegram does not accept the bot's token.
        """
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._receive)
        async with serving(app, self._address.listen, setting=SETTING):
            staying = asyncio.create_task(self._stay_set(), name="webhook")
            staying.add_done_callback(lambda _: self._news.set())
            try:
                while True:
                    await self._news.wait()
                    self._news.clear()
                    if staying.done():
                        staying.result()
                    batch = [arrival for arrival in self._arrived if not arrival.kept.done()]
                    self._arrived.clear()
                    if not batch:
                        continue
                    kept = False
                    try:
                        yield [arrival.update for arrival in batch]
                        kept = True
                    finally:
                        _tell(batch, kept=kept)
            finally:
                staying.cancel()
                _tell(self._arrived, kept=False)

    async def _receive(self, request: web.Request) -> web.Response:
        secret = request.headers.get(SECRET_HEADER, "").encode(errors="replace")
        known = hmac.compare_digest(secret, self._secret)
        if not known or request.method != "POST" or request.rel_url.raw_path != self._path:
            return web.Response(status=403)
        update = await _read(request)
        if isinstance(update, int):
            return web.Response(status=update)
        if len(self._arrived) >= MOST_WAITING:
            return web.Response(status=503)
        arrival = _Arrival(update)
        self._arrived.append(arrival)
        self._news.set()
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                kept = await arrival.kept
        except TimeoutError:
            kept = False
        return web.Response(status=200 if kept else 503)

    async def _stay_set(self) -> None:
        """Set the webhook, and look after it for ever."""
        failures = 0
        while True:
            try:
                await self._look_after_it()
            except TokenRefused:
                raise
            except TelegramFault as fault:
                failures += 1
                delay = BACKOFF.delay(failures, fault)
                log.warning("no word of the webhook: %s; next try in %.0f s", fault, delay)
                await asyncio.sleep(delay)
            else:
                failures = 0
                await asyncio.sleep(WATCH_SECONDS)

    async def _look_after_it(self) -> None:
        """See that Telegram brings updates here; tell the host where it does not, and why."""
        status = await self._account.webhook()
        if status is None or not self._is_set:
            if status is not None and status.url != self._address.url:
                log.warning("A webhook was set, to %s, and is replaced", status.host)
            await self._account.set_webhook(
                self._address.url, self._address.secret, ALLOWED_UPDATES
            )
            log.info("Updates come by webhook to %s", urlsplit(self._address.url).hostname)
            self._is_set = True
            self._told = status.last_error_at if status is not None else None
        elif status.url != self._address.url:
            log.warning(
                "no updates: another program has set a webhook to %s; "
                "stop it and start this one again",
                status.host,
            )
        elif status.last_error_at != self._told:
            self._told = status.last_error_at
            log.warning(
                "Telegram cannot bring updates to %s (%s); %d wait there",
                status.host,
                status.last_error,
                status.waiting,
            )


async def _read(request: web.Request) -> RawUpdate | int:
    """The update that a request brings, or the HTTP status of the refusal."""
    try:
        update = json.loads(await request.read())
    except web.HTTPRequestEntityTooLarge as error:
        return error.status
    except (ValueError, RecursionError):
        return web.HTTPBadRequest.status_code
    return update if has_id(update) else web.HTTPBadRequest.status_code


def _tell(arrivals: Iterable[_Arrival], *, kept: bool) -> None:
    for arrival in arrivals:
        if not arrival.kept.done():
            arrival.kept.set_result(kept)
