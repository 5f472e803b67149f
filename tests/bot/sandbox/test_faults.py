"""Faults on demand and flood limits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from telegram import Bot
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.sandbox import ApiError, Person, RateLimits, Sandbox, faults
from bot.sandbox.errors import bad_request

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Picture


@pytest.fixture(autouse=True)
async def _met(ada: Person) -> None:
    await ada.send_text("hello")


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        (faults.retry_after(7), RetryAfter, "Retry in 0:00:07"),
        (faults.blocked(), Forbidden, "bot was blocked by the user"),
        (faults.bad_gateway(), NetworkError, "Bad Gateway"),
        (faults.not_modified(), BadRequest, "Message is not modified"),
        (faults.refusal(bad_request("CHAT_ADMIN_REQUIRED")), BadRequest, "(?i)admin_required"),
        (faults.lost_request(), NetworkError, ""),
    ],
)
async def test_a_fault_before_the_effect(
    *,
    bot: Bot,
    sandbox: Sandbox,
    ada: Person,
    fault: faults.Fault,
    error: type[TelegramError],
    text: str,
) -> None:
    sandbox.faults.add("sendMessage", fault, times=2)
    for _ in range(2):
        with pytest.raises(error, match=f"(?i){text.removeprefix('(?i)')}"):
            await bot.send_message(ada.id, "x")
    assert ada.from_bot() == []
    await bot.send_message(ada.id, "x")
    assert len(ada.from_bot()) == 1


@pytest.mark.parametrize(
    "fault", [faults.lost_response(), faults.bad_gateway(after_effect=True)], ids=["lost", "502"]
)
async def test_a_fault_after_the_effect(
    bot: Bot, sandbox: Sandbox, ada: Person, picture: Picture, fault: faults.Fault
) -> None:
    sandbox.faults.add("send*", fault, skip=1)
    await bot.send_message(ada.id, "first")
    with pytest.raises(NetworkError):
        await bot.send_photo(ada.id, picture())
    assert len(ada.from_bot()) == 2
    assert [call.lost for call in sandbox.calls("sendMessage", "sendPhoto")] == [False, True]


async def test_a_slow_answer_times_out(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    gate = asyncio.Event()
    sandbox.faults.add("sendMessage", faults.hold(gate, after_effect=True))
    with pytest.raises(TimedOut):
        await bot.send_message(ada.id, "x", read_timeout=0.1)
    assert len(ada.from_bot()) == 1
    sandbox.faults.add("sendMessage", faults.delay(0.01))
    await bot.send_message(ada.id, "y")


async def test_a_held_call_has_its_effect_when_it_is_let_go(
    bot: Bot, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    await bob.send_text("hello")
    gate = asyncio.Event()
    sandbox.faults.add("sendMessage", faults.hold(gate), chat=ada.id)
    held = asyncio.create_task(bot.send_message(ada.id, "held"))
    await bot.send_message(bob.id, "overtakes")
    gate.set()
    await held
    assert [call.params["text"] for call in sandbox.calls("sendMessage")] == ["overtakes", "held"]


async def test_faults_for_one_chat_until_cleared(
    bot: Bot, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    await bob.send_text("hello")
    sandbox.faults.add("*", faults.retry_after(1), times=None, chat=ada.id)
    for _ in range(3):
        with pytest.raises(RetryAfter):
            await bot.send_message(ada.id, "x")
    await bot.send_message(bob.id, "x")
    sandbox.faults.clear()
    await bot.send_message(ada.id, "x")


async def test_faults_of_downloads(
    bot: Bot, sandbox: Sandbox, ada: Person, picture: Picture
) -> None:
    sent = await ada.send_photo(picture())
    assert sent.photo is not None
    file = await bot.get_file(sent.photo.largest.file.file_id)
    for fault in (faults.lost_request(), faults.bad_gateway()):
        sandbox.faults.add("download", fault)
        with pytest.raises(NetworkError):
            await file.download_as_bytearray()
    assert bytes(await file.download_as_bytearray()) == sent.data
    assert [call.ok for call in sandbox.calls("download")] == [True, False, True]


async def test_the_log_tells_methods_parameters_and_times(
    bot: Bot, sandbox: Sandbox, ada: Person
) -> None:
    sent = await bot.send_message(ada.id, "one")
    with pytest.raises(BadRequest):
        await sent.edit_text("one")
    await sent.edit_text("two")
    send, same, edit = sandbox.calls("sendMessage", "editMessageText")
    assert send.params["text"] == "one"
    assert same.error is not None
    assert "not modified" in str(same.error)
    assert send.at <= same.at <= edit.at
    assert (await sandbox.wait_for_call("editMessageText")) is same
    with pytest.raises(TimeoutError):
        await sandbox.wait_for_call("sendPhoto", timeout=0.01)


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _refused(limits: RateLimits, method: str, **params: object) -> int:
    """Return the seconds that a refusal asks for, 0 if the call passes."""
    try:
        limits.check(method, params)
    except ApiError as error:
        return error.parameters["retry_after"]
    return 0


def test_a_chat_takes_a_burst_and_then_one_a_second() -> None:
    clock = _Clock()
    limits = RateLimits(clock=clock)
    assert [_refused(limits, "sendMessage", chat_id=1) for _ in range(6)] == [0] * 5 + [5]
    assert _refused(limits, "editMessageText", chat_id=1) == 5
    assert _refused(limits, "sendMessage", chat_id=2) == 0
    assert _refused(limits, "sendChatAction", chat_id=1) == 0
    clock.now = 4.5
    assert _refused(limits, "sendMessage", chat_id=1) == 1
    clock.now = 5.0
    assert _refused(limits, "sendMessage", chat_id=1) == 0


def test_a_group_takes_20_a_minute_and_an_album_counts_whole() -> None:
    clock = _Clock()
    limits = RateLimits(clock=clock)
    assert _refused(limits, "sendMediaGroup", chat_id=-1, media=[{}] * 10) == 0
    for _ in range(10):
        clock.now += 5.0
        assert _refused(limits, "editMessageCaption", chat_id=-1) == 0
    assert _refused(limits, "sendPhoto", chat_id=-1) == 10
    clock.now = 60.0
    assert _refused(limits, "sendPhoto", chat_id=-1) == 0


async def test_flood_limits_answer_over_http(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    sandbox.limits = RateLimits(burst=2, burst_seconds=100)
    for _ in range(2):
        await bot.send_message(ada.id, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(ada.id, "x")
    assert len(ada.from_bot()) == 2
