"""A whole bot in a process of its own, which is killed (SIGKILL) right after a commit of choice.

It is forked from a server that has imported everything, so that dying often costs little.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from telegram.ext import ApplicationBuilder
from telegram.request import HTTPXRequest

from bot.chat.handlers.registration import register
from bot.chat.requests.services import Services
from bot.engines.protocol import JobRefused
from bot.inbox import Inbox
from bot.studio.courier import outbox
from bot.studio.courier.courier import Courier
from bot.studio.dispatch.dispatcher import Dispatcher
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.fetcher import Fetcher
from bot.studio.pictures.files import Files
from bot.studio.variations import keyboard
from bot.telegram.backoff import Backoff
from bot.telegram.client import Client
from bot.telegram.downloads import Downloads
from bot.telegram.polling import Polling
from bot.telegram.rate_limits import Limits, RateLimiter
from bot.words import Library
from tests.bot.studio.scripted import ScriptedEngine

NO_LIMITS = Limits(chat=(10_000, 1.0), group=(10_000, 1.0), overall=(10_000, 1.0))
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])


@dataclass(frozen=True, slots=True, kw_only=True)
class KillPlan:
    """When the process is to die, and how it stood then; shared with whoever started it.

    `armed` begins the counting of commits. `dies_after` is the number of the commit that is the
    last; 0: it goes on. `unnoted` is how many messages it had asked Telegram to send since the
    commit before, or was still asking it to: whether they arrived the next start cannot know.
    """

    armed: Event
    dies_after: int
    unnoted: "Synchronized[int]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Where the bot is at work, and how its engine behaves."""

    url: str
    token: str
    folder: Path
    painting: bytes
    engine_fails: bool = False
    engine_waits: bool = False


class KillingLedger(Ledger):
    """A ledger that kills its process after a certain commit."""

    kill_plan: KillPlan
    asking: Callable[[], int]
    commits = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with super().begin() as transaction:
            yield transaction
        if transaction.wrote and self.kill_plan.armed.is_set():
            self.commits += 1
            if self.commits == self.kill_plan.dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
        if transaction.wrote:
            self.kill_plan.unnoted.value = self.asking()


class Watched(HTTPXRequest):
    """Counts the messages that Telegram is asked to send."""

    kill_plan: KillPlan
    asking = 0

    async def do_request(self, url: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        counts = "/send" in url
        self.asking += counts
        self.kill_plan.unnoted.value += counts
        try:
            return await super().do_request(url, *args, **kwargs)
        finally:
            self.asking -= counts


def run(kill_plan: KillPlan, setup: Setup) -> None:
    """Be the bot, until killed."""
    # Nobody likes to wait.
    outbox.BACKOFF = Backoff(first=0.05, longest=0.05)  # type: ignore[misc]
    asyncio.run(_run(kill_plan, setup))


async def _run(kill_plan: KillPlan, setup: Setup) -> None:
    request = Watched(httpx_kwargs={"verify": False})
    request.kill_plan = kill_plan
    application = (
        ApplicationBuilder()
        .token(setup.token)
        .base_url(f"{setup.url}/bot")
        .base_file_url(f"{setup.url}/file/bot")
        .request(request)
        .get_updates_request(HTTPXRequest(httpx_kwargs={"verify": False}))
        .rate_limiter(RateLimiter(NO_LIMITS))
        .updater(None)
        .build()
    )
    ledger = await KillingLedger.open(f"sqlite+aiosqlite:///{setup.folder}/ledger.db")
    assert isinstance(ledger, KillingLedger)
    ledger.kill_plan, ledger.asking = kill_plan, lambda: request.asking
    files, library, decoder = Files(setup.folder), Library(), Decoder()
    engine = ScriptedEngine(
        faults=[JobRefused("AspectRatioError", "too long")] if setup.engine_fails else [],
        painting=setup.painting,
    )
    if setup.engine_waits:
        engine.gate.clear()
    async with application:
        bot = application.bot
        courier = Courier(
            Client(bot),
            ledger,
            files,
            library,
            keyboard=lambda order: keyboard(order, library.words(order.language)),
            private_interval=0.05,
        )
        dispatcher = Dispatcher(ledger, files, [engine], courier)
        chat = register(
            application,
            Services(ledger=ledger, files=files, library=library, decoder=decoder, album_quiet=0.2),
        )
        await chat.resume()
        inbox = Inbox(Polling(bot), ledger, application.process_update)
        await asyncio.gather(
            courier.run(),
            dispatcher.run(),
            Fetcher(Downloads(bot), ledger, files, decoder).run(),
            inbox.run(),
        )


class KillableBot:
    """The bot from one start to its end, seen from outside."""

    def __init__(self, setup: Setup, *, dies_after: int = 0) -> None:
        self.kill_plan = KillPlan(
            armed=CONTEXT.Event(), dies_after=dies_after, unnoted=CONTEXT.Value("i", 0)
        )
        self._process: ForkServerProcess = CONTEXT.Process(
            target=run, args=(self.kill_plan, setup), daemon=True
        )
        self._process.start()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def was_asking(self) -> bool:
        """Whether it died between asking Telegram to send something and noting the answer."""
        return self.kill_plan.unnoted.value > 0

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
