"""How often people were told something, and whether the bot could have known that they were."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from bot.sandbox import Call, EventKind, Message, Sandbox
from tests.campaign.journal import Journal

_NOTED_SECONDS: Final = 2.0
"""Within these the bot writes down that something has arrived, on a machine as busy as may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The bot's message as it stood at one moment."""

    at: float
    message: Message


class Telling:
    """What was said in all chats, and by which calls."""

    def __init__(self, sandbox: Sandbox, journal: Journal) -> None:
        self._journal = journal
        self._calls: dict[tuple[int, int], list[Call]] = defaultdict(list)
        for call in sandbox.log:
            if (result := _result(call)) is not None:
                self._calls[result["chat"]["id"], result["message_id"]].append(call)
        self._said: dict[int, list[Said]] = defaultdict(list)
        for event in sandbox.world.events:
            shown = event.message
            if shown is None or shown.author != sandbox.world.bot:
                continue
            if event.kind in {EventKind.MESSAGE, EventKind.EDIT}:
                self._said[event.chat.id].append(Said(at=event.at, message=shown))

    def in_chat(self, chat_id: int) -> list[Said]:
        """Everything that the bot said in a chat, oldest first, with what it edited."""
        return self._said[chat_id]

    def messages(self, chat_id: int, wanted: Sequence[str]) -> list[Said]:
        """The messages in a chat that said any of these words, each as it first did."""
        found: dict[int, Said] = {}
        for said in self._said[chat_id]:
            if any(words in said.message.words for words in wanted):
                found.setdefault(said.message.message_id, said)
        return list(found.values())

    def everywhere(self) -> Iterator[Said]:
        """The same of all chats."""
        for said in self._said.values():
            yield from said

    def once(self, told: Sequence[Said]) -> bool:
        """Whether something was told once, as far as the bot could know.

        Args:
            told: each message that told it. But for the last the bot could not know of any that
                it had arrived.
        """
        first = {one.message.message_id: one for one in reversed(told)}
        ordered = sorted(first.values(), key=lambda one: one.at)
        return all(self.unsure(one) for one, _ in pairwise(ordered))

    def unsure(self, said: Said) -> bool:
        """Whether the bot could not know that this had arrived.

        The answer was lost; or it stood still and gave up waiting for it; or it died before it
        could write it down.
        """
        call = self._call(said)
        if call is None or call.lost:
            return True
        journal = self._journal
        soon = said.at + _NOTED_SECONDS
        if any(trouble.overlaps(call.at, soon) for trouble in journal.frozen):
            return True
        return any(
            death >= call.at and journal.healthy_seconds(call.at, death) <= _NOTED_SECONDS
            for death in journal.deaths
        )

    def _call(self, said: Said) -> Call | None:
        """The call that brought this about: the last one of its message that came before it."""
        message = said.message
        calls = self._calls[message.chat.id, message.message_id]
        return next((call for call in reversed(calls) if call.at <= said.at), None)


def _result(call: Call) -> dict[str, Any] | None:
    result = call.result
    return result if isinstance(result, dict) and "message_id" in result else None
