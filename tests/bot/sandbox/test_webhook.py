"""Updates brought to a webhook as Telegram brings them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.sandbox import Person, Sandbox, webhook
from tests.bot.sandbox.conftest import Api


class Receiver:
    """What somebody listens with; answers as it is told, then with 200."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.brought: list[str] = []
        self.secrets: list[str | None] = []
        self.more = asyncio.Event()

    async def receive(self, request: web.Request) -> web.Response:
        text = (await request.json())["message"]["text"]
        self.brought.append(text)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.more.set()
        if text in self.gates:
            await self.gates[text].wait()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def until(self, *texts: str) -> None:
        async with asyncio.timeout(20):
            while sorted(self.brought) != sorted(texts):
                self.more.clear()
                await self.more.wait()


@pytest.fixture
async def receiver(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    monkeypatch.setattr(webhook, "FIRST_RETRY_SECONDS", 0.02)
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def nothing_waits(api: Api) -> dict[str, object]:
    async with asyncio.timeout(20):
        while (info := await api.ok("getWebhookInfo"))["pending_update_count"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return dict(info)


async def test_what_waited_and_what_comes_is_brought_with_the_secret(
    api: Api, ada: Person, receiver: Receiver
) -> None:
    await ada.send_text("before")
    await api.ok("setWebhook", url=receiver.url, secret_token="s-3", allowed_updates=["message"])
    await ada.send_text("after")
    await receiver.until("before", "after")
    assert receiver.brought == ["before", "after"]
    assert receiver.secrets == ["s-3", "s-3"]
    info = await nothing_waits(api)
    assert info == {
        "url": receiver.url,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 40,
        "allowed_updates": ["message"],
    }


async def test_what_is_not_taken_comes_again_and_the_error_is_told(
    api: Api, ada: Person, receiver: Receiver
) -> None:
    receiver.answers = [503, 302]
    await api.ok("setWebhook", url=receiver.url)
    await ada.send_text("one")
    await receiver.until("one", "one", "one")
    info = await nothing_waits(api)
    assert info["last_error_message"] == "Wrong response from the webhook: 302 Found"
    assert info["last_error_date"]
    assert receiver.secrets == [None] * 3


async def test_one_chat_waits_for_its_own_and_not_for_another(
    api: Api, ada: Person, bob: Person, receiver: Receiver
) -> None:
    gate = receiver.gates["ada 1"] = asyncio.Event()
    await api.ok("setWebhook", url=receiver.url)
    for person, text in ((ada, "ada 1"), (ada, "ada 2"), (bob, "bob 1"), (bob, "bob 2")):
        await person.send_text(text)
    await receiver.until("ada 1", "bob 1", "bob 2")
    assert (await api.ok("getWebhookInfo"))["pending_update_count"] == 2
    gate.set()
    await receiver.until("ada 1", "ada 2", "bob 1", "bob 2")


async def test_no_more_are_under_way_than_was_asked_for(
    api: Api, ada: Person, bob: Person, receiver: Receiver
) -> None:
    gate = receiver.gates["ada"] = asyncio.Event()
    await api.ok("setWebhook", url=receiver.url, max_connections=1)
    await ada.send_text("ada")
    await bob.send_text("bob")
    await receiver.until("ada")
    await api.ok("getMe")
    assert receiver.brought == ["ada"]
    gate.set()
    await receiver.until("ada", "bob")


async def test_nobody_there_and_nobody_beyond_this_machine_is_reached(
    api: Api, ada: Person
) -> None:
    await ada.send_text("one")
    for url, error in (
        ("http://127.0.0.1:9/hook", "Connection refused"),
        ("https://example.com/hook", "Failed to resolve host: Name or service not known"),
    ):
        await api.ok("setWebhook", url=url)
        info: dict[str, object] = {}
        async with asyncio.timeout(20):
            while "last_error_message" not in info:
                info = await api.ok("getWebhookInfo")
        assert info["last_error_message"] == error
        assert info["pending_update_count"] == 1
    await api.ok("deleteWebhook")
    assert (await api.ok("getWebhookInfo"))["url"] == ""
    [update] = await api.ok("getUpdates")
    assert update["message"]["text"] == "one"


async def test_a_poll_ends_where_a_webhook_begins(api: Api, sandbox: Sandbox) -> None:
    poll = asyncio.create_task(api.refused("getUpdates", timeout=30))
    while sandbox.world.updates._poller is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await api.ok("setWebhook", url="https://example.com/hook")
    assert "terminated by setWebhook request" in await poll
    assert "webhook is active" in await api.refused("getUpdates")


async def test_an_old_update_is_brought_again(
    api: Api, ada: Person, receiver: Receiver, sandbox: Sandbox
) -> None:
    await api.ok("setWebhook", url=receiver.url)
    await ada.send_text("one")
    await receiver.until("one")
    await nothing_waits(api)
    [update_id] = sandbox.world.updates.history
    sandbox.world.redeliver(update_id)
    await receiver.until("one", "one")
