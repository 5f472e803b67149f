"""Updates that the library cannot read whole, and such as Telegram never sends."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, Message

from bot.telegram.reading import LARGEST_NUMBER, Unreadable, has_id, read

BOT = Bot("1:x")
CHAT = {"id": 7, "type": "private"}
USER = {"id": 7, "is_bot": False, "first_name": "Ada"}
MESSAGE = {"message_id": 1, "date": 1, "chat": CHAT, "from": USER}
PRESS = {"id": "5", "from": USER, "chat_instance": "1", "data": "cancel:1", "message": MESSAGE}


def message(**fields: object) -> Message:
    read_ = read({"update_id": 1, "message": {**MESSAGE, **fields}}, BOT).message
    assert read_ is not None
    return read_


@pytest.mark.parametrize(
    "odd",
    [
        {"photo": [{"file_id": "a"}]},
        {"entities": [{"type": "bold"}]},
        {"forward_origin": "somewhere"},
        {"date": LARGEST_NUMBER - 1},
        {"reply_to_message": {"message_id": 1}},
        {"from": {"id": 7}},
    ],
)
def test_a_message_with_an_odd_part_is_read_without_it(
    odd: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    found = message(text="hello", **odd)
    assert (found.text, found.chat.id, found.message_id) == ("hello", 7, 1)
    [name] = odd
    assert caplog.messages == [f"update 1 is read without message.{name}"]


def test_a_press_under_a_message_that_cannot_be_read_whole_is_a_press() -> None:
    odd = {**MESSAGE, "photo": [{"file_id": "a"}]}
    query = read({"update_id": 1, "callback_query": {**PRESS, "message": odd}}, BOT).callback_query
    assert query is not None
    assert query.data == "cancel:1"
    assert isinstance(query.message, Message)
    assert query.message.message_id == 1
    nowhere = {"update_id": 1, "callback_query": {**PRESS, "message": {"chat": {}}}}
    query = read(nowhere, BOT).callback_query
    assert query is not None
    assert query.message is None


@pytest.mark.parametrize(
    "raw",
    [
        {"message": {}},
        {"message": {**MESSAGE, "chat": {"id": 7}}},
        {"message": {**MESSAGE, "chat": {"id": "7", "type": "private"}}},
        {"message": {**MESSAGE, "message_id": 2**70}},
        {"message": 7},
        {"callback_query": {**PRESS, "from": {}}},
        {"my_chat_member": {"chat": CHAT}},
        {"edited_message": {"message_id": 1, "date": 1}},
        {"message": {"message_id": 1, "date": 1, "from": USER}},
    ],
)
def test_what_lacks_all_that_counts_is_unreadable(raw: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read({"update_id": 1, **raw}, BOT)


@given(st.text(st.characters(codec=None)))
def test_texts_are_such_as_every_database_and_every_line_takes(text: str) -> None:
    found = message(text=text).text or ""
    found.encode()
    assert "\0" not in found
    plain = "\0" not in text and not any(0xD800 <= ord(one) < 0xE000 for one in text)
    assert not plain or found == text


def test_a_number_that_there_is_not_is_no_number() -> None:
    assert message(message_thread_id=2**53, text="x").message_thread_id is None
    assert message(message_thread_id=2**53 - 1, text="x").message_thread_id == 2**53 - 1


@pytest.mark.parametrize(
    "update", [None, [], {}, {"update_id": "1"}, {"update_id": True}, {"update_id": 2**60}]
)
def test_what_cannot_be_told_from_others_is_no_update(update: object) -> None:
    assert not has_id(update)
