"""Sentences that Telegram does not let through at once."""

import pytest

from bot.chat.replies.speaker import Speaker
from bot.sandbox import Person, Sandbox, faults
from bot.telegram.client import Client
from bot.telegram.place import Place


@pytest.fixture
async def home(ada: Person) -> Place:
    await ada.send_text("/start")
    return Place(chat_id=ada.id)


async def test_a_long_429_holds_no_handler_up_and_sentences_keep_their_order(
    client: Client, sandbox: Sandbox, ada: Person, home: Place
) -> None:
    speaker = Speaker(client)
    sandbox.faults.add("sendMessage", faults.retry_after(3))
    assert await speaker.say(home, "first") is None
    assert await speaker.say(home, "second") is None
    await ada.wait_for(lambda message: message.words == "second")
    assert [message.words for message in ada.from_bot()] == ["first", "second"]
    await speaker.close()


async def test_a_wait_that_outlasts_what_was_asked_is_let_go(
    client: Client, sandbox: Sandbox, home: Place, caplog: pytest.LogCaptureFixture
) -> None:
    speaker = Speaker(client)
    sandbox.faults.add("sendMessage", faults.retry_after(3600))
    assert await speaker.say(home, "never") is None
    assert "was not said" in caplog.text
    await speaker.close()


async def test_a_lost_answer_is_not_said_twice(
    client: Client, sandbox: Sandbox, ada: Person, home: Place
) -> None:
    sandbox.faults.add("sendMessage", faults.lost_response())
    assert await Speaker(client).say(home, "once") is None
    assert [message.words for message in ada.from_bot()] == ["once"]
