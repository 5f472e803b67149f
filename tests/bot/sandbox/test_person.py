"""The scripted user's own manners."""

from __future__ import annotations

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.sandbox import Person, Sandbox

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
