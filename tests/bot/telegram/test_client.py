"""The client over HTTP: what it says of faults, and what it does within Telegram's limits."""

import asyncio
from collections.abc import Callable

import pytest
from telegram import Bot, Update

from bot.sandbox import Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.sandbox.limits import RateLimits
from bot.telegram.account import Account
from bot.telegram.application import application_for
from bot.telegram.client import Client, client_of
from bot.telegram.downloads import Downloads
from bot.telegram.errors import (
    AlreadyPhoto,
    FileLost,
    FileTooBig,
    MessageGone,
    NoRoom,
    TelegramFault,
    TokenRefused,
    TryLater,
    Unreachable,
    Unsure,
)
from bot.telegram.place import Place
from bot.telegram.rate_limits import DELIVERY, PROGRESS

Maker = Callable[..., bytes]
UNAUTHORIZED = ApiError(401, "Unauthorized")


@pytest.fixture
async def home(ada: Person) -> Place:
    await ada.send_text("/start")
    return Place(chat_id=ada.id)


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (faults.retry_after(7), TryLater),
        (faults.lost_response(), Unsure),
        (faults.bad_gateway(), Unsure),
        (faults.blocked(), Unreachable),
        (faults.refusal(UNAUTHORIZED), TokenRefused),
    ],
)
async def test_every_fault_is_understood(
    client: Client,
    sandbox: Sandbox,
    home: Place,
    picture: Maker,
    fault: faults.Fault,
    meaning: type[TelegramFault],
) -> None:
    message_id = await client.say(home, "hello")
    sandbox.faults.add("*", fault, times=None)
    for call in (
        client.say(home, "again"),
        client.send_photo(home, picture(), "a.jpg"),
        client.edit_text(home, message_id, "other"),
        client.delete(home, message_id),
        client.answer_press("1", None),
        client.member(home.chat_id, home.chat_id),
    ):
        with pytest.raises(meaning) as caught:
            await call
        assert sandbox.token not in str(caught.value)


async def test_edits_that_change_nothing_are_no_fault_and_others_are_told_apart(
    client: Client, home: Place, picture: Maker, ada: Person
) -> None:
    message_id = await client.say(home, "hello")
    await client.edit_text(home, message_id, "hello")
    changed = await client.edit_photo(home, message_id, picture(), "a.jpg", caption="seen")
    assert changed.message_id == message_id
    assert changed.file_id is not None
    with pytest.raises(AlreadyPhoto):
        await client.edit_text(home, message_id, "text")
    await client.edit_caption(home, message_id, "seen")
    again = await client.send_photo(home, changed.file_id, caption="by its name")
    assert ada.from_bot()[-1].message_id == again.message_id
    await client.delete(home, message_id)
    with pytest.raises(MessageGone):
        await client.edit_caption(home, message_id, "late")


async def test_downloads(bot: Bot, sandbox: Sandbox, ada: Person, picture: Maker) -> None:
    message = await ada.send_document(picture(kind="PNG"), "My picture.PNG", "image/png")
    assert message.document is not None
    downloads, file_id = Downloads(bot), message.document.file.file_id
    found = await downloads.fetch(file_id)
    assert (found.data, found.suffix) == (message.data, ".png")
    with pytest.raises(FileTooBig):
        await downloads.fetch(file_id, limit=10)
    with pytest.raises(FileLost):
        await downloads.fetch("no such file")
    sandbox.faults.add("download", faults.refusal(ApiError(404, "Not Found")))
    with pytest.raises(FileLost):
        await downloads.fetch(file_id)
    sandbox.faults.add("getFile", faults.refusal(UNAUTHORIZED))
    with pytest.raises(TokenRefused):
        await downloads.fetch(file_id)
    sandbox.faults.add("download", faults.lost_request())
    with pytest.raises(TelegramFault):
        await downloads.fetch(file_id)


async def test_the_account_says_what_botfather_set(sandbox: Sandbox, account: Account) -> None:
    me = await account.me()
    assert (me.username, me.reads_groups) == ("atelier_bot", False)
    sandbox.world.privacy.mode = False
    assert (await account.me()).reads_groups


def test_a_bot_without_a_limiter_gets_no_client(sandbox: Sandbox) -> None:
    with pytest.raises(TypeError, match="rate limiter"):
        Client(Bot(sandbox.token))


async def test_the_limits_are_kept_and_a_delivery_finds_room(
    sandbox: Sandbox, ada: Person, home: Place, picture: Maker
) -> None:
    sandbox.limits = RateLimits(burst=10, burst_seconds=10.0)
    async with application_for(sandbox.token, sandbox.url) as application:
        client = Client(application.bot)
        message_id = await client.say(home, "0 %")
        progress = client.at(PROGRESS)
        shown = await asyncio.gather(
            *(progress.edit_text(home, message_id, f"{percent} %") for percent in range(1, 41)),
            return_exceptions=True,
        )
        refused = [outcome.wait for outcome in shown if isinstance(outcome, NoRoom)]
        assert len(refused) >= 30
        assert all(0 < wait <= 10 for wait in refused)
        asked = len(sandbox.log)
        await client.at(DELIVERY).send_photo(home, picture(), "painting.jpg")
        assert len(sandbox.log) == asked + 1
    assert not [call for call in sandbox.log if call.error is not None]
    assert ada.from_bot()[-1].photo is not None


async def test_a_429_is_waited_for_in_one_place(
    sandbox: Sandbox, client: Client, home: Place, ada: Person
) -> None:
    sandbox.faults.add("sendMessage", faults.retry_after(1))
    await client.say(home, "late")
    assert [message.words for message in ada.from_bot()] == ["late"]
    assert [call.ok for call in sandbox.calls("sendMessage")] == [False, True]


async def test_whatever_was_received_leads_to_its_client(bot: Bot, home: Place) -> None:
    presser = {"id": home.chat_id, "is_bot": False, "first_name": "Ada"}
    press = {"id": "1", "chat_instance": "x", "from": presser}
    received = Update.de_json({"update_id": 1, "callback_query": press}, bot)
    assert received.callback_query is not None
    assert await client_of(received.callback_query).say(home, "hello") > 0
