"""How often Telegram may be spoken to: in one chat, in one group, and in all.

Telegram publishes no exact limits; its FAQ ("My bot is hitting limits, how do I avoid this?")
names about one message per second in a chat, where short bursts pass, twenty per minute in a
group and about thirty per second in all; edits count like messages. An answer of 429 carries
`retry_after`. For how much of the bot that holds is not said: here it holds what is as urgent or
less in the chat in which it was met and, for a call that concerns no chat, that method. What is
more urgent may ask for itself, so that no painting waits for what edits have brought about. A
limit on all calls together would answer 429 in each chat, and thereby hold each.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.telegram.errors import NoRoom, retry_after, understood

PATIENCE_ENDS: Final = 20.0
"""Seconds after which a call that waits goes before those that came later, whatever they are."""

_UNKNOWN: Final = 1.0
"""Seconds to name where room depends on calls whose end nobody knows."""

_TICK: Final = 1e-6
_MANY_CHATS: Final = 1000


class Priority(IntEnum):
    """Who is let in first."""

    MUST_ARRIVE = 1
    AWAITED = 2
    OPTIONAL = 3


_SHARES: Final = {Priority.MUST_ARRIVE: 1.0, Priority.AWAITED: 0.9, Priority.OPTIONAL: 0.75}
"""Of each limit, the part that calls may fill up; the rest is kept free for the more urgent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """What a call is worth (python-telegram-bot's `rate_limit_args`).

    `patience` is how many seconds it may wait for room; then it is refused with `NoRoom`.
    """

    priority: Priority
    patience: float


DELIVERY: Final = Urgency(priority=Priority.MUST_ARRIVE, patience=0.9)
"""What must arrive. A 429 asks for a second at least: that wait is better noted in the outbox."""

PRESS: Final = Urgency(priority=Priority.MUST_ARRIVE, patience=5.0)
"""The answer to a button, whose clock is running."""

ANSWER: Final = Urgency(priority=Priority.AWAITED, patience=2.0)
"""What somebody in the chat waits for."""

PROGRESS: Final = Urgency(priority=Priority.OPTIONAL, patience=0.0)
"""What may be skipped: a newer one follows."""

BACKGROUND: Final = Urgency(priority=Priority.OPTIONAL, patience=3600.0)
"""What nobody waits for: the bot's menus and profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The calls that may fall within so many seconds: (calls, seconds)."""

    chat: tuple[int, float] = (10, 10.0)
    group: tuple[int, float] = (20, 60.0)
    overall: tuple[int, float] = (30, 1.0)


