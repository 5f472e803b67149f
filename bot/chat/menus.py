"""The command menus that Telegram shows, per scope and language."""

import logging

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import TelegramError

from bot.words import SOURCE_LANGUAGE, Library, Words

log = logging.getLogger(__name__)


def menus(words: Words) -> list[tuple[BotCommandScope, list[BotCommand]]]:
    """The commands for each scope in one language."""
    cancel = BotCommand("cancel", words.text("Stop a painting"))
    return [
        (
            BotCommandScopeAllPrivateChats(),
            [BotCommand("help", words.text("How it works")), cancel],
        ),
        (
            BotCommandScopeAllGroupChats(),
            [BotCommand("stylize", words.text("Paint a photo in a style")), cancel],
        ),
    ]


async def publish(bot: Bot, library: Library) -> None:
    """Set the menus that differ from what Telegram shows (getMyCommands, setMyCommands).

    A bot without menus works as well, so that a failure is logged and let go.
    """
    for language in library.languages:
        code = None if language == SOURCE_LANGUAGE else language
        try:
            for scope, commands in menus(library.words(language)):
                shown = await bot.get_my_commands(scope=scope, language_code=code)
                if list(shown) != commands:
                    await bot.set_my_commands(commands, scope=scope, language_code=code)
        except TelegramError as error:
            log.warning("The command menus for %s were not published: %s", language, error)
