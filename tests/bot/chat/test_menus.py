"""The command menus: published once, and only when they differ."""

from telegram import BotCommandScopeChat

from bot.chat.menus import publish
from bot.sandbox import Person
from bot.words import Library
from tests.bot.chat.conftest import House


async def test_menus_are_set_only_when_they_differ(house: House) -> None:
    bot = house.application.bot
    await publish(bot, Library())
    calls = house.sandbox.calls("setMyCommands")
    assert len(calls) >= 2
    private = await bot.get_my_commands(scope={"type": "all_private_chats"})
    groups = await bot.get_my_commands(scope={"type": "all_group_chats"})
    admins = await bot.get_my_commands(scope={"type": "all_chat_administrators"})
    assert {command.command for command in private} == {
        "styles", "save", "help", "settings", "cancel", "privacy", "forget",
    }  # fmt: skip
    assert {command.command for command in groups} == {
        "stylize", "styles", "save", "cancel", "privacy", "forget",
    }  # fmt: skip
    assert {command.command for command in admins} == {
        "stylize", "styles", "save", "settings", "cancel", "privacy", "forget",
    }  # fmt: skip
    await publish(bot, Library())
    assert house.sandbox.calls("setMyCommands") == calls


async def test_admins_see_the_statistics_and_one_without_a_chat_spoils_nothing(
    house: House, ada: Person, bob: Person
) -> None:
    for person in (ada, bob):
        await person.send_text("/help")
    await house.idle()
    bot = house.application.bot
    await publish(bot, Library(), admins={ada.id, 4_040_404})
    own = await bot.get_my_commands(scope=BotCommandScopeChat(ada.id))
    assert "stats" in {command.command for command in own}
    everybodys = await bot.get_my_commands(scope={"type": "all_private_chats"})
    assert everybodys
    assert "stats" not in {command.command for command in everybodys}
    assert not await bot.get_my_commands(scope=BotCommandScopeChat(bob.id))
