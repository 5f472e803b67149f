"""Faults on demand: what a network and a busy server do to a bot."""

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from bot.sandbox import errors
from bot.sandbox.errors import ApiError


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call.

    Attributes:
        error: Refusal to answer with.
        lost: Close the connection without an answer.
        delay: Seconds to wait first.
        gate: Wait until this is set.
        after_effect: Whether the call is carried out all the same, before it goes wrong.
    """

    error: ApiError | None = None
    lost: bool = False
    delay: float = 0.0
    gate: asyncio.Event | None = field(default=None, compare=False)
    after_effect: bool = False


def retry_after(seconds: int) -> Fault:
    """429 with ``retry_after``."""
    return Fault(error=errors.too_many_requests(seconds))


def lost_request() -> Fault:
    """The connection breaks before anything has happened."""
    return Fault(lost=True)


def lost_response() -> Fault:
    """The call is carried out, then the connection breaks."""
    return Fault(lost=True, after_effect=True)


def delay(seconds: float, *, after_effect: bool = False) -> Fault:
    """The call takes so long, before or after it has its effect."""
    return Fault(delay=seconds, after_effect=after_effect)


def hold(gate: asyncio.Event, *, after_effect: bool = False) -> Fault:
    """The call waits until the test sets the gate."""
    return Fault(gate=gate, after_effect=after_effect)


def blocked() -> Fault:
    """403, as if the user had blocked the bot."""
    return Fault(error=errors.bot_blocked())


def bad_gateway(*, after_effect: bool = False) -> Fault:
    """502 with an HTML page, as the proxy before the server answers."""
    return Fault(error=errors.bad_gateway(), after_effect=after_effect)


def not_modified() -> Fault:
    """400 "message is not modified"."""
    return Fault(error=errors.not_modified())


def refusal(error: ApiError) -> Fault:
    """Any other refusal."""
    return Fault(error=error)


@dataclass(slots=True)
class _Rule:
    pattern: str
    fault: Fault
    left: int | None
    skip: int
    chat: int | None


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(
        self,
        methods: str,
        fault: Fault,
        *,
        times: int | None = 1,
        skip: int = 0,
        chat: int | None = None,
    ) -> None:
        """Let calls go wrong.

        Args:
            methods: Name or pattern of methods: "sendPhoto", "edit*", "*"; "download" stands
                for fetching a file.
            fault: What goes wrong.
            times: How many calls; None for all until `clear`.
            skip: How many calls go well first.
            chat: Only calls for this chat.
        """
        self._rules.append(_Rule(methods, fault, times, skip, chat))

    def clear(self) -> None:
        """Let everything go well from now on."""
        self._rules.clear()

    def take(self, method: str, chat: object) -> Fault | None:
        """Use up the first fault that is meant for this call."""
        for rule in self._rules:
            if not fnmatchcase(method, rule.pattern) or rule.chat not in {None, chat}:
                continue
            if rule.left == 0:
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            if rule.left is not None:
                rule.left -= 1
            return rule.fault
        return None
