"""`python -m tools.bot_api SPECIFICATION`: write `bot/sandbox/bot_api.json`.

The sandbox checks calls against the part of the Bot API that it speaks: the methods that it
carries out, and the objects below. The specification is the machine-readable one of
https://github.com/PaulSonOfLars/telegram-bot-api-spec (`api.json`).
"""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bot.sandbox.decode import FILE
from bot.sandbox.methods import HANDLERS

OBJECTS: Final = (
    *("InlineKeyboardMarkup", "InlineKeyboardButton", "CopyTextButton"),
    *("ReplyKeyboardMarkup", "KeyboardButton", "ReplyKeyboardRemove", "ForceReply"),
    *("ReplyParameters", "MessageEntity", "User", "LinkPreviewOptions", "BotCommand"),
    *("InputMediaPhoto", "InputMediaDocument", "InputMediaAnimation", "ReactionTypeEmoji"),
    *("BotCommandScopeDefault", "BotCommandScopeAllPrivateChats", "BotCommandScopeAllGroupChats"),
    *("BotCommandScopeAllChatAdministrators", "BotCommandScopeChat"),
    *("BotCommandScopeChatAdministrators", "BotCommandScopeChatMember"),
)
UNIONS: Final = ("InputMedia", "ReactionType", "BotCommandScope")
"""Objects of several kinds, told apart by their field `type`; those in `OBJECTS` are known."""


def excerpt(specification: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the specification that the sandbox speaks.

    Returns:
        `version`; `methods` and `objects`, each with its fields by name (a star after those that
        are required) and their types as the documentation spells them, divided by `|`, or in
        quotes the one value that is allowed; `unions`, each with its objects; `reactions`.
    """
    methods, types = specification["methods"], specification["types"]
    reaction = _field(types["ReactionTypeEmoji"], "emoji")["description"]
    return {
        "version": specification["version"],
        "methods": {name: _fields(methods[name]) for name in HANDLERS},
        "objects": {name: _fields(types[name]) for name in OBJECTS},
        "unions": {
            name: [one for one in types[name]["subtypes"] if one in OBJECTS] for name in UNIONS
        },
        "reactions": re.findall(r'"([^"]+)"', reaction.partition("“")[0]),
    }


def _fields(described: Mapping[str, Any]) -> dict[str, str]:
    return {
        field["name"] + "*" * field["required"]: _types(field)
        for field in described.get("fields", [])
    }


def _types(field: Mapping[str, Any]) -> str:
    only = re.search(r'(?:must be|always) "?(\w+)"?$', field["description"])
    if field["name"] == "type" and only is not None:
        return f'"{only[1]}"'
    return "|".join(field["types"])


def _field(described: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return next(field for field in described["fields"] if field["name"] == name)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; see this module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tools.bot_api", description=__doc__)
    parser.add_argument("specification", type=Path)
    options = parser.parse_args(arguments)
    specification = json.loads(options.specification.read_text(encoding="utf-8"))
    text = json.dumps(excerpt(specification), ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
