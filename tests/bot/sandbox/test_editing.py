"""Edits, deletions, reactions and buttons."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    ReactionTypeEmoji,
)
from telegram.error import BadRequest

from bot.sandbox import EventKind, Person, Sandbox

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Picture

KEYS = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Stronger", callback_data="s:1")],
        [InlineKeyboardButton("Site", url="https://example.com")],
    ]
)


@pytest.fixture(autouse=True)
async def _met(ada: Person) -> None:
    await ada.send_text("hello")


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, ada: Person) -> None:
    sent = await bot.send_message(ada.id, "<b>one</b>", parse_mode="HTML", reply_markup=KEYS)
    with pytest.raises(BadRequest, match="is not modified: specified new message content"):
        await sent.edit_text("<b>one</b>", parse_mode="HTML", reply_markup=KEYS)
    await sent.edit_text("one", reply_markup=KEYS)
    with pytest.raises(BadRequest, match="is not modified"):
        await sent.edit_reply_markup(KEYS)
    edited = await sent.edit_text("one")
    assert not isinstance(edited, bool)
    assert edited.edit_date is not None
    assert ada.from_bot()[-1].buttons == []


async def test_what_cannot_be_edited(bot: Bot, ada: Person) -> None:
    theirs = await ada.send_text("mine")
    forced = await bot.send_message(ada.id, "Send it", reply_markup=ForceReply())
    for message_id in (theirs.message_id, forced.message_id):
        with pytest.raises(BadRequest, match="can't be edited"):
            await bot.edit_message_text("x", ada.id, message_id)
    with pytest.raises(BadRequest, match=r"[Mm]essage to edit not found"):
        await bot.edit_message_text("x", ada.id, 999)
    with pytest.raises(BadRequest, match="identifier is not specified"):
        await bot.edit_message_text("x", ada.id)


async def test_a_text_becomes_a_photo_and_never_a_text_again(
    bot: Bot, ada: Person, picture: Picture
) -> None:
    card = await bot.send_message(ada.id, "waiting")
    with pytest.raises(BadRequest, match="no caption in the message"):
        await card.edit_caption("x")
    shown = await card.edit_media(InputMediaPhoto(picture(), caption="25 %"), reply_markup=KEYS)
    assert not isinstance(shown, bool)
    with pytest.raises(BadRequest, match="no text in the message"):
        await card.edit_text("done")
    await card.edit_caption("50 %", reply_markup=KEYS)
    with pytest.raises(BadRequest, match="is not modified"):
        await card.edit_media(
            InputMediaPhoto(shown.photo[-1].file_id, caption="50 %"), reply_markup=KEYS
        )
    await card.edit_media(InputMediaPhoto(picture(seed=1), caption="50 %"), reply_markup=KEYS)
    await card.edit_media(InputMediaDocument(picture(seed=1), filename="a.jpg"))
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await card.edit_media(InputMediaPhoto(b"broken"))
    assert ada.from_bot()[-1].document is not None


async def test_an_album_keeps_its_kind(bot: Bot, ada: Person, picture: Picture) -> None:
    media = [InputMediaPhoto(picture(seed=seed)) for seed in range(2)]
    [first, _] = await bot.send_media_group(ada.id, media)
    await first.edit_media(InputMediaPhoto(picture(seed=3)))
    with pytest.raises(BadRequest, match="media type in an album"):
        await first.edit_media(InputMediaDocument(picture()))


async def test_deleting(bot: Bot, ada: Person) -> None:
    sent = [await bot.send_message(ada.id, str(number)) for number in range(3)]
    await sent[0].delete()
    with pytest.raises(BadRequest, match=r"[Mm]essage to delete not found"):
        await sent[0].delete()
    await bot.delete_messages(ada.id, [message.message_id for message in sent])
    assert ada.from_bot() == []
    assert [event.kind for event in ada.world.events[-3:]] == [EventKind.DELETE] * 3


async def test_reactions(bot: Bot, ada: Person) -> None:
    sent = await ada.send_text("look")
    await bot.set_message_reaction(ada.id, sent.message_id, "👀")
    assert ada.messages()[-1].reaction == "👀"
    with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
        await bot.set_message_reaction(ada.id, sent.message_id, ReactionTypeEmoji("🥕"))
    await bot.set_message_reaction(ada.id, sent.message_id, [])
    assert ada.messages()[-1].reaction == ""


async def test_a_press_reaches_the_bot_and_its_answer_the_person(bot: Bot, ada: Person) -> None:
    await bot.send_message(ada.id, "card", reply_markup=KEYS)
    card = ada.from_bot()[-1]
    press = asyncio.create_task(ada.press(card, "Stronger"))
    query = (await bot.get_updates(timeout=10))[-1].callback_query
    while query is None:
        query = (await bot.get_updates(timeout=10))[-1].callback_query
    assert (query.data, query.from_user.id) == ("s:1", ada.id)
    await bot.answer_callback_query(query.id, "Painting it stronger", show_alert=True)
    answer = await press
    assert (answer.text, answer.alert) == ("Painting it stronger", True)
    with pytest.raises(BadRequest, match=r"[Qq]uery is too old and response timeout expired"):
        await bot.answer_callback_query(query.id)


async def test_buttons_that_are_not_there(bot: Bot, ada: Person) -> None:
    sent = await bot.send_message(ada.id, "card", reply_markup=KEYS)
    card = ada.from_bot()[-1]
    for wanted in ("Softer", "Site"):
        with pytest.raises(LookupError, match="Stronger, Site"):
            ada.tap(card, wanted)
    await sent.edit_text("closed")
    with pytest.raises(LookupError, match="none"):
        ada.tap(card, "Stronger")


async def test_a_press_on_a_deleted_message(bot: Bot, ada: Person) -> None:
    sent = await bot.send_message(ada.id, "card", reply_markup=KEYS)
    card = ada.from_bot()[-1]
    await sent.delete()
    press = asyncio.create_task(ada.press_data(card, "s:1"))
    await asyncio.sleep(0)
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert not query.message.is_accessible
    await query.answer()
    assert (await press).text == ""


async def test_answers_are_short_and_in_time(bot: Bot, ada: Person, sandbox: Sandbox) -> None:
    await bot.send_message(ada.id, "card", reply_markup=KEYS)
    query = ada.tap(ada.from_bot()[-1], "s:1")
    with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
        await bot.answer_callback_query(query, "x" * 201)
    sandbox.world.expire_queries()
    with pytest.raises(BadRequest, match=r"[Qq]uery is too old"):
        await bot.answer_callback_query(query)
