"""Asking Telegram for what nobody waits for: as slowly as it likes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from telegram.error import RetryAfter

from bot.telegram.errors import retry_after

LONGEST_WAIT: Final = 3600.0
"""Seconds; where Telegram asks for more, as it does after many changes of a bot's name, the
matter rests until the next start."""

_T = TypeVar("_T")


async def patiently(call: Callable[[], Awaitable[_T]]) -> _T:
    """Make a call of the Bot API again and again while Telegram asks to slow down (429).

    Raises:
        RetryAfter: it asks for longer than `LONGEST_WAIT`.
        TelegramError: the call failed in any other way.
    """
    while True:
        try:
            return await call()
        except RetryAfter as error:
            delay = retry_after(error)
            if delay > LONGEST_WAIT:
                raise
            await asyncio.sleep(delay)
