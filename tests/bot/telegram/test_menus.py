"""The command menus: published once, and only when they differ."""

from telegram import (
    Bot,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)

from bot.sandbox import Person, Sandbox
from bot.telegram.account import Account
from bot.telegram.menus import publish
from bot.words import Library


async def test_menus_are_set_only_when_they_differ(bot: Bot, sandbox: Sandbox) -> None:
    await publish(Account(bot), Library())
    calls = sandbox.calls("setMyCommands")
    assert len(calls) >= 2
    private = await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats())
    groups = await bot.get_my_commands(scope=BotCommandScopeAllGroupChats())
    admins = await bot.get_my_commands(scope=BotCommandScopeAllChatAdministrators())
    assert {command.command for command in private} == {
        "styles", "save", "help", "settings", "cancel", "privacy", "forget",
    }  # fmt: skip
    assert {command.command for command in groups} == {
        "stylize", "styles", "save", "cancel", "privacy", "forget",
    }  # fmt: skip
    assert {command.command for command in admins} == {
        "stylize", "styles", "save", "settings", "cancel", "privacy", "forget",
    }  # fmt: skip
    await publish(Account(bot), Library())
    assert sandbox.calls("setMyCommands") == calls


async def test_admins_see_the_statistics_and_one_without_a_chat_spoils_nothing(
    bot: Bot, ada: Person, bob: Person
) -> None:
    for person in (ada, bob):
        await person.send_text("/help")
    await publish(Account(bot), Library(), admins={ada.id, 4_040_404})
    own = await bot.get_my_commands(scope=BotCommandScopeChat(ada.id))
    assert "stats" in {command.command for command in own}
    everybodys = await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats())
    assert everybodys
    assert "stats" not in {command.command for command in everybodys}
    assert not await bot.get_my_commands(scope=BotCommandScopeChat(bob.id))
