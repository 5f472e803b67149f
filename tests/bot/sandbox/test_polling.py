"""getUpdates and webhooks, getMe and the account's texts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.sandbox import Person, Sandbox

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Api


async def _texts(api: Api, **params: object) -> list[str]:
    return [update["message"]["text"] for update in await api.ok("getUpdates", **params)]


@pytest.fixture
async def first(sandbox: Sandbox, ada: Person) -> int:
    """Four texts wait, one to four; returns the first one's update id."""
    for text in ("one", "two", "three", "four"):
        await ada.send_text(text)
    return sandbox.world.updates.unconfirmed[0].update_id


async def test_unconfirmed_updates_come_again(api: Api, first: int) -> None:
    assert await _texts(api) == await _texts(api) == ["one", "two", "three", "four"]
    assert await _texts(api, offset=first + 2) == ["three", "four"]
    assert await _texts(api) == ["three", "four"]


@pytest.mark.usefixtures("first")
async def test_limit_and_negative_offset(api: Api) -> None:
    assert await _texts(api, limit=2) == ["one", "two"]
    assert await _texts(api, limit=0) == ["one"]
    assert await _texts(api, offset=-1) == ["four"]
    assert await _texts(api) == ["four"]


async def test_a_long_poll_ends_when_something_comes(api: Api, ada: Person) -> None:
    poll = asyncio.create_task(_texts(api, timeout=60))
    await asyncio.sleep(0.05)
    await ada.send_text("now")
    assert await poll == ["now"]


async def test_a_long_poll_without_updates_ends_empty(api: Api) -> None:
    assert await _texts(api, timeout=1) == []


async def test_the_second_poller_ends_the_first(api: Api, ada: Person) -> None:
    older = asyncio.create_task(api.refused("getUpdates", timeout=60))
    await asyncio.sleep(0.05)
    newer = asyncio.create_task(_texts(api, timeout=60))
    assert "Conflict: terminated by other getUpdates request" in await older
    await ada.send_text("for the newer")
    assert await newer == ["for the newer"]


async def test_a_dead_poller_is_no_rival(api: Api, ada: Person, sandbox: Sandbox) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=60))
    await asyncio.sleep(0.05)
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)
    await asyncio.sleep(0.05)
    await ada.send_text("hello")
    assert await _texts(api, timeout=60) == ["hello"]
    assert all(call.ok for call in sandbox.calls("getUpdates"))


async def test_only_kinds_that_were_asked_for_are_queued(
    api: Api, ada: Person, sandbox: Sandbox
) -> None:
    await api.ok("getUpdates", allowed_updates=["edited_message"])
    message = await ada.send_text("one")
    await ada.edit_text(message, "uno")
    [update] = await api.ok("getUpdates")
    assert update["edited_message"]["text"] == "uno"
    assert update["edited_message"]["edit_date"]
    await api.ok("getUpdates", allowed_updates=[])
    await ada.send_text("two")
    assert [update.kind for update in sandbox.world.updates.unconfirmed] == [
        "edited_message",
        "message",
    ]


async def test_a_webhook_shuts_polling_out(api: Api) -> None:
    assert "HTTPS" in await api.refused("setWebhook", url="http://example.com")
    await api.ok("setWebhook", url="https://example.com/hook", secret_token="a-b_1")
    assert (await api.ok("getWebhookInfo"))["url"] == "https://example.com/hook"
    assert "webhook is active" in await api.refused("getUpdates")
    await api.ok("deleteWebhook")
    assert await _texts(api) == []


@pytest.mark.usefixtures("first")
async def test_pending_updates_can_be_dropped(api: Api) -> None:
    await api.ok("deleteWebhook", drop_pending_updates=True)
    assert await _texts(api) == []


async def test_get_me_tells_the_privacy_mode(api: Api, sandbox: Sandbox) -> None:
    assert (await api.ok("getMe"))["can_read_all_group_messages"] is False
    sandbox.world.privacy.mode = False
    assert (await api.ok("getMe"))["can_read_all_group_messages"] is True
    await api.ok("close")


async def test_commands_are_kept_per_scope_and_language(api: Api, ada: Person) -> None:
    await ada.send_text("hello")
    menu = [{"command": "help", "description": "What this is"}]
    scope = {"type": "chat", "chat_id": ada.id}
    await api.ok("setMyCommands", commands=menu, scope=scope, language_code="de")
    assert await api.ok("getMyCommands", scope=scope, language_code="de") == menu
    assert await api.ok("getMyCommands", scope=scope) == []
    assert await api.ok("getMyCommands") == []
    await api.ok("deleteMyCommands", scope=scope, language_code="de")
    assert await api.ok("getMyCommands", scope=scope, language_code="de") == []


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"commands": [{"command": "Help!", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        (
            {"commands": [{"command": "help", "description": ""}]},
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        ({"commands": [], "language_code": "german"}, "invalid language code"),
        ({"commands": [], "scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
        ({"commands": [], "scope": {"type": "moon"}}, "moon"),
    ],
)
async def test_wrong_commands_are_refused(api: Api, params: dict[str, object], text: str) -> None:
    assert text in await api.refused("setMyCommands", **params)


@pytest.mark.parametrize(
    ("method", "field", "limit"),
    [
        ("MyName", "name", 64),
        ("MyDescription", "description", 512),
        ("MyShortDescription", "short_description", 120),
    ],
)
async def test_the_accounts_texts(api: Api, method: str, field: str, limit: int) -> None:
    await api.ok(f"set{method}", **{field: "Paints"})
    await api.ok(f"set{method}", **{field: "Malt", "language_code": "de"})
    assert await api.ok(f"get{method}", language_code="de") == {field: "Malt"}
    assert await api.ok(f"get{method}", language_code="fr") == {field: "Paints"}
    await api.ok(f"set{method}", **{field: "", "language_code": "de"})
    assert await api.ok(f"get{method}", language_code="de") == {field: "Paints"}
    assert "too long" in await api.refused(f"set{method}", **{field: "x" * (limit + 1)})
