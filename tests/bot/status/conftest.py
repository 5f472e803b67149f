"""A bot with its status pages, all real but the painting, against the sandbox."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.app import App, EnginePool, Timings, assemble
from bot.health import Sign
from bot.listen_address import ListenAddress
from bot.sandbox import Sandbox
from bot.settings import LEDGER_FILE, Settings
from bot.status.status import Status
from bot.studio.variations import Sizes
from bot.telegram.account import Account
from tests.bot.chat.conftest import HeldEngine
from tests.bot.conftest import NO_LIMITS

ANYWHERE = ListenAddress(host="127.0.0.1", port=0)


@dataclass(frozen=True)
class Page:
    """What a page said."""

    status: int
    text: str
    headers: Mapping[str, str]


async def get(port: int, path: str, **headers: str) -> Page:
    url = f"http://127.0.0.1:{port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return Page(answer.status, await answer.text(), dict(answer.headers))


class SlowEngine(HeldEngine):
    """An engine that takes its time to be set up."""

    def __init__(self) -> None:
        super().__init__()
        self.may_start = asyncio.Event()

    async def start(self) -> None:
        await self.may_start.wait()


@dataclass
class Watched:
    """A running bot, and its status pages over HTTP."""

    app: App
    sandbox: Sandbox
    engine: SlowEngine
    status: Status
    sign: Sign
    port: int

    async def page(self, path: str) -> Page:
        return await get(self.port, path)

    async def until_it_says(self, *sentences: str) -> Page:
        """Wait until /readyz says these, a line each."""
        async with asyncio.timeout(30):
            while (page := await self.page("/readyz")).text.splitlines() != list(sentences):  # noqa: ASYNC110 (a page wakes nobody)
                await asyncio.sleep(0.05)
        return page

    def begin_to_watch(self) -> None:
        """As `bot.app.serve` does once the bot is connected."""
        account = Account(self.app.application.bot)
        self.status.watch(self.app.ledger, self.app.dispatcher, account)


@pytest.fixture
def engine() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
async def watched(
    sandbox: Sandbox, tmp_path: Path, empty_ledger: Path, engine: SlowEngine
) -> AsyncIterator[Watched]:
    await asyncio.to_thread(shutil.copy, empty_ledger, tmp_path / LEDGER_FILE)
    sign = Sign(tmp_path)
    status = Status(sign, tmp_path)
    settings = Settings.model_validate(
        {
            "telegram_bot_token": sandbox.token,
            "telegram_api_url": sandbox.url,
            "data_dir": tmp_path,
        }
    )
    assembled = assemble(
        settings,
        EnginePool(engines=[engine], sizes=Sizes()),
        sign=sign,
        heard=status.heard,
        timings=Timings(private_edits=0.05, album_quiet=0.3, limits=NO_LIMITS),
    )
    async with status.serving(ANYWHERE) as port, assembled as app:
        assert port is not None
        stop = asyncio.Event()
        running = asyncio.create_task(app.run(stop))
        yield Watched(app, sandbox, engine, status, sign, port)
        stop.set()
        await running
