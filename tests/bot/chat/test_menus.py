"""The command menus: published once, and only when they differ."""

from bot.chat.menus import publish
from bot.words import Library
from tests.bot.chat.conftest import House


async def test_menus_are_set_only_when_they_differ(house: House) -> None:
    bot = house.application.bot
    await publish(bot, Library())
    calls = house.sandbox.calls("setMyCommands")
    assert len(calls) >= 2
    private = await bot.get_my_commands(scope={"type": "all_private_chats"})
    groups = await bot.get_my_commands(scope={"type": "all_group_chats"})
    assert {command.command for command in private} == {"help", "cancel"}
    assert {command.command for command in groups} == {"stylize", "cancel"}
    await publish(bot, Library())
    assert house.sandbox.calls("setMyCommands") == calls
