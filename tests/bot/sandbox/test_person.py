"""The scripted user's own manners."""

from __future__ import annotations

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)

from bot.sandbox import Chat, Person, Sandbox

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Cancel", callback_data="c")]])


async def test_waiting_finds_what_has_been_and_what_comes(bot: Bot, ada: Person) -> None:
    await ada.send_text("hello")
    sent = await bot.send_message(ada.id, "one")
    await sent.edit_text("two")
    assert (await ada.wait_for(lambda message: message.words == "one")).words == "one"
    mark = ada.mark()
    await sent.edit_text("three")
    assert (await ada.wait_for(since=mark)).words == "three"
    with pytest.raises(TimeoutError, match=r"bot said last: .*'one'.*'two'.*'three'"):
        await ada.wait_for(lambda message: message.words == "four", timeout=0.01)


async def test_a_deletion_is_waited_for_and_shows_what_stood_there(bot: Bot, ada: Person) -> None:
    await ada.send_text("hello")
    kept, gone = [await bot.send_message(ada.id, text) for text in ("kept", "gone")]
    await gone.edit_text("gone soon")
    await gone.delete()
    assert (await ada.wait_for_deletion()).words == "gone soon"
    assert [message.message_id for message in ada.from_bot()] == [kept.message_id]
    with pytest.raises(TimeoutError, match="bot said last"):
        await ada.wait_for_deletion(lambda message: message.words == "kept", timeout=0.01)


async def test_a_press_without_an_answer_times_out(bot: Bot, ada: Person) -> None:
    await ada.send_text("hello")
    await bot.send_message(ada.id, "card", reply_markup=KEYS)
    with pytest.raises(TimeoutError):
        await ada.press(ada.from_bot()[-1], "Cancel", timeout=0.01)


async def test_people_edit_only_their_own_words(bot: Bot, ada: Person) -> None:
    await ada.send_text("hello")
    await bot.send_message(ada.id, "card")
    with pytest.raises(PermissionError):
        await ada.edit_text(ada.from_bot()[-1], "mine now")


async def test_an_old_update_comes_once_more_though_it_was_confirmed(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    await ada.send_text("hello")
    [update] = await bot.get_updates()
    assert await bot.get_updates(offset=update.update_id + 1) == ()
    sandbox.world.redeliver(update.update_id)
    [again] = await bot.get_updates(offset=update.update_id + 1)
    assert again.to_dict() == update.to_dict()
    assert await bot.get_updates(offset=update.update_id + 1) == ()


async def test_a_reaction_is_told_to_a_bot_that_asked_for_it(bot: Bot, ada: Person) -> None:
    message = await ada.send_text("hello")
    ada.react(message, "🔥")
    assert len(await bot.get_updates()) == 1
    await bot.get_updates(offset=-1, allowed_updates=["message", "message_reaction"])
    ada.react(message, "👍")
    ada.react(message, "")
    assert ada.messages()[0].people_reactions == ()
    changed, gone = [update.message_reaction for update in (await bot.get_updates())[1:]]
    assert changed is not None
    assert changed.user is not None
    assert changed.user.id == ada.id
    assert [one.emoji for one in changed.old_reaction] == ["🔥"]  # type: ignore[attr-defined]
    assert [one.emoji for one in changed.new_reaction] == ["👍"]  # type: ignore[attr-defined]
    assert gone is not None
    assert gone.new_reaction == ()


async def test_a_reaction_in_a_group_is_for_bots_that_are_admins(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    room = sandbox.group("Friends", ada)
    message = await ada.send_text("hello", chat=room)
    await bot.get_updates(allowed_updates=["message_reaction"])
    ada.react(message, "🔥")
    room.promote_bot()
    ada.react(message, "👍")
    history = sandbox.world.updates.history.values()
    assert [update.kind for update in history].count("message_reaction") == 1


async def test_whoever_changes_the_language_stays_who_they_are(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    room = sandbox.group("Friends", ada)
    mine = await ada.send_text("hello")
    ada.speak("ar")
    await ada.edit_text(mine, "hello again")
    await ada.send_text("/start@atelier_bot", chat=room)
    last = (await bot.get_updates())[-1]
    assert last.effective_user is not None
    assert (last.effective_user.id, last.effective_user.language_code) == (ada.id, "ar")
    member = await bot.get_chat_member(room.id, ada.id)
    assert (member.status, member.user.language_code) == ("creator", "ar")


async def test_the_menu_is_that_of_the_closest_scope_and_language(
    bot: Bot, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    room = sandbox.group("Friends", ada, bob)

    def shown(person: Person, chat: Chat) -> list[object]:
        return [command["command"] for command in person.menu(chat)]

    assert shown(ada, ada.chat) == []
    await bot.set_my_commands([BotCommand("any", "Anywhere")])
    await bot.set_my_commands([BotCommand("alone", "Alone")], BotCommandScopeAllPrivateChats())
    admins = BotCommandScopeAllChatAdministrators()
    await bot.set_my_commands([BotCommand("admin", "Admins")], admins, language_code="de")
    assert shown(ada, ada.chat) == ["alone"]
    assert shown(ada, room.chat) == ["admin"]
    assert shown(bob, room.chat) == ["any"]
    ada.speak("en")
    assert shown(ada, room.chat) == ["any"]
