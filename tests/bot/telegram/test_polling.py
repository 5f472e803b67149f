"""Polling for updates: webhooks, rivals, a refused token, a bad line."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot
from telegram._utils.strings import to_camel_case

from bot.sandbox import Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.telegram import polling as module
from bot.telegram.application import application_for, initialised
from bot.telegram.backoff import Backoff
from bot.telegram.errors import TokenRefused
from bot.telegram.polling import Polling
from bot.telegram.updates import ALLOWED_UPDATES, RawUpdate

HOOK = "https://hooks.example.org/a-secret-path"
CONFLICT = ApiError(409, "Conflict: terminated by other getUpdates request")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CONFLICT_DELAY", 0.05)
    monkeypatch.setattr(module, "BACKOFF", Backoff(first=0.05))


@pytest.fixture
async def batches(bot: Bot) -> AsyncIterator[AsyncIterator[list[RawUpdate]]]:
    made = Polling(bot, poll_seconds=5).batches()
    yield made
    await made.aclose()


async def first_text(batches: AsyncIterator[list[RawUpdate]]) -> str:
    async with asyncio.timeout(20):
        batch = await anext(batches)
    return str(batch[0]["message"]["text"])


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == module.__name__]


async def test_a_webhook_that_was_left_behind_is_removed_and_what_waits_is_not_lost(
    bot: Bot,
    batches: AsyncIterator[list[RawUpdate]],
    sandbox: Sandbox,
    ada: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await ada.send_text("sent before the start")
    await bot.set_webhook(HOOK)
    assert await first_text(batches) == "sent before the start"
    assert sandbox.world.profile.webhook.url == ""
    [removal] = sandbox.calls("deleteWebhook")
    assert not removal.params.get("drop_pending_updates")
    [line] = warnings_of(caplog)
    assert "hooks.example.org" in line
    assert "secret" not in line


async def test_without_a_webhook_nothing_is_removed(
    batches: AsyncIterator[list[RawUpdate]], sandbox: Sandbox, ada: Person
) -> None:
    await ada.send_text("hello")
    assert await first_text(batches) == "hello"
    assert not sandbox.calls("deleteWebhook")


async def test_a_webhook_that_cannot_be_removed_at_once_is_tried_again(
    bot: Bot, batches: AsyncIterator[list[RawUpdate]], sandbox: Sandbox, ada: Person
) -> None:
    await bot.set_webhook(HOOK)
    sandbox.faults.add("getWebhookInfo", faults.lost_response())
    sandbox.faults.add("deleteWebhook", faults.bad_gateway())
    await ada.send_text("hello")
    assert await first_text(batches) == "hello"


async def test_a_rival_that_polls_is_named(
    batches: AsyncIterator[list[RawUpdate]],
    sandbox: Sandbox,
    ada: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox.faults.add("getUpdates", faults.refusal(CONFLICT), times=2)
    await ada.send_text("hello")
    assert await first_text(batches) == "hello"
    lines = warnings_of(caplog)
    assert len(lines) == 2
    assert all("another process polls with the same token (409" in line for line in lines)


async def test_a_webhook_set_meanwhile_is_named_and_left_to_its_program(
    bot: Bot,
    batches: AsyncIterator[list[RawUpdate]],
    sandbox: Sandbox,
    ada: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await ada.send_text("before")
    assert await first_text(batches) == "before"
    await bot.set_webhook(HOOK)
    waiting = asyncio.create_task(first_text(batches))
    await ada.send_text("after")
    await sandbox.log.wait_for(
        lambda call: call.method == "getUpdates" and call.error is not None, timeout=20
    )
    await sandbox.wait_for_call("getWebhookInfo", since=len(sandbox.log))
    assert sandbox.world.profile.webhook.url == HOOK
    assert not sandbox.calls("deleteWebhook")
    await bot.delete_webhook()
    assert await waiting == "after"
    assert any("has set a webhook to hooks.example.org" in line for line in warnings_of(caplog))
    assert not any("secret" in line for line in warnings_of(caplog))


async def test_where_it_cannot_be_told_which_both_are_named(
    batches: AsyncIterator[list[RawUpdate]],
    sandbox: Sandbox,
    ada: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox.faults.add("getWebhookInfo", faults.bad_gateway(), skip=1)
    sandbox.faults.add("getUpdates", faults.refusal(CONFLICT))
    await ada.send_text("hello")
    assert await first_text(batches) == "hello"
    [line] = warnings_of(caplog)
    assert "another process polls with the same token, or a webhook is set" in line


async def test_only_what_is_wanted_is_asked_for(
    batches: AsyncIterator[list[RawUpdate]], sandbox: Sandbox, ada: Person
) -> None:
    await ada.send_text("hello")
    await first_text(batches)
    [poll] = sandbox.calls("getUpdates")
    assert poll.params["allowed_updates"] == list(ALLOWED_UPDATES)
    assert "offset" not in poll.params


async def test_a_token_that_is_revoked_ends_it(
    batches: AsyncIterator[list[RawUpdate]], sandbox: Sandbox
) -> None:
    sandbox.faults.add("getUpdates", faults.refusal(ApiError(401, "Unauthorized")))
    with pytest.raises(TokenRefused):
        await anext(batches)


async def test_a_wrong_token_is_refused_at_the_start(sandbox: Sandbox) -> None:
    token = "7100000001:wrong"
    application = application_for(token, sandbox.url)
    with pytest.raises(TokenRefused) as caught:
        async with initialised(application):
            pass
    assert token not in str(caught.value)


@pytest.mark.parametrize("answer", ["a page", [7], [{"message": {}}], {"update_id": 1}])
async def test_what_is_no_list_of_updates_is_asked_for_again(
    batches: AsyncIterator[list[RawUpdate]],
    ada: Person,
    answer: object,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask, answers = Bot.do_api_request, iter([answer])

    async def first_another(self: Bot, endpoint: str, **arguments: Any) -> Any:  # noqa: ANN401
        if endpoint == module._GET_UPDATES and (odd := next(answers, None)) is not None:
            return odd
        return await ask(self, endpoint, **arguments)

    monkeypatch.setattr(Bot, "do_api_request", first_another)
    await ada.send_text("hello")
    assert await first_text(batches) == "hello"
    [line] = warnings_of(caplog)
    assert line.startswith("no updates: they are no updates")


async def test_a_network_that_comes_up_late_is_waited_for(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.application.BACKOFF", Backoff(first=0.05))
    sandbox.faults.add("getMe", faults.lost_request(), times=2)
    application = application_for(sandbox.token, sandbox.url)
    async with initialised(application):
        assert application.bot.username == "atelier_bot"


def test_the_spelling_of_the_method_does_what_it_is_for() -> None:
    assert to_camel_case(module._GET_UPDATES) == "getUpdates"
    assert not hasattr(Bot, module._GET_UPDATES)
