"""Updates by webhook: kept before they are confirmed, from nobody but Telegram."""

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from telegram import Bot

from bot.http_server import CannotListen
from bot.listen_address import ListenAddress
from bot.sandbox import Person, Sandbox, faults
from bot.sandbox import webhook as sandbox_webhook
from bot.sandbox.errors import ApiError
from bot.telegram import webhook as module
from bot.telegram.backoff import Backoff
from bot.telegram.errors import TokenRefused
from bot.telegram.updates import ALLOWED_UPDATES, RawUpdate
from bot.telegram.webhook import SECRET_HEADER, Webhook, WebhookAddress

SECRET = "a-secret_of-43-letters"
ELSEWHERE = "https://hooks.example.org/a-secret-path"
UPDATE = {"update_id": 7, "message": {"text": "hello"}}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF", Backoff(first=0.05))
    monkeypatch.setattr(module, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(sandbox_webhook, "FIRST_RETRY_SECONDS", 0.02)


@pytest.fixture
def address() -> WebhookAddress:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return WebhookAddress(
        url=f"http://127.0.0.1:{port}/telegram",
        listen=ListenAddress(host="127.0.0.1", port=port),
        secret=SECRET,
    )


class Batches:
    """A webhook's batches, asked for one after another."""

    def __init__(self, webhook: Webhook) -> None:
        self._batches = webhook.batches()

    async def next(self) -> list[RawUpdate]:
        async with asyncio.timeout(20):
            return await anext(self._batches)

    async def texts(self, number: int) -> list[str]:
        """The texts of the next so many updates."""
        found: list[str] = []
        while len(found) < number:
            found += [update["message"]["text"] for update in await self.next()]
        return found

    async def close(self) -> None:
        await self._batches.aclose()


@pytest.fixture
async def batches(bot: Bot, address: WebhookAddress) -> AsyncIterator[Batches]:
    made = Batches(Webhook(bot, address))
    yield made
    await made.close()


@dataclass(frozen=True)
class Answer:
    """What a request was answered with."""

    status: int
    body: bytes
    headers: dict[str, str]


async def send(
    url: str,
    *,
    body: bytes = json.dumps(UPDATE).encode(),
    method: str = "POST",
    secret: str | None = SECRET,
) -> Answer:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=io.BytesIO(body), headers=headers) as answer,
    ):
        return Answer(answer.status, await answer.read(), dict(answer.headers))


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 (none of these wakes anybody)
            await asyncio.sleep(0.01)


async def listening(sandbox: Sandbox) -> None:
    """Wait until the webhook is set, which is after it is listened for."""
    await sandbox.wait_for_call("setWebhook", timeout=20)


async def test_it_is_set_with_its_secret_and_what_waited_is_brought(
    batches: Batches, sandbox: Sandbox, ada: Person, address: WebhookAddress
) -> None:
    await ada.send_text("before")
    assert await batches.texts(1) == ["before"]
    await ada.send_text("after")
    assert await batches.texts(1) == ["after"]
    [call] = sandbox.calls("setWebhook")
    assert call.params == {
        "url": address.url,
        "secret_token": SECRET,
        "allowed_updates": list(ALLOWED_UPDATES),
        "drop_pending_updates": False,
    }


async def test_an_update_is_confirmed_when_the_next_is_asked_for(
    batches: Batches, sandbox: Sandbox, ada: Person
) -> None:
    await ada.send_text("one")
    assert await batches.texts(1) == ["one"]
    assert len(sandbox.world.updates) == 1
    waiting = asyncio.create_task(batches.next())
    await until(lambda: not len(sandbox.world.updates))
    await ada.send_text("two")
    assert [update["message"]["text"] for update in await waiting] == ["two"]


async def test_what_is_not_kept_is_brought_again(
    bot: Bot, batches: Batches, sandbox: Sandbox, ada: Person, address: WebhookAddress
) -> None:
    await ada.send_text("one")
    assert await batches.texts(1) == ["one"]
    await batches.close()
    error = "Wrong response from the webhook: 503 Service Unavailable"
    await until(lambda: sandbox.world.profile.webhook.last_error)
    assert sandbox.world.profile.webhook.last_error == error
    again = Batches(Webhook(bot, address))
    assert await again.texts(1) == ["one"]
    await again.close()


