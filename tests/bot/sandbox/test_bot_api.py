"""The part of the Bot API that the sandbox speaks against the machine-readable whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.decode import FILE, METHODS
from bot.sandbox.methods import HANDLERS
from tools.bot_api import OBJECTS, excerpt

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Specification


def test_every_method_of_the_table_is_carried_out() -> None:
    assert HANDLERS.keys() == METHODS.keys()


def test_the_table_is_the_specifications(specification: Specification) -> None:
    """A method that is new here, or a new Bot API, means: run `python -m tools.bot_api`."""
    whole = {"version": specification.version, "methods": specification.methods}
    assert json.loads(FILE.read_text()) == excerpt({**whole, "types": specification.types})


def test_an_excerpt_has_what_is_spoken() -> None:
    text = {"name": "text", "types": ["String"], "required": True, "description": "Text"}
    kind = {**text, "name": "type", "description": "Type of it, must be photo"}
    either = {**text, "name": "media", "types": ["A", "B"], "required": False}
    emoji = {**text, "name": "emoji", "description": 'It can be one of "👍", "👎" “so far”'}
    types = {name: {"fields": [kind, emoji, either]} for name in OBJECTS}
    unions = ("InputMedia", "ReactionType", "BotCommandScope")
    found = excerpt(
        {
            "version": "Bot API 0.1",
            "methods": {name: {"fields": [text]} for name in HANDLERS} | {"getMe": {}},
            "types": types | {name: {"subtypes": ["Other", OBJECTS[0]]} for name in unions},
        }
    )
    assert found["version"] == "Bot API 0.1"
    assert (found["methods"]["getMe"], found["methods"]["getFile"]) == ({}, {"text*": "String"})
    assert found["objects"]["User"] == {"type*": '"photo"', "emoji*": "String", "media": "A|B"}
    assert found["unions"] == {name: [OBJECTS[0]] for name in unions}
    assert found["reactions"] == ["👍", "👎"]


def test_the_checker_notices_what_is_wrong(specification: Specification) -> None:
    user = {"id": 1, "is_bot": False, "first_name": "Ada"}
    specification.check(["User"], user, "User")
    for wrong in ({**user, "shoe_size": 38}, {"id": 1, "is_bot": False}, {**user, "id": "1"}):
        with pytest.raises(AssertionError):
            specification.check(["User"], wrong, "User")
