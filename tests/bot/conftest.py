"""What several of the bot's parts are tested with: a Telegram on loopback, a ledger, pictures."""

import asyncio
import io
import logging
import os
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.logs import START
from bot.sandbox import Person, Sandbox
from bot.studio.ledger.ledger import Ledger
from bot.studio.pictures.files import Files
from bot.telegram.account import Account
from bot.telegram.client import Client
from bot.telegram.rate_limits import Limits, RateLimiter, Urgency
from tests.bot.databases import Databases, Postgresql, Sqlite, make_tables, sqlite_url
from tests.bot.full_disk import Disk, PlayedDisk, mounted_disk
from tests.postgresql import WANTED, Server, programs, serving

NO_LIMITS = Limits(chat=(10_000, 1.0), group=(10_000, 1.0), overall=(10_000, 1.0))
"""Where time is not what is tested."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[ExtBot[Urgency]]:
    # Loading the certificate authorities takes longer than most tests, and loopback needs none.
    no_tls = {"verify": False}
    made = ExtBot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        base_file_url=f"{sandbox.url}/file/bot",
        request=HTTPXRequest(httpx_kwargs=no_tls),
        get_updates_request=HTTPXRequest(httpx_kwargs=no_tls),
        rate_limiter=RateLimiter(NO_LIMITS),
    )
    async with made:
        yield made


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite ledger whose tables are made, to copy: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    asyncio.run(make_tables(sqlite_url(path)))
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A server of our own; where it is not installed, its tests are skipped, but never in CI."""
    folder = programs()
    if folder is None and os.environ.get("CI"):
        pytest.fail(WANTED)
    if folder is None:
        pytest.skip(WANTED)
    with serving(folder) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Server) -> Postgresql:
    """Databases of a server of our own."""
    template = asyncio.run(postgresql_server.create())
    asyncio.run(make_tables(postgresql_server.url(template)))
    return Postgresql(postgresql_server, template)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path, empty_ledger: Path) -> Databases:
    if request.param == "sqlite":
        return Sqlite(tmp_path, empty_ledger)
    made: Postgresql = request.getfixturevalue("postgresql")
    return made


@pytest.fixture
async def server(postgresql_server: Server) -> AsyncIterator[Server]:
    """The same, for a test that stops and starts it."""
    yield postgresql_server
    postgresql_server.start()
    await postgresql_server.wait()


@pytest.fixture(params=["played", "mounted"])
def disk(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Disk]:
    """A disk that a test may fill."""
    if request.param == "played":
        yield PlayedDisk(tmp_path, monkeypatch)
    else:
        with mounted_disk(tmp_path / "disk") as mounted:
            yield mounted


@pytest.fixture
def client(bot: ExtBot[Urgency]) -> Client:
    return Client(bot)


@pytest.fixture
def account(bot: ExtBot[Urgency]) -> Account:
    return Account(bot)


@pytest.fixture
async def ledger(tmp_path: Path, empty_ledger: Path) -> AsyncIterator[Ledger]:
    path = tmp_path / "ledger.db"
    await asyncio.to_thread(shutil.copy, empty_ledger, path)
    ledger = await Ledger.open(sqlite_url(path))
    yield ledger
    await ledger.close()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def ada(sandbox: Sandbox) -> Person:
    return sandbox.person("Ada", username="ada")


@pytest.fixture
def bob(sandbox: Sandbox) -> Person:
    return sandbox.person("Bob")


@pytest.fixture(scope="session")
def picture() -> Callable[..., bytes]:
    """Makes pictures of noise: `picture(width, height, format, seed)`."""

    def make(width: int = 64, height: int = 48, kind: str = "JPEG", seed: int = 0) -> bytes:
        noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(noise).save(buffer, kind)
        return buffer.getvalue()

    return make


@pytest.fixture
def untouched() -> Iterator[None]:
    """Put back what `configure` changes for the whole process."""
    names = ["", "httpx", "httpcore", "telegram", "hpack", "aiosqlite", "PIL", "sqlalchemy.engine"]
    names += [START, "telegram.request"]
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    handlers = list(logging.getLogger().handlers)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    yield
    logging.captureWarnings(capture=False)
    logging.getLogger().handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
