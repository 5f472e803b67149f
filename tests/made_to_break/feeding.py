"""The wired bot with all real behind it but the painting, fed with updates over HTTP."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

from bot.chat.ordering import ordering
from bot.sandbox import Group, Person, Sandbox
from bot.sandbox.render import chat_json, user_json
from bot.sandbox.updates import Update
from bot.words import Library
from tests.bot.chat.conftest import USUAL_SIZES, House, _house, picture
from tests.made_to_break.updates import CONTENT, TYPES, Json, Sent

PATIENCE: Final = 200.0
_SPEAKING: Final = frozenset({"sendMessage", "sendPhoto", "sendDocument"})
_SERVICE: Final = frozenset(name.rstrip("*") for name in TYPES["Message"]) - {
    *CONTENT,
    *("caption", "caption_entities", "entities", "media_group_id", "reply_to_message"),
    *("external_reply", "quote", "forward_origin", "has_protected_content", "date", "chat", "from"),
    *("message_id", "edit_date", "author_signature", "link_preview_options", "sender_tag"),
}
"""Fields beside which nobody can say what a message is, so that its answer is not insisted on."""


class Complaints(logging.Handler):
    """What the log has of exceptions."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.records.append(record)

    def check(self) -> None:
        """See that there are none; those that there are are told once."""
        found, self.records = self.records, []
        shown = logging.Formatter()
        assert not found, "\n".join(map(shown.format, found))


@dataclass(frozen=True, slots=True)
class Odd(Update):
    """An update exactly as it is given here."""

    raw: Json = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return self.raw


@dataclass(slots=True)
class Feeder:
    """Feeds updates of people who are new to the bot, and sees that they are handled."""

    sandbox: Sandbox
    house: House
    group: Group
    complaints: Complaints
    files: dict[str, str]
    numbers: "count[int]" = field(default_factory=lambda: count(10_000_000))

    async def feed(self, sent: Sequence[Sent]) -> set[int]:
        """Have all of them handled; whoever waits for an answer gets one.

        Returns:
            Who waited for one.
        """
        since = len(self.sandbox.log)
        people: dict[int, Json] = {}
        queries: set[str] = set()
        for one in sent:
            raw = self._addressed(one)
            if one.kind == "message" and one.own and _is_clear(raw["message"]):
                people[raw["message"]["chat"]["id"]] = one.content
            if one.kind == "callback_query" and one.own:
                queries.add(raw["callback_query"]["id"])
            self._deliver(raw, one.kind)
        async with asyncio.timeout(PATIENCE):
            while self.sandbox.world.updates.unconfirmed or await self.house._busy():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        waiting = set(people)
        await self._until_answered(people, queries, since)
        self.complaints.check()
        return waiting

    def _deliver(self, raw: Json, kind: str) -> None:
        queue = self.sandbox.world.updates
        update = Odd(raw["update_id"], kind, {}, raw)
        queue._pending.append(update)
        queue._wake()

    def _addressed(self, one: Sent) -> Json:
        """The update, from somebody who never wrote before."""
        number = next(self.numbers)
        content: Json = self._filled(one.content)
        if one.own:
            person = self._newcomer()
            chats = {
                "private": chat_json(person.chat),
                "group": chat_json(self.group.chat),
                "topic": {**chat_json(self.group.chat), "is_forum": True},
            }
            for message in (content, content.get("message")):
                if isinstance(message, dict) and str(message.get("chat")) in chats:
                    message["chat"] = chats[str(message["chat"])]
            content["from"] = user_json(person.user)
            if one.kind == "message":
                content |= {"message_id": number, "date": self.sandbox.world.now()}
            else:
                content["id"] = str(number)
        return {"update_id": number, one.kind: content}

    def _newcomer(self) -> Person:
        person = self.sandbox.person("Ada")
        person.chat.started = True
        self.group.add(person)
        return person

    def _filled(self, value: Any) -> Any:  # noqa: ANN401 (any JSON)
        """The same with files that there are."""
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, dict):
            return {
                name: self.files.get(one, one)
                if name == "file_id" and isinstance(one, str)
                else self._filled(one)
                for name, one in value.items()
            }
        return value

    async def _until_answered(self, people: dict[int, Json], queries: set[str], since: int) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while people or queries:
            for call in self.sandbox.calls(since=since):
                if call.method in _SPEAKING:
                    people.pop(int(str(call.params["chat_id"])), None)
                elif call.method == "answerCallbackQuery":
                    queries.discard(str(call.params["callback_query_id"]))
            assert loop.time() < until, f"nobody answered {people} {queries}"
            if people or queries:
                await asyncio.sleep(0.02)


def _is_clear(message: Json) -> bool:
    """Whether it is something that a person sends in private, and nothing else."""
    private = message["chat"]["type"] == "private"
    filled = {name for name, value in message.items() if value}
    return private and bool(filled & set(CONTENT)) and not filled & _SERVICE


@asynccontextmanager
async def feeding(folder: Path) -> AsyncIterator[Feeder]:
    """A bot at work, and somebody who feeds it."""
    complaints = Complaints()
    ordering.FETCHING_WAIT = 0.05
    root = logging.getLogger()
    async with Sandbox() as sandbox:
        opened = _house(
            sandbox,
            folder,
            {},
            library=Library(),
            most_styles=4,
            sizes=USUAL_SIZES,
            album_quiet=0.1,
        )
        async with opened as house:
            owner = sandbox.person("Owner")
            group = sandbox.group("Group", owner)
            stored = sandbox.world.files
            files = {
                "picture": stored.add(picture(1), "photos", ".jpg").file_id,
                "no picture": stored.add(b"no picture", "documents", ".png").file_id,
            }
            root.addHandler(complaints)
            try:
                yield Feeder(sandbox, house, group, complaints, files)
            finally:
                root.removeHandler(complaints)
        complaints.check()
