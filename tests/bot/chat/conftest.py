"""The chat with everything real behind it but the painting, against the sandbox over HTTP."""

import asyncio
import io
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from telegram.ext import Application, ApplicationBuilder

from bot.chat.handlers.registration import Chat, register
from bot.chat.requests.services import Access, Services
from bot.engines.protocol import Finished, Job, Progress
from bot.inbox import Inbox
from bot.sandbox import Message, Person, Sandbox
from bot.studio.courier.courier import Courier
from bot.studio.dispatch.dispatcher import Dispatcher
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Order
from bot.studio.pictures.fetcher import Fetcher
from bot.studio.pictures.files import Files
from bot.studio.variations import keyboard
from bot.words import Library

LEDGER = "ledger.sqlite3"


def picture(seed: int = 0, size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


class Easel:
    """An engine that paints once it may; the real one has tests of its own."""

    name = "easel"

    def __init__(self) -> None:
        self.may_finish = asyncio.Event()
        self.began = asyncio.Event()
        self.was_halted = asyncio.Event()
        self.jobs: list[Job] = []
        self.halted: list[int] = []

    async def start(self) -> None:
        """Nothing to warm."""

    async def paint(self, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        self.jobs.append(job)
        self.began.set()
        try:
            yield Progress(
                iteration=1,
                iterations=10,
                loss=5.0,
                first_loss=10.0,
                elapsed=0.1,
                remaining=1.0,
                share=0.1,
            )
            await self.may_finish.wait()
        except BaseException:
            self.halted.append(job.order_id)
            self.was_halted.set()
            raise
        yield Finished(image=picture(99), width=64, height=48, elapsed=0.2)

    async def close(self) -> None:
        """Nothing to end."""


@dataclass(kw_only=True)
class House:
    """A running bot and the Telegram around it."""

    sandbox: Sandbox
    ledger: Ledger
    files: Files
    easel: Easel
    chat: Chat
    application: Application  # type: ignore[type-arg]  # PTB's six parameters say nothing here
    handled: list[int] = field(default_factory=list)

    async def orders(self) -> list[Order]:
        """All orders so far, oldest first."""
        async with self.ledger.begin() as transaction:
            found = [await transaction.order(number) for number in range(1, 20)]
        return [order for order in found if order is not None]

    async def order(self, number: int = 1) -> Order:
        """Wait until there is an order of this number (counted from 1)."""
        with self.ledger.changed.subscribe() as changes:
            while len(orders := await self.orders()) < number:
                assert await changes.wait(10), f"no order {number}; the bot said: {self.said()}"
        return orders[number - 1]

    async def idle(self) -> None:
        """Wait until every update so far has been handled, and albums have been settled."""
        async with asyncio.timeout(15):
            while True:
                async with self.ledger.begin() as transaction:
                    kept = await transaction.kept_updates()
                    albums = await transaction.open_albums()
                waiting = self.sandbox.world.updates.unconfirmed
                if not kept and not albums and not self._unseen(waiting):
                    return
                await asyncio.sleep(0.02)

    def _unseen(self, waiting: tuple[object, ...]) -> bool:
        newest = max((getattr(update, "update_id", 0) for update in waiting), default=0)
        return newest > max(self.handled, default=0)

    def said(self, *, cards: bool = False) -> list[str]:
        """Everything that the bot said anywhere, in order; status cards only on request."""
        calls = self.sandbox.calls("sendMessage")
        return [
            str(call.params["text"])
            for call in calls
            if call.result is not None and (cards or not is_card(call.params))
        ]


def is_card(params: object) -> bool:
    return "cancel:" in str(params)


def is_painting(message: Message) -> bool:
    return message.photo is not None and any(b.data.startswith("file:") for b in message.buttons)


Open = Callable[..., Awaitable[House]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger whose tables are made, to copy: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / LEDGER

    async def make() -> None:
        ledger = await Ledger.open(f"sqlite+aiosqlite:///{path}")
        await ledger.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def open_house(sandbox: Sandbox, tmp_path: Path, empty_ledger: Path) -> AsyncIterator[Open]:
    """Opens the bot; the keywords are fields of `Services`."""
    await asyncio.to_thread(shutil.copy, empty_ledger, tmp_path / LEDGER)
    async with AsyncExitStack() as stack:

        async def open_(**rules: object) -> House:
            return await stack.enter_async_context(_house(sandbox, tmp_path, rules))

        yield open_


@pytest.fixture
async def house(open_house: Open) -> House:
    return await open_house()


@pytest.fixture
def ada(sandbox: Sandbox) -> Person:
    return sandbox.person("Ada")


@pytest.fixture
def bob(sandbox: Sandbox) -> Person:
    return sandbox.person("Bob")


@asynccontextmanager
async def _house(sandbox: Sandbox, folder: Path, rules: dict[str, object]) -> AsyncIterator[House]:
    application = (
        ApplicationBuilder()
        .token(sandbox.token)
        .base_url(f"{sandbox.url}/bot")
        .base_file_url(f"{sandbox.url}/file/bot")
        .updater(None)
        .build()
    )
    ledger = await Ledger.open(f"sqlite+aiosqlite:///{folder / LEDGER}")
    files = Files(folder)
    library = Library()
    easel = Easel()
    async with application:
        bot = application.bot
        courier = Courier(
            bot,
            ledger,
            files,
            library,
            keyboard=lambda order: keyboard(order, library.words(order.language)),
            private_interval=0.05,
            group_interval=0.05,
        )
        dispatcher = Dispatcher(ledger, files, [easel], courier)
        chats: list[Chat] = []

        async def on_refused(*facts: object) -> None:
            await chats[0].refused(*facts)  # type: ignore[arg-type]  # passed through as they are

        fetcher = Fetcher(bot, ledger, files, on_refused=on_refused)
        studio = Services(
            ledger=ledger,
            files=files,
            fetcher=fetcher,
            cancel=dispatcher.cancel,
            adopt_card=courier.adopt_card,
            library=library,
            access=Access(),
            album_quiet=0.3,
        )
        chat = register(application, replace(studio, **rules))  # type: ignore[arg-type]
        chats.append(chat)
        house = House(
            sandbox=sandbox,
            ledger=ledger,
            files=files,
            easel=easel,
            chat=chat,
            application=application,
        )

        async def handle(update: object) -> None:
            await application.process_update(update)
            house.handled.append(update.update_id)  # type: ignore[attr-defined]

        inbox = Inbox(bot, ledger, handle)
        await chat.resume()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(work)
                for work in (courier.run(dispatcher), dispatcher.run(), fetcher.run(), inbox.run())
            ]
            try:
                yield house
            finally:
                await inbox.stop()
                await courier.stop()
                await dispatcher.stop()
                for task in tasks:
                    task.cancel()
        await chat.close()
    await ledger.close()
