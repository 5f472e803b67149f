"""What the tests of outages have in common."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest


class Heard:
    """Hears whether something is away, as `Ledger.open` tells it."""

    def __init__(self) -> None:
        self.away = asyncio.Event()

    def __call__(self, away: bool) -> None:
        if away:
            self.away.set()

    async def until_away(self) -> None:
        async with asyncio.timeout(20):
            await self.away.wait()


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """An SQLite file that another program writes to."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with closing(connection):
        # Whoever has the lock now may need the event loop to let go of it.
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        yield


async def until_said(log: pytest.LogCaptureFixture, line: str) -> None:
    async with asyncio.timeout(30):
        while line not in log.text:  # noqa: ASYNC110 (a log wakes nobody)
            await asyncio.sleep(0.01)


def told(log: pytest.LogCaptureFixture, *lines: str) -> None:
    """See that the host was told so, in a line each, and of nothing else."""
    assert not [record for record in log.records if record.exc_info], log.text
    warnings = [record for record in log.records if record.levelno >= logging.WARNING]
    assert len(warnings) == len(lines), log.text
    for record, line in zip(warnings, lines, strict=True):
        assert record.getMessage().startswith(line)
