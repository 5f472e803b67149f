"""The command menus that Telegram shows, per scope and language."""

import logging
from collections.abc import Collection

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.telegram.patience import patiently
from bot.words import SOURCE_LANGUAGE, Library, Words, telegram_code

log = logging.getLogger(__name__)


Menus = list[tuple[BotCommandScope, list[BotCommand]]]


def menus(words: Words, admins: Collection[int] = ()) -> Menus:
    """The commands for each scope in one language; `admins` are the host's, by user id."""
    cancel = BotCommand("cancel", words.text("Stop a painting"))
    settings = BotCommand("settings", words.text("How I paint and speak"))
    privacy = BotCommand("privacy", words.text("What I keep, and how long"))
    forget = BotCommand("forget", words.text("Delete everything of yours"))
    stylize = BotCommand("stylize", words.text("Paint a photo in a style"))
    styles = BotCommand("styles", words.text("Styles to choose from"))
    save = BotCommand("save", words.text("Keep a picture as a style"))
    stats = BotCommand("stats", words.text("How the studio is doing"))
    how = BotCommand("help", words.text("How it works"))
    alone = [styles, save, settings, cancel, how, privacy, forget]
    together = [stylize, styles, save, cancel, privacy, forget]
    by_admins = [stylize, styles, save, settings, cancel, privacy, forget]
    return [
        (BotCommandScopeAllPrivateChats(), alone),
        (BotCommandScopeAllGroupChats(), together),
        (BotCommandScopeAllChatAdministrators(), by_admins),
        *((BotCommandScopeChat(user_id), [*alone, stats]) for user_id in sorted(admins)),
    ]


async def publish(bot: Bot, library: Library, *, admins: Collection[int] = ()) -> None:
    """Set the menus that differ from what Telegram shows (getMyCommands, setMyCommands).

    A bot without menus works as well, so that a failure is logged and let go: the rest of that
    scope waits for the next start. An admin who has never written to the bot has no chat that
    could get one.
    """
    spoken = [
        (None if code == SOURCE_LANGUAGE else telegram_code(code), library.words(code))
        for code in library.languages
    ]
    by_scope = zip(*(menus(words, admins) for _, words in spoken), strict=True)
    for in_all_languages in by_scope:
        try:
            for (code, _), (scope, commands) in zip(spoken, in_all_languages, strict=True):
                await _set(bot, scope, code, commands)
        except TelegramError as error:
            scope = in_all_languages[0][0]
            log.warning("The command menus for %s were not published: %s", scope.type, error)


async def _set(
    bot: Bot, scope: BotCommandScope, code: str | None, commands: list[BotCommand]
) -> None:
    shown = await patiently(lambda: bot.get_my_commands(scope=scope, language_code=code))
    if list(shown) != commands:
        await patiently(lambda: bot.set_my_commands(commands, scope=scope, language_code=code))
