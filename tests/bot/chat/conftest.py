"""The chat as the app wires it, with all real behind it but the painting, against the sandbox."""

import asyncio
import io
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from bot.app import App, EnginePool, Timings, assemble
from bot.chat.handlers.registration import Chat
from bot.engines.protocol import Finished, Job, Progress
from bot.sandbox import Message, Person, Sandbox
from bot.settings import LEDGER_FILE, Settings
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Order
from bot.studio.ledger.tables import orders
from bot.studio.pictures.files import Files
from bot.studio.variations import Sizes
from bot.telegram.application import AnyApplication
from bot.words import Library
from tests.bot.conftest import NO_LIMITS

QUICK_EDITS = 0.05
USUAL_SIZES = Sizes()


def picture(seed: int = 0, size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


class HeldEngine:
    """An engine that paints once it may; the real one has tests of its own."""

    name = "held"
    speed = 1.0
    has_device = True

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
                loss=0.5,
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


class House:
    """A running bot and the Telegram around it."""

    def __init__(self, sandbox: Sandbox, app: App, engine: HeldEngine) -> None:
        self.sandbox = sandbox
        self.app = app
        self.engine = engine

    @property
    def ledger(self) -> Ledger:
        return self.app.ledger

    @property
    def files(self) -> Files:
        return self.app.files

    @property
    def chat(self) -> Chat:
        return self.app.chat

    @property
    def application(self) -> AnyApplication:
        return self.app.application

    async def orders(self) -> list[Order]:
        """All orders so far, oldest first."""
        async with self.ledger.begin() as transaction:
            ids = [row.id for row in await transaction._read(select(orders.c.id))]
            found = [await transaction.order(id_) for id_ in sorted(ids)]
        return [order for order in found if order is not None]

    async def order(self, number: int = 1) -> Order:
        """Wait until there is an order of this number (counted from 1)."""
        with self.ledger.changed.subscribe() as changes:
            while len(orders := await self.orders()) < number:
                assert await changes.wait(10), f"no order {number}; the bot said: {self.said()}"
        return orders[number - 1]

    async def idle(self) -> None:
        """Wait until every update so far has been handled, and albums have been settled."""
        with self.ledger.changed.subscribe() as changes:
            async with asyncio.timeout(15):
                while self.sandbox.world.updates.unconfirmed or await self._busy():
                    await changes.wait(0.02)

    async def _busy(self) -> bool:
        async with self.ledger.begin() as transaction:
            return bool(await transaction.kept_updates() or await transaction.open_albums())

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
def languages() -> Library:
    """Those that ship: reading them takes longer than hearing the bot's first word."""
    return Library()


@pytest.fixture
async def open_house(
    sandbox: Sandbox, tmp_path: Path, empty_ledger: Path, languages: Library
) -> AsyncIterator[Open]:
    """Opens the bot; further keywords are fields of `Settings`."""
    await asyncio.to_thread(shutil.copy, empty_ledger, tmp_path / LEDGER_FILE)
    async with AsyncExitStack() as stack:

        async def open_(
            *,
            library: Library = languages,
            most_styles: int = 1,
            sizes: Sizes = USUAL_SIZES,
            album_quiet: float = 0.3,
            **settings: object,
        ) -> House:
            opened = _house(
                sandbox,
                tmp_path,
                settings,
                library=library,
                most_styles=most_styles,
                sizes=sizes,
                album_quiet=album_quiet,
            )
            return await stack.enter_async_context(opened)

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
async def _house(
    sandbox: Sandbox,
    folder: Path,
    settings: Mapping[str, object],
    *,
    library: Library,
    most_styles: int,
    sizes: Sizes,
    album_quiet: float,
) -> AsyncIterator[House]:
    engine = HeldEngine()
    connected = {
        "telegram_bot_token": sandbox.token,
        "telegram_api_url": sandbox.url,
        "data_dir": folder,
    }
    assembled = assemble(
        Settings.model_validate({**connected, **settings}),
        EnginePool(engines=[engine], sizes=sizes, most_styles=most_styles),
        library=library,
        timings=Timings(
            private_edits=QUICK_EDITS,
            group_edits=QUICK_EDITS,
            album_quiet=album_quiet,
            limits=NO_LIMITS,
        ),
    )
    async with assembled as app:
        stop = asyncio.Event()
        running = asyncio.create_task(app.run(stop))
        try:
            yield House(sandbox, app, engine)
        finally:
            stop.set()
            await running
