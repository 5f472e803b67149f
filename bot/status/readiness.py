"""Whether the parts that the bot cannot do without answer."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Final

from bot.telegram.account import Account
from bot.telegram.errors import TelegramFault

PROBE_SECONDS: Final = 3.0
"""How long an answer is waited for; who asks /readyz has little more patience (Dockerfile)."""

FRESH_SECONDS: Final = 90.0
"""For how long an answer of Telegram's counts; a poll takes half a minute."""

_SERVER_ERROR: Final = 500


class Probe:
    """A question whose answer may be long in coming: it is asked once at a time.

    Args:
        ask: whether the part is there; may take as long as it likes.
    """

    def __init__(self, ask: Callable[[], Awaitable[bool]]) -> None:
        self._ask = ask
        self._asking: asyncio.Future[bool] | None = None

    async def answers(self) -> bool:
        """Whether a yes comes in time; a question that is still open then is not asked anew."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask())
        await asyncio.wait([self._asking], timeout=PROBE_SECONDS)
        return self._asking.done() and self._asking.result()

    async def close(self) -> None:
        """Want no answer any more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])


class TelegramContact:
    """Whether Telegram answers: judged by what the bot asks anyway, else by asking (getMe)."""

    def __init__(self) -> None:
        self._answered_at: float | None = None

    def heard(self, answer: str) -> None:
        """Take note of what came back on a request (`bot.telegram.counted_request`)."""
        well = answer.isdigit() and int(answer) < _SERVER_ERROR
        self._answered_at = time.monotonic() if well else None

    async def answers(self, account: Account) -> bool:
        """Whether it does."""
        if not self._is_fresh():
            with contextlib.suppress(TelegramFault):
                await account.me()
        return self._is_fresh()

    def _is_fresh(self) -> bool:
        if self._answered_at is None:
            return False
        return time.monotonic() - self._answered_at < FRESH_SECONDS
