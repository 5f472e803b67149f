"""The one stream: everything once, then each change in its order."""

from collections.abc import Callable

from telegram import Bot, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.demo.web.session import Session
from bot.sandbox import Person
from tests.bot.demo.web.conftest import Page, Stream

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Cancel", callback_data="cancel:1")]])


async def test_it_begins_with_all_that_there_is(
    session: Session, ada: Person, page: Page, picture: Callable[..., bytes]
) -> None:
    photo = await ada.send_photo(picture(900, 600), "my cat")
    async with page.client.get("/stream") as response:
        state = await Stream(response).next()
    assert state["kind"] == "state"
    setting = state["setting"]
    assert [one["name"] for one in setting["people"]][:3] == ["Ada", "Bruno", "Layla"]
    assert (setting["network"], setting["state"], setting["privacy"]) == ("fine", "absent", True)
    [shown] = [one for one in state["messages"] if one["chat"] == ada.id]
    assert (shown["id"], shown["words"], shown["from"]) == (photo.message_id, "my cat", ada.id)
    assert (shown["attachment"]["width"], shown["attachment"]["height"]) == (800, 533)
    friends = next(one for one in setting["chats"] if one["id"] == session.friends.id)
    assert session.world.bot.id in friends["members"]


async def test_each_change_comes_in_its_order(bot: Bot, ada: Person, stream: Stream) -> None:
    await stream.next()
    await ada.send_text("/start")
    await bot.send_chat_action(ada.id, "typing")
    card = await bot.send_message(ada.id, "<b>Waiting</b>", parse_mode="HTML", reply_markup=KEYS)
    query = ada.tap(ada.from_bot()[-1], "Cancel")
    await bot.answer_callback_query(query, "Cancelled", show_alert=True)
    await card.edit_text("Stopped")
    await bot.set_message_reaction(ada.id, 1, "👀")
    await card.delete()
    await bot.send_message(ada.id, "Which?", reply_markup=ForceReply(selective=True))

    text = await stream.next()
    assert (text["new"], text["message"]["words"]) == (True, "/start")
    assert (await stream.next())["kind"] == "setting"  # the chat has been started
    assert (await stream.next())["action"] == "typing"
    waiting = (await stream.next())["message"]
    assert waiting["entities"] == [{"type": "bold", "offset": 0, "length": 7}]
    assert waiting["keyboard"] == [[{"text": "Cancel", "data": "cancel:1", "url": ""}]]
    press = await stream.next()
    assert (press["kind"], press["person"], press["query"]) == ("press", ada.id, query)
    answer = await stream.next()
    assert (answer["kind"], answer["query"], answer["alert"]) == ("answer", query, True)
    edited = await stream.next()
    assert (edited["new"], edited["message"]["id"]) == (False, card.message_id)
    assert (edited["message"]["words"], edited["message"]["edited"]) == ("Stopped", True)
    assert edited["message"]["keyboard"] == []
    assert (await stream.next())["message"]["reactions"] == ["👀"]
    assert (await stream.next())["id"] == card.message_id
    assert (await stream.next())["message"]["force_reply"]["selective"] is True


async def test_whoever_comes_later_is_told_the_same(
    ada: Person, page: Page, stream: Stream
) -> None:
    await stream.next()
    await ada.send_text("one")
    async with page.client.get("/stream") as response:
        other = Stream(response)
        state = await other.next()
        assert [one["words"] for one in state["messages"] if one["chat"] == ada.id] == ["one"]
        await ada.send_text("two")
        assert (await other.next_of("message"))["message"]["words"] == "two"
    assert (await stream.next_of("message"))["message"]["words"] == "one"
    assert (await stream.next_of("message"))["message"]["words"] == "two"