async def test_what_is_not_kept_in_time_is_refused(
    batches: Batches,
    sandbox: Sandbox,
    address: WebhookAddress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = asyncio.create_task(batches.next())
    await listening(sandbox)
    monkeypatch.setattr(module, "KEEP_SECONDS", 0.05)
    assert (await send(address.url)).status == 503
    assert await waiting == [UPDATE]


async def test_where_too_many_wait_more_are_refused(
    batches: Batches, sandbox: Sandbox, address: WebhookAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    monkeypatch.setattr(module, "KEEP_SECONDS", 1.0)
    waiting = asyncio.create_task(batches.next())
    await listening(sandbox)
    # The first is handed out, two wait.
    first = asyncio.create_task(send(address.url))
    await waiting
    answers = await asyncio.gather(*(send(address.url) for _ in range(5)), first)
    assert sorted(answer.status for answer in answers) == [503] * 6


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (403, {"secret": None}),
        (403, {"secret": ""}),
        (403, {"secret": SECRET[:-1]}),
        (403, {"secret": f"{SECRET}x"}),
        (403, {"secret": "sécret"}),
        (403, {"method": "GET"}),
        (403, {"path": "/"}),
        (403, {"path": "/telegram/"}),
        (403, {"secret": None, "body": b"x" * 2_000_000}),
        (413, {"body": b"x" * 2_000_000}),
        (400, {"body": b"no JSON"}),
        (400, {"body": b"[]"}),
        (400, {"body": b"[" * 100_000}),
        (400, {"body": b'{"update_id": "7"}'}),
        (400, {"body": b'{"update_id": true}'}),
        (400, {"body": b"\xff"}),
    ],
)
async def test_a_stranger_learns_nothing(
    batches: Batches,
    sandbox: Sandbox,
    address: WebhookAddress,
    status: int,
    request_: dict[str, Any],
) -> None:
    waiting = asyncio.create_task(batches.next())
    await listening(sandbox)
    url = address.url.replace("/telegram", request_.get("path", "/telegram"))
    answer = await send(url, **{name: request_[name] for name in request_ if name != "path"})
    assert (answer.status, answer.body) == (status, b"")
    assert set(answer.headers) <= {"Content-Length", "Content-Type", "Date", "Connection"}
    assert not waiting.done()
    known = asyncio.create_task(send(address.url))
    assert await waiting == [UPDATE]
    await batches.close()
    assert (await known).status == 503


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == module.__name__ and r.levelno > 20]


@pytest.fixture
async def waiting(batches: Batches) -> AsyncIterator[None]:
    task = asyncio.create_task(batches.next())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.usefixtures("waiting")
async def test_a_webhook_that_was_taken_away_is_set_again(bot: Bot, sandbox: Sandbox) -> None:
    await listening(sandbox)
    await bot.delete_webhook()
    await sandbox.wait_for_call("setWebhook", since=len(sandbox.log), timeout=20)


async def test_another_programs_webhook_is_replaced_at_the_start_and_left_alone_later(
    bot: Bot,
    batches: Batches,
    sandbox: Sandbox,
    address: WebhookAddress,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await bot.set_webhook(ELSEWHERE)
    task = asyncio.create_task(batches.next())
    await until(lambda: sandbox.world.profile.webhook.url == address.url)
    assert warnings_of(caplog) == ["A webhook was set, to hooks.example.org, and is replaced"]
    await bot.set_webhook(ELSEWHERE)
    await until(lambda: len(warnings_of(caplog)) > 1)
    assert "another program has set a webhook to hooks.example.org" in warnings_of(caplog)[1]
    assert sandbox.world.profile.webhook.url == ELSEWHERE
    assert "secret" not in caplog.text
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.usefixtures("waiting")
async def test_the_host_is_told_once_why_telegram_cannot_bring_updates(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    await listening(sandbox)
    sandbox.world.profile.webhook.last_error = "Connection refused"
    sandbox.world.profile.webhook.last_error_date = 1_800_000_000
    for _ in range(3):
        await sandbox.wait_for_call("getWebhookInfo", since=len(sandbox.log), timeout=20)
    assert warnings_of(caplog) == [
        "Telegram cannot bring updates to 127.0.0.1 (Connection refused); 0 wait there"
    ]


@pytest.mark.usefixtures("waiting")
async def test_what_fails_is_tried_again(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.faults.add("setWebhook", faults.lost_response())
    sandbox.faults.add("getWebhookInfo", faults.bad_gateway())
    await until(lambda: [call for call in sandbox.calls("setWebhook") if not call.lost])
    assert len(warnings_of(caplog)) == 2


async def test_a_token_that_is_refused_ends_it(batches: Batches, sandbox: Sandbox) -> None:
    sandbox.faults.add("getWebhookInfo", faults.refusal(ApiError(401, "Unauthorized")))
    with pytest.raises(TokenRefused):
        await batches.next()


async def test_a_port_that_is_taken_is_told(batches: Batches, address: WebhookAddress) -> None:
    with (
        socket.create_server(("127.0.0.1", address.listen.port)),
        pytest.raises(CannotListen, match=f"WEBHOOK_LISTEN: 127.0.0.1:{address.listen.port} "),
    ):
        await batches.next()
