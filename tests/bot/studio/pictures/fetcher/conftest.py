"""A fetcher that is not patient."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telegram import Bot

from bot.studio.ledger.ledger import Ledger
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.fetcher import Fetcher
from bot.studio.pictures.files import Files
from bot.telegram.backoff import Backoff
from bot.telegram.downloads import Downloads
from tests.bot.databases import sqlite_url


@pytest.fixture
async def ledger(tmp_path: Path, empty_ledger: Path) -> AsyncIterator[Ledger]:
    path = tmp_path / "fetching.db"
    await asyncio.to_thread(shutil.copy, empty_ledger, path)
    ledger = await Ledger.open(sqlite_url(path))
    yield ledger
    await ledger.close()


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    decoder = Decoder()
    yield decoder
    await decoder.close()


@pytest.fixture
def fetcher(bot: Bot, ledger: Ledger, files: Files, decoder: Decoder) -> Fetcher:
    return Fetcher(Downloads(bot), ledger, files, decoder)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.studio.pictures.fetcher.BACKOFF", Backoff(longest=0.02))
