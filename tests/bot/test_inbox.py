"""Updates from the sandbox: kept, handled once, in order."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from telegram import Bot, Update

from bot.http_server import serving
from bot.inbox import Inbox, _lane
from bot.listen_address import ListenAddress
from bot.sandbox import Person, Sandbox, faults
from bot.studio.ledger.ledger import Ledger
from bot.telegram.polling import Polling
from bot.telegram.webhook import SECRET_HEADER, Webhook, WebhookAddress
from tests.bot.databases import sqlite_url

Handler = Callable[[Update], Awaitable[None]]
Start = Callable[[Handler], Inbox]


class Seen(list[str]):
    """The texts and button data that were handled."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    async def __call__(self, update: Update) -> None:
        self.note(update)

    def note(self, update: Update) -> None:
        query, message = update.callback_query, update.message
        self.append((query.data if query else message.text if message else None) or "?")
        self._more.set()

    async def until(self, *words: str) -> None:
        async with asyncio.timeout(20):
            while not set(words) <= set(self):
                self._more.clear()
                await self._more.wait()


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
async def start(bot: Bot, ledger: Ledger) -> AsyncIterator[Start]:
    started: list[tuple[Inbox, asyncio.Task[None]]] = []

    def begin(handle: Handler) -> Inbox:
        inbox = Inbox(Polling(bot, poll_seconds=5), ledger, handle)
        started.append((inbox, asyncio.create_task(inbox.run())))
        return inbox

    yield begin
    for inbox, task in started:
        await inbox.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def kept(ledger: Ledger) -> list[str]:
    async with ledger.begin() as transaction:
        return [
            json.loads(payload)["message"].get("text", "")
            for _, payload in await transaction.kept_updates()
        ]


async def until_nothing_is_kept(ledger: Ledger) -> None:
    with ledger.changed.subscribe() as changes:
        async with asyncio.timeout(20):
            while await kept(ledger):
                await changes.wait(0.2)


async def test_updates_are_handled_in_order(
    start: Start, seen: Seen, ada: Person, ledger: Ledger
) -> None:
    texts = [f"text {number}" for number in range(12)]
    for text in texts[:6]:
        await ada.send_text(text)
    start(seen)
    await seen.until(texts[5])
    for text in texts[6:]:
        await ada.send_text(text)
    await seen.until(texts[-1])
    assert seen == texts
    await until_nothing_is_kept(ledger)