class Window:
    """The calls of the last so many seconds.

    Telegram counts a call at some moment between its beginning and its end. Here it counts from
    its beginning until so many seconds after its end: then Telegram can never count too many.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._under_way = 0
        self._ends: deque[float] = deque()

    def begin(self) -> None:
        """Count a call that begins now."""
        self._under_way += 1

    def end(self, now: float | None) -> None:
        """Note that a call has ended; None: that it was never made."""
        self._under_way -= 1
        if now is not None:
            self._ends.append(now)

    def free_at(self, now: float, share: float) -> float:
        """When a call may begin that fills at most this share; inf: once others have ended."""
        while self._ends and self._ends[0] + self._seconds <= now:
            self._ends.popleft()
        usable = max(1, int(self._most * share))
        surplus = self._under_way + len(self._ends) - usable
        if surplus < 0:
            return now
        return self._ends[surplus] + self._seconds if surplus < len(self._ends) else math.inf

    def idle(self, now: float) -> bool:
        """Whether it holds no call."""
        return not self._under_way and (not self._ends or self._ends[-1] + self._seconds <= now)


@dataclass(slots=True, eq=False)
class _Waiting:
    """A call that waits to be let in, since when, and what holds it up."""

    urgency: Urgency
    since: float
    held_by: int | str
    windows: tuple[Window, ...]
    admitted: asyncio.Future[None] = field(default_factory=asyncio.Future)

    def priority(self, now: float) -> Priority:
        """Its own, until it has waited so long that nobody may pass it any more."""
        if now - self.since >= PATIENCE_ENDS:
            return Priority.MUST_ARRIVE
        return self.urgency.priority


class RateLimiter(BaseRateLimiter[Urgency]):
    """Lets calls in by priority, then in the order in which they came, as Telegram's limits allow.

    What must arrive never waits behind what may be skipped: the latter leaves a part of every
    limit free, and does not queue. After a 429 the call is made again as soon as Telegram allows,
    if its patience lasts that long. Each call of the bot but getUpdates comes through here, so that
    here its errors become those of `bot.telegram.errors`.

    Args:
        limits: Telegram's.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._overall = Window(*self._limits.overall)
        self._chats: dict[int, tuple[Window, ...]] = {}
        self._held: dict[tuple[int | str, Priority], float] = {}
        self._line: list[_Waiting] = []
        self._timer: asyncio.TimerHandle | None = None

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Look after the line no more."""
        if self._timer is not None:
            self._timer.cancel()

    async def process_request(  # noqa: PLR0917 - as the base class has it
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]],
        args: Any,  # noqa: ANN401 - as the base class has it
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Urgency | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Make a call once there is room for it.

        Raises:
            NoRoom: its patience is too short; it has had no effect.
            TelegramFault: the call failed in any other way than by 429.
        """
        loop = asyncio.get_running_loop()
        urgency = rate_limit_args or ANSWER
        begun = loop.time()
        deadline = begun + urgency.patience
        chat_id = data.get("chat_id")
        windows: tuple[Window, ...] = (self._overall,)
        held_by: int | str = endpoint
        # Reading is no message in the chat that is read about.
        if isinstance(chat_id, int) and not endpoint.startswith("get"):
            windows += self._windows(chat_id, begun)
            held_by = chat_id
        with understood():
            while True:
                await self._turn(_Waiting(urgency, begun, held_by, windows), deadline)
                try:
                    return await callback(*args, **kwargs)
                except RetryAfter as error:
                    until = loop.time() + retry_after(error)
                    key = held_by, urgency.priority
                    self._held[key] = max(self._held.get(key, until), until)
                finally:
                    self._give_back(windows, loop.time())

    async def _turn(self, waiting: _Waiting, deadline: float) -> None:
        """Wait in line with the others until the call may begin, and count it."""
        loop = asyncio.get_running_loop()
        self._line.append(waiting)
        self._admit()
        if waiting.admitted.done():
            return
        free_at = self._free_at(waiting, loop.time())
        if free_at <= deadline or math.isinf(free_at):
            try:
                await asyncio.wait([waiting.admitted], timeout=max(0.0, deadline - loop.time()))
            except asyncio.CancelledError:
                if waiting.admitted.done():
                    self._give_back(waiting.windows, None)
                else:
                    self._line.remove(waiting)
                raise
        if not waiting.admitted.done():
            self._line.remove(waiting)
            delay = self._free_at(waiting, loop.time()) - loop.time()
            raise NoRoom(_UNKNOWN if math.isinf(delay) else max(delay, _TICK))

    def _admit(self) -> None:
        """Let in whoever may go now, and look again when the next one may."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._line.sort(key=lambda waiting: (waiting.priority(now), waiting.since))
        next_at = math.inf
        # Nobody passes those before them: where these find no room, a smaller share finds none.
        for waiting in list(self._line):
            free_at = self._free_at(waiting, now)
            if free_at > now + _TICK:
                next_at = min(next_at, free_at, _promoted_at(waiting, now))
                continue
            self._line.remove(waiting)
            for window in waiting.windows:
                window.begin()
            waiting.admitted.set_result(None)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if math.isinf(next_at) else loop.call_at(next_at, self._admit)

    def _give_back(self, windows: tuple[Window, ...], now: float | None) -> None:
        for window in windows:
            window.end(now)
        self._admit()

    def _free_at(self, waiting: _Waiting, now: float) -> float:
        share = _SHARES[waiting.priority(now)]
        holds = (
            self._held.get((waiting.held_by, priority), now)
            for priority in Priority
            if priority <= waiting.urgency.priority
        )
        return max(*holds, *(window.free_at(now, share) for window in waiting.windows))

    def _windows(self, chat_id: int, now: float) -> tuple[Window, ...]:
        if len(self._chats) > _MANY_CHATS:
            self._forget(now)
        windows = self._chats.get(chat_id)
        if windows is None:
            windows = (Window(*self._limits.chat),)
            if chat_id < 0:
                windows += (Window(*self._limits.group),)
            self._chats[chat_id] = windows
        return windows

    def _forget(self, now: float) -> None:
        """Let go of the chats in which nothing has happened lately."""
        in_line = {waiting.held_by for waiting in self._line}
        for chat_id, windows in list(self._chats.items()):
            if chat_id not in in_line and all(window.idle(now) for window in windows):
                del self._chats[chat_id]
        self._held = {held: until for held, until in self._held.items() if until > now}


def _promoted_at(waiting: _Waiting, now: float) -> float:
    """When a call that waits comes to be let in before others; inf if it is by now."""
    promoted_at = waiting.since + PATIENCE_ENDS
    return promoted_at if promoted_at > now else math.inf


PRIVATE_INTERVAL: Final = 2.0
"""Least seconds between two edits of cards in a private chat."""

GROUP_INTERVAL: Final = 4.0
"""Least seconds between two edits of cards in a group, whose limit of twenty a minute counts
edits."""

Clock = Callable[[], float]


class Pace:
    """When one chat's cards may be edited next.

    Args:
        interval: least seconds between two edits.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, interval: float, *, clock: Clock = time.monotonic) -> None:
        self._interval = interval
        self._clock = clock
        self._next = clock()
        self._held_until = clock()

    def edited(self) -> None:
        """Note that an edit begins now."""
        self._next = self._clock() + self._interval

    def rest(self, seconds: float) -> None:
        """Make no progress edit for `seconds`, where the chat has no room for it."""
        self._next = max(self._next, self._clock() + seconds)

    def hold(self, seconds: float) -> None:
        """Edit nothing for `seconds`, as an answer of 429 asks; a longer hold wins."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    @property
    def free_at(self) -> float:
        """The clock's time from which the next progress edit may be made."""
        return max(self._next, self._held_until)

    @property
    def held_until(self) -> float:
        """The clock's time until which nothing at all may be edited."""
        return self._held_until
