"""Bots that several tests share: starting one costs more than most conversations with it.

Most of them paint without TensorFlow. The real painter is seen in a conversation, over a restart
and in the demonstration; by itself it is tested in tests/bot/engines and tests/core.
"""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.sandbox import Message, Person, Sandbox
from tests.e2e.browser import WANTED, chromium, executable
from tests.e2e.running import REAL, WITHOUT_TENSORFLOW, RunningBot, running

QUICK = {"IMAGE_SIZE": "64", "ITERATIONS": "8"}
"""A painting in about a second."""

MEDIUM = {"IMAGE_SIZE": "64", "ITERATIONS": "150"}
"""A painting that takes long enough to be interrupted."""

ENDLESS = {"IMAGE_SIZE": "64", "ITERATIONS": "5000", "MAX_ORDERS_PER_USER": "2"}
"""A painting that no test waits for."""

PATIENCE = 150.0
"""Seconds that a test waits for what must come; a busy machine is slow, not broken."""


@dataclass(frozen=True)
class Stage:
    """A sandbox, a bot at work in it, and people who have not met before."""

    sandbox: Sandbox
    bot: RunningBot
    names: "count[int]"

    def person(self, name: str = "Ada") -> Person:
        return self.sandbox.person(f"{name} {next(self.names)}")


@asynccontextmanager
async def _stage(
    folder: Path, settings: Mapping[str, str], *, module: str = WITHOUT_TENSORFLOW
) -> AsyncGenerator[Stage, None]:
    async with Sandbox() as sandbox, running(sandbox, folder, module=module, **settings) as bot:
        yield Stage(sandbox, bot, count())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quick(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage, None]:
    async with _stage(tmp_path_factory.mktemp("quick"), QUICK) as stage:
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quick_real(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage, None]:
    """With TensorFlow."""
    async with _stage(tmp_path_factory.mktemp("quick_real"), QUICK, module=REAL) as stage:
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def medium(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage, None]:
    async with _stage(tmp_path_factory.mktemp("medium"), MEDIUM) as stage:
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def medium_real(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage, None]:
    """With TensorFlow."""
    async with _stage(tmp_path_factory.mktemp("medium_real"), MEDIUM, module=REAL) as stage:
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def endless(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage, None]:
    async with _stage(tmp_path_factory.mktemp("endless"), ENDLESS) as stage:
        yield stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser, None]:
    """Chromium; where it is not installed, its tests are skipped, but never in CI."""
    path = executable()
    if path is None and os.environ.get("CI"):
        pytest.fail(WANTED)
    if path is None:
        pytest.skip(WANTED)
    async with chromium(path) as browser:
        yield browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def is_card(message: Message) -> bool:
    """A status card of an order that is not over."""
    return any(button.data.startswith("cancel:") for button in message.buttons)


def is_running(message: Message) -> bool:
    """A card that shows the picture emerging."""
    return is_card(message) and message.photo is not None


def paintings(person: Person) -> list[Message]:
    """The paintings that stand in a person's chat: photos that are no cards."""
    return [
        message
        for message in person.from_bot()
        if message.photo and not is_card(message) and not is_closed(message)
    ]


def is_closed(message: Message) -> bool:
    """A card of an order that is over."""
    return not is_card(message) and message.edit_date is not None


async def painting(person: Person, since: int = 0) -> Message:
    """Wait for a painting."""
    return await person.wait_for(
        lambda message: (
            message.photo is not None and not is_card(message) and message.edit_date is None
        ),
        timeout=PATIENCE,
        since=since,
    )


async def card(person: Person, since: int = 0) -> Message:
    """Wait for the status card."""
    return await person.wait_for(is_card, timeout=PATIENCE, since=since)


async def card_says(person: Person, words: str, since: int = 0) -> Message:
    """Wait for a card that is closed with these words."""
    return await person.wait_for(
        lambda message: not is_card(message) and words in message.words,
        timeout=PATIENCE,
        since=since,
    )


async def card_goes(person: Person, since: int = 0) -> Message:
    """Wait until a card has been deleted, as its painting is there; returns it as it last stood."""
    return await person.wait_for_deletion(timeout=PATIENCE, since=since)
