"""The application of python-telegram-bot, made and introduced to Telegram."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from telegram.ext import Application, ApplicationBuilder

from bot.telegram.account import Account
from bot.telegram.backoff import Backoff
from bot.telegram.client import TRANSFER_SECONDS
from bot.telegram.counted_request import CountedRequest, Heard, unheard
from bot.telegram.errors import TelegramFault, TokenRefused
from bot.telegram.rate_limits import Limits, RateLimiter

AnyApplication = Application[Any, Any, Any, Any, Any, Any]

CONNECTIONS: Final = 32
CONNECT_SECONDS: Final = 10.0
CALL_SECONDS: Final = 15.0
BACKOFF: Final = Backoff(first=1.0, longest=60.0)

log = logging.getLogger(__name__)


def application_for(
    token: str, api_url: str, *, limits: Limits | None = None, heard: Heard = unheard
) -> AnyApplication:
    """An application without updater, whose bot keeps Telegram's limits and gives up in time.

    Args:
        token: the bot's.
        api_url: the Bot API server, without a slash at its end.
        limits: Telegram's.
        heard: is told of each request.
    """

    def request(connections: int) -> CountedRequest:
        return CountedRequest(
            heard,
            connection_pool_size=connections,
            pool_timeout=CONNECT_SECONDS,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=CALL_SECONDS,
            write_timeout=CALL_SECONDS,
            media_write_timeout=TRANSFER_SECONDS,
        )

    return (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{api_url}/bot")
        .base_file_url(f"{api_url}/file/bot")
        .rate_limiter(RateLimiter(limits))
        .updater(None)
        .concurrent_updates(True)
        .request(request(CONNECTIONS))
        .get_updates_request(request(1))
        .build()
    )


@asynccontextmanager
async def initialised(
    application: AnyApplication, *, waiting: Callable[[], None] = lambda: None
) -> AsyncGenerator[None, None]:
    """Introduce the bot to Telegram (getMe), as long as it takes: a network may come up late.

    Args:
        application: the bot's.
        waiting: is called whenever Telegram does not answer.

    Raises:
        TokenRefused: Telegram does not accept the token.
    """
    failures = 0
    try:
        while True:
            try:
                await application.initialize()
                break
            except TokenRefused:
                raise
            except TelegramFault as fault:
                failures += 1
                waiting()
                delay = BACKOFF.delay(failures, fault)
                log.warning("Telegram does not answer (%s); next try in %.0f s", fault, delay)
                await asyncio.sleep(delay)
        yield
    finally:
        await application.shutdown()
        # An application whose start has failed leaves its bot's connections open.
        await application.bot.shutdown()


@asynccontextmanager
async def account_of(token: str, api_url: str) -> AsyncGenerator[Account, None]:
    """The account of a bot that does not run, to ask about it; one try (getMe).

    Raises:
        TelegramFault: Telegram could not be asked.
    """
    bot = application_for(token, api_url).bot
    try:
        await bot.initialize()
        yield Account(bot)
    finally:
        await bot.shutdown()
