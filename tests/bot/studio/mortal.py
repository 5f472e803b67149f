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
class Fate:
    """When the process is to die, and how it stood then; shared with whoever started it.

    `armed` begins the counting of commits. `dies_after` is the number of the commit that is the
    last; 0: it lives on. `unnoted` is how many messages it had asked Telegram to send since the
    commit before, or was still asking it to: whether they arrived the next life cannot know.
    """

    armed: Event
    dies_after: int
    unnoted: "Synchronized[int]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where the bot lives, and how its engine behaves."""

    url: str
    token: str
    folder: Path
    painting: bytes
    engine_fails: bool = False
    engine_waits: bool = False


class MortalLedger(Ledger):
    """A ledger whose process does not outlive a certain commit."""

    fate: Fate
    asking: Callable[[], int]
    commits = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with super().begin() as transaction:
            yield transaction
        if transaction.wrote and self.fate.armed.is_set():
            self.commits += 1
            if self.commits == self.fate.dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
        if transaction.wrote:
            self.fate.unnoted.value = self.asking()


class Watched(HTTPXRequest):
    """Counts the messages that Telegram is asked to send."""

    fate: Fate
    asking = 0

    async def do_request(self, url: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        counts = "/send" in url
        self.asking += counts
        self.fate.unnoted.value += counts
        try:
            return await super().do_request(url, *args, **kwargs)
        finally:
            self.asking -= counts


def live(fate: Fate, around: Surroundings) -> None:
    """Be the bot, until killed."""
    # Nobody likes to wait.
    outbox.BACKOFF = Backoff(first=0.05, longest=0.05)  # type: ignore[misc]
    asyncio.run(_live(fate, around))


async def _live(fate: Fate, around: Surroundings) -> None:
    request = Watched(httpx_kwargs={"verify": False})
    request.fate = fate
    application = (
        ApplicationBuilder()
        .token(around.token)
        .base_url(f"{around.url}/bot")
        .base_file_url(f"{around.url}/file/bot")
        .request(request)
        .get_updates_request(HTTPXRequest(httpx_kwargs={"verify": False}))
        .rate_limiter(RateLimiter(NO_LIMITS))
        .updater(None)
        .build()
    )
    ledger = await MortalLedger.open(f"sqlite+aiosqlite:///{around.folder}/ledger.db")
    assert isinstance(ledger, MortalLedger)
    ledger.fate, ledger.asking = fate, lambda: request.asking
    files, library, decoder = Files(around.folder), Library(), Decoder()
    engine = ScriptedEngine(
        faults=[JobRefused("AspectRatioError", "too long")] if around.engine_fails else [],
        painting=around.painting,
    )
    if around.engine_waits:
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


class Mortal:
    """One life of the bot, seen from outside."""

    def __init__(self, around: Surroundings, *, dies_after: int = 0) -> None:
        self.fate = Fate(
            armed=CONTEXT.Event(), dies_after=dies_after, unnoted=CONTEXT.Value("i", 0)
        )
        self._process: ForkServerProcess = CONTEXT.Process(
            target=live, args=(self.fate, around), daemon=True
        )
        self._process.start()

    @property
    def lives(self) -> bool:
        return self._process.is_alive()

    @property
    def was_asking(self) -> bool:
        """Whether it died between asking Telegram to send something and noting the answer."""
        return self.fate.unnoted.value > 0

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
