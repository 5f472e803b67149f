"""The bot's own name, descriptions and commands."""

import re
from collections.abc import Callable

from bot.sandbox.arguments import Arguments, Json
from bot.sandbox.entities import utf16_length
from bot.sandbox.errors import bad_request
from bot.sandbox.methods.access import known_chat
from bot.sandbox.profile import Profile, scope_key
from bot.sandbox.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_COMMANDS = 100
_COMMAND_TEXT = range(1, 257)

Method = Callable[[World, Arguments], object]


def set_my_commands(world: World, args: Arguments) -> bool:
    """Publish the menu of one scope and language (Bot API, "setMyCommands")."""
    commands = args.array("commands")
    if len(commands) > _COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(str(command["command"]).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if utf16_length(str(command["description"])) not in _COMMAND_TEXT:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile.commands[_place(world, args)] = commands
    return True


def get_my_commands(world: World, args: Arguments) -> list[Json]:
    """Return exactly one scope's menu, empty if it has none (Bot API, "getMyCommands")."""
    return world.profile.commands.get(_place(world, args), [])


def delete_my_commands(world: World, args: Arguments) -> bool:
    """Remove one scope's menu (Bot API, "deleteMyCommands")."""
    world.profile.commands.pop(_place(world, args), None)
    return True


def _place(world: World, args: Arguments) -> tuple[str, str]:
    scope = args.json("scope")
    if scope is not None and isinstance(chat_id := scope.get("chat_id"), int | str):
        known_chat(world, chat_id)
    return scope_key(scope), _language(args)


def _language(args: Arguments) -> str:
    code = args.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code


def _text_methods(
    field: str, limit: int, texts: Callable[[Profile], dict[str, str]]
) -> tuple[Method, Method]:
    """Make the setter and the getter of one of the account's texts.

    Args:
        field: Parameter and result field: "name", "description", "short_description".
        limit: Longest text, in UTF-16 units.
        texts: Finds the texts by language.
    """

    def setter(world: World, args: Arguments) -> bool:
        text = args.text(field).strip()
        if utf16_length(text) > limit:
            raise bad_request(f"bot {field.replace('_', ' ')} is too long")
        language = _language(args)
        if text:
            texts(world.profile)[language] = text
        elif field == "name" and not language:
            raise bad_request("bot name is empty")
        else:
            texts(world.profile).pop(language, None)
        return True

    def getter(world: World, args: Arguments) -> Json:
        kept = texts(world.profile)
        default = world.bot.first_name if field == "name" else ""
        return {field: kept.get(_language(args), kept.get("", default))}

    return setter, getter


set_my_name, get_my_name = _text_methods("name", 64, lambda profile: profile.names)
set_my_description, get_my_description = _text_methods(
    "description", 512, lambda profile: profile.descriptions
)
set_my_short_description, get_my_short_description = _text_methods(
    "short_description", 120, lambda profile: profile.short_descriptions
)
