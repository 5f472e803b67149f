"""Only `bot.telegram` talks to Telegram: the rest of the bot asks it to.

An import contract cannot tell the modules of an installed package apart, so that this can.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
import telegram
from telegram.ext import ExtBot

import bot

ROOT = Path(bot.__file__).parent
ELSEWHERE = sorted(
    path
    for path in ROOT.rglob("*.py")
    if path.relative_to(ROOT).parts[0] not in {"telegram", "sandbox", "demo"}
)

BOTS = {"Bot", "ExtBot"}
"""Whoever has none of these by name can only get at one through what was received."""

PARTS = {"error", "request"}
MODULES = {f"telegram.{part}" for part in PARTS}

DATA = (telegram.CallbackQuery, telegram.Chat, telegram.File, telegram.Message, telegram.User)
"""The types whose methods are short for methods of the bot."""

OURS = {"client", "_client", "_optional", "_telegram", "account", "_account"}
"""What our own ways to Telegram are called; some of their methods are named as Telegram's."""

RECEIVED = {"query", "message", "bot", "_bot", "file", "original", "asked", "callback_query"}
"""What is received is called so; plain names of methods count as short ones there only."""


def calls_of(kind: type) -> set[str]:
    return {
        name
        for name, _ in inspect.getmembers(kind, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }


METHODS = calls_of(ExtBot) | set().union(*(calls_of(kind) for kind in DATA))
PLAIN = {name for name in METHODS if "_" not in name}


def breaches(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module="telegram" | "telegram.ext", names=names):
                yield from (name.name for name in names if name.name in BOTS | PARTS)
            case ast.ImportFrom(module=str(module)) if module in MODULES:
                yield module
            case ast.Import(names=names):
                yield from (
                    name.name
                    for name in names
                    if name.name in {"telegram.error", "telegram.request"}
                )
            case ast.Attribute(value=ast.Name(id="telegram"), attr=attr) if attr in BOTS | {
                "error"
            }:
                yield attr
            case ast.Call(func=ast.Attribute(value=receiver, attr=attr)) if attr in METHODS:
                name = name_of(receiver)
                if name in RECEIVED or (attr not in PLAIN and name not in OURS):
                    yield f"{name}.{attr}"


def name_of(receiver: ast.expr) -> str:
    match receiver:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Name(id="client_of")):
            return "client"
        case ast.Call(func=ast.Attribute(attr="get_bot")):
            return "bot"
        case ast.Call(func=ast.Attribute(value=inner, attr="at")):
            return name_of(inner)
        case _:
            return ""


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_else_calls_telegram(path: Path) -> None:
    assert list(breaches(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "from telegram import Bot",
        "from telegram.ext import ExtBot",
        "from telegram import error",
        "from telegram.error import TelegramError",
        "import telegram.error",
        "isinstance(fault, telegram.error.TelegramError)",
        "telegram.Bot(token)",
        "await query.answer(text)",
        "await self._query.edit_message_text(text)",
        "await update.message.reply_text(text)",
        "await file.download_as_bytearray()",
        "await message.get_bot().get_chat_member(1, 2)",
        "await context.bot.send_message(1, 'a')",
        "await self._bot.close()",
        "await message.delete()",
    ],
)
def test_a_call_past_the_door_would_be_found(line: str) -> None:
    function = f"async def handler():\n    {line}\n"
    assert list(breaches(function))


def test_the_door_is_not_empty() -> None:
    assert {"send_message", "get_updates", "reply_text", "answer", "download_to_drive"} <= METHODS
    assert any(path.name == "fetcher.py" for path in ELSEWHERE)
