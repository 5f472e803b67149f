"""The command menus that Telegram shows, per scope and language."""

import logging
from collections.abc import Collection

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)

from bot.telegram.account import Account
from bot.telegram.errors import TelegramFault
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


async def publish(account: Account, library: Library, *, admins: Collection[int] = ()) -> None:
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
                if await account.commands(scope, code) != commands:
                    await account.set_commands(commands, scope, code)
        except TelegramFault as fault:
            scope = in_all_languages[0][0]
            log.warning("The command menus for %s were not published: %s", scope.type, fault)