@pytest.mark.parametrize(
    "odd",
    [
        {"chat": {"id": "seven", "type": "private"}},
        {"chat": {"id": 2**70, "type": "private"}},
        {"chat": 7, "message": 7},
        {"message_id": 1, "date": 1},
    ],
)
async def test_what_cannot_be_read_is_let_go_of_and_ends_nothing(
    start: Start,
    seen: Seen,
    sandbox: Sandbox,
    ada: Person,
    ledger: Ledger,
    odd: dict[str, object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox.world.updates.add("message", odd)
    start(seen)
    await ada.send_text("hello")
    await seen.until("hello")
    await until_nothing_is_kept(ledger)
    assert seen == ["hello"]
    assert "cannot be read, and is let go" in caplog.text
    assert not [record for record in caplog.records if record.exc_info]


async def test_an_update_is_kept_before_it_is_confirmed(
    start: Start, sandbox: Sandbox, ada: Person, ledger: Ledger
) -> None:
    handling, gate = asyncio.Event(), asyncio.Event()

    async def handle(_: Update) -> None:
        handling.set()
        await gate.wait()

    await ada.send_text("hello")
    sandbox.faults.add("getUpdates", faults.hold(gate), skip=1)
    start(handle)
    async with asyncio.timeout(20):
        await handling.wait()
    # The poll that would confirm it has had no effect yet.
    assert not any("offset" in call.params for call in sandbox.calls("getUpdates"))
    assert await kept(ledger) == ["hello"]
    gate.set()
    await until_nothing_is_kept(ledger)


async def test_what_a_killed_process_left_is_handled_and_nothing_twice(
    bot: Bot, start: Start, seen: Seen, ada: Person, ledger: Ledger
) -> None:
    started = asyncio.Event()

    async def hang(_: Update) -> None:
        started.set()
        await asyncio.Event().wait()

    first = Inbox(Polling(bot, poll_seconds=5), ledger, hang)
    task = asyncio.create_task(first.run())
    for text in ("one", "two"):
        await ada.send_text(text)
    async with asyncio.timeout(20):
        await started.wait()
    await first.stop(grace=0)
    await task
    assert await kept(ledger) == ["one", "two"]
    await ada.send_text("three")
    start(seen)
    await seen.until("three")
    assert seen == ["one", "two", "three"]


async def test_a_redelivered_update_is_not_handled_again(
    start: Start, seen: Seen, sandbox: Sandbox, ada: Person
) -> None:
    start(seen)
    await ada.send_text("once")
    await seen.until("once")
    [update_id] = sandbox.world.updates.history
    sandbox.world.redeliver(update_id)
    await ada.send_text("then")
    await seen.until("then")
    assert seen == ["once", "then"]


async def test_a_lost_answer_to_a_poll_loses_nothing(
    start: Start, seen: Seen, sandbox: Sandbox, ada: Person
) -> None:
    await ada.send_text("hello")
    sandbox.faults.add("getUpdates", faults.lost_response())
    sandbox.faults.add("getUpdates", faults.bad_gateway())
    sandbox.faults.add("getUpdates", faults.retry_after(1))
    start(seen)
    await seen.until("hello")
    assert seen == ["hello"]


async def test_chats_do_not_wait_for_one_another_nor_buttons_for_photos(
    start: Start, seen: Seen, ada: Person, bob: Person, bot: Bot
) -> None:
    gate = asyncio.Event()

    async def handle(update: Update) -> None:
        if update.message and update.message.text == "slow":
            await gate.wait()
        await seen(update)

    start(handle)
    await ada.send_text("slow")
    await ada.send_text("after")
    await bob.send_text("other")
    await seen.until("other")
    message = await bot.send_message(ada.id, "Card")
    ada.world.press(ada.user, ada.chat, message.message_id, "cancel:1")
    await seen.until("cancel:1")
    assert seen == ["other", "cancel:1"]
    gate.set()
    await seen.until("after")
    assert seen[2:] == ["slow", "after"]


async def test_a_poisonous_update_does_not_loop(
    start: Start,
    seen: Seen,
    ada: Person,
    ledger: Ledger,
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempts = 0

    async def handle(update: Update) -> None:
        nonlocal attempts
        if update.message and update.message.text == "poison":
            attempts += 1
            raise RuntimeError("ouch")
        await seen(update)

    start(handle)
    await ada.send_text("poison")
    await ada.send_text("food")
    await seen.until("food")
    await until_nothing_is_kept(ledger)
    assert attempts == 2
    assert "ouch" in caplog.text


async def test_stop_lets_handlers_finish(bot: Bot, ada: Person, ledger: Ledger, seen: Seen) -> None:
    started, gate = asyncio.Event(), asyncio.Event()

    async def handle(update: Update) -> None:
        started.set()
        await gate.wait()
        await seen(update)

    inbox = Inbox(Polling(bot, poll_seconds=5), ledger, handle)
    task = asyncio.create_task(inbox.run())
    await ada.send_text("last")
    async with asyncio.timeout(20):
        await started.wait()
    stopping = asyncio.create_task(inbox.stop())
    await task
    assert not stopping.done()
    gate.set()
    await stopping
    assert seen == ["last"]
    assert await kept(ledger) == []


async def test_too_many_waiting_updates_pause_the_taking(
    start: Start,
    seen: Seen,
    bot: Bot,
    sandbox: Sandbox,
    ada: Person,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.inbox.MOST_WAITING", 3)
    handling, gate = asyncio.Event(), asyncio.Event()

    async def handle(update: Update) -> None:
        handling.set()
        await gate.wait()
        await seen(update)

    for number in range(4):
        await ada.send_text(str(number))
    start(handle)
    async with asyncio.timeout(20):
        await handling.wait()
    await ada.send_text("4")
    await sandbox.log.wait_for(lambda call: "offset" in call.params, timeout=20)
    # Had it been kept, or another been asked for, then before these.
    await bot.get_me()
    assert await kept(ledger) == ["0", "1", "2", "3"]
    assert len(sandbox.calls("getUpdates")) == 2
    gate.set()
    await seen.until("4")
    assert seen == ["0", "1", "2", "3", "4"]


async def test_two_bots_behind_one_address_handle_nothing_twice(
    bot: Bot, sandbox: Sandbox, tmp_path: Path, ada: Person, bob: Person, seen: Seen
) -> None:
    """Each update is brought to both, as by one who heard no answer from the first."""
    urls: list[str] = []

    async def to_both(request: web.Request) -> web.Response:
        async with ClientSession() as session:
            for url in urls if len(seen) % 2 else reversed(urls):
                secret = {SECRET_HEADER: request.headers[SECRET_HEADER]}
                async with session.post(url, data=await request.read(), headers=secret) as answer:
                    assert answer.status == 200
        return web.Response()

    app = web.Application()
    app.router.add_post("/", to_both)
    async with AsyncExitStack() as stack:
        front = await stack.enter_async_context(
            serving(app, ListenAddress(host="127.0.0.1", port=0), setting="")
        )
        tasks = []
        for _ in range(2):
            ledger = await Ledger.open(sqlite_url(tmp_path / "shared.db"))
            stack.push_async_callback(ledger.close)
            with socket.create_server(("127.0.0.1", 0)) as free:
                listen = ListenAddress(host="127.0.0.1", port=free.getsockname()[1])
            urls.append(f"http://{listen}/")
            address = WebhookAddress(url=f"http://127.0.0.1:{front}/", listen=listen, secret="s")
            inbox = Inbox(Webhook(bot, address), ledger, seen)
            tasks.append(asyncio.create_task(inbox.run()))
            stack.push_async_callback(inbox.stop)
        async with asyncio.timeout(20):
            while len(sandbox.calls("setWebhook")) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        texts = [f"text {number}" for number in range(6)]
        for text in texts:
            for person in (ada, bob):
                await person.send_text(f"{person.user.first_name} {text}")
        async with asyncio.timeout(20):
            while len(sandbox.world.updates):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await seen.until(*(f"{name} {text}" for name in ("Ada", "Bob") for text in texts))
    assert len(seen) == 12
    await asyncio.gather(*tasks)


async def test_a_confirmed_offset_is_not_held_on_to(
    bot: Bot, sandbox: Sandbox, ada: Person, ledger: Ledger, seen: Seen
) -> None:
    """Ids may start again lower; an old offset would confirm such updates unread."""
    inbox = Inbox(Polling(bot, poll_seconds=0), ledger, seen)
    task = asyncio.create_task(inbox.run())
    await ada.send_text("hello")
    await seen.until("hello")
    index = len(sandbox.log)
    await sandbox.log.wait_for(
        lambda call: call.method == "getUpdates" and "offset" not in call.params,
        timeout=20,
        since=index,
    )
    confirmed = [c.params["offset"] for c in sandbox.calls("getUpdates") if "offset" in c.params]
    assert confirmed == [max(sandbox.world.updates.history) + 1]
    await inbox.stop()
    await task


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        ({"update_id": 1, "message": {"chat": {"id": -5}, "from": {"id": 7}}}, ("message", -5)),
        (
            {
                "update_id": 1,
                "callback_query": {"from": {"id": 7}, "message": {"chat": {"id": -5}}},
            },
            ("button", -5),
        ),
        ({"update_id": 1, "callback_query": {"from": {"id": 7}}}, ("button", 7)),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": 7}}}, ("message", 7)),
        ({"update_id": 9, "poll": {"id": "x"}}, ("update", 9)),
    ],
)
def test_lanes(update: dict[str, object], lane: tuple[str, int]) -> None:
    assert _lane(update) == lane
