"""Updates made to break the bot; `python -m tests.made_to_break updates` makes many more."""

import contextlib
import json
from pathlib import Path

import pytest
from telegram import Bot

from bot.telegram.reading import Unreadable, read
from tests.bot.sandbox.conftest import SPECIFICATION
from tests.made_to_break.campaign import Run, feed_updates
from tests.made_to_break.feeding import feeding
from tests.made_to_break.specification import excerpt, known_types
from tests.made_to_break.updates import CONTENT, TYPES, Json, Sent, least

BY_THEMSELVES = {"message_id*", "from", "date*", "chat*", "sender_chat"}


@pytest.fixture(autouse=True)
def _seconds_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what python-telegram-bot will do in its next version, without its warning."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


def fields() -> dict[str, Json]:
    """Messages with one field of the specification each, as little of it as must be."""
    described = TYPES["Message"]
    assert isinstance(described, dict)
    return {
        name: {name.rstrip("*"): least(kinds)}
        for name, kinds in described.items()
        if name not in BY_THEMSELVES
    }


def test_the_types_are_the_specifications() -> None:
    if not SPECIFICATION.exists():
        pytest.skip("the machine-readable Bot API is not here")
    assert known_types() == excerpt(json.loads(SPECIFICATION.read_text()))


async def test_every_kind_of_message_is_handled_and_what_people_send_is_answered(
    tmp_path: Path,
) -> None:
    assert set(CONTENT) <= fields().keys()
    private = [
        Sent(kind="message", content={**content, "chat": "private", "from": "person"})
        for content in fields().values()
    ]
    async with feeding(tmp_path) as feeder:
        answered = await feeder.feed(private)
    assert len(answered) == len(CONTENT)


@pytest.mark.parametrize("name", sorted(fields()))
def test_a_kind_of_message_without_what_it_must_have_is_read_or_let_go(name: str) -> None:
    base = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "x"}
    bot = Bot("1:x")
    for field, value in fields()[name].items():
        part = value[0] if isinstance(value, list) else value
        for missing in part if isinstance(part, dict) else ():
            less = {other: inner for other, inner in part.items() if other != missing}
            odd = [less] if isinstance(value, list) else less
            with contextlib.suppress(Unreadable):
                update = read({"update_id": 1, "message": {**base, field: odd}}, bot)
                assert update.message is not None


def test_a_hundred_updates_of_any_kind(tmp_path: Path) -> None:
    feed_updates(Run(examples=100), tmp_path)
