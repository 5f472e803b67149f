"""The bot under attack: killed, frozen, and started again by whoever looks after it."""

import asyncio
import contextlib
import os
import signal
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from tests.campaign import hurried_bot
from tests.campaign.hurried_bot import Setup
from tests.campaign.journal import Journal, Trouble

_LOOK_SECONDS: Final = 0.01
_STOP_SECONDS: Final = 15.0

ENGINE: Final = "tests.campaign.painting_child"
DECODER: Final = "bot.studio.pictures.decoder_child"


class BotProcess:
    """One data directory, and most of the time one bot at work in it."""

    def __init__(self, setup: Setup, journal: Journal) -> None:
        self._setup = setup
        self._journal = journal
        self._process: ForkServerProcess | None = None
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The bot's process id while it lives."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    @property
    def log(self) -> str:
        """All that it has logged."""
        return self._setup.log.read_text(encoding="utf-8")

    @property
    def exit_code(self) -> int | None:
        """How the bot ended; None while it lives, and below zero if it was killed."""
        return None if self._process is None else self._process.exitcode

    def start(self) -> None:
        """Start it; it has ended before."""
        self._process = hurried_bot.start(self._setup)
        self.starts += 1

    def children(self, module: str) -> list[int]:
        """The process ids of its children that run a module."""
        pid = self.pid
        return [] if pid is None else [child for child in _children(pid) if _runs(child, module)]

    def kill(self) -> bool:
        """SIGKILL; whether there was anybody to kill."""
        pid = self.pid
        if pid is None:
            return False
        _signal(pid, signal.SIGKILL)
        self._journal.died()
        return True

    def kill_children(self, module: str) -> bool:
        """SIGKILL to its children that run a module; whether there were any."""
        children = self.children(module)
        for child in children:
            _signal(child, signal.SIGKILL)
        return bool(children)

    async def freeze(self, seconds: float, *, bot: bool, engine: bool) -> bool:
        """Stop bot, engine or both for a while; whether there was anybody to stop."""
        pids = self.children(ENGINE) if engine else []
        if bot and (pid := self.pid) is not None:
            pids.append(pid)
        for pid in pids:
            _signal(pid, signal.SIGSTOP)
        trouble = Trouble(time.monotonic())
        if bot:
            self._journal.frozen.append(trouble)
        await asyncio.sleep(seconds)
        for pid in pids:
            _signal(pid, signal.SIGCONT)
        trouble.ended = time.monotonic()
        return bool(pids)

    async def ended(self) -> None:
        """Wait until it has ended, however it comes to that."""
        while self.pid is not None:  # noqa: ASYNC110 (another process sets no asyncio.Event)
            await asyncio.sleep(_LOOK_SECONDS)
        # Its own children hold the data directory's files for a moment longer.
        if self._process is not None:
            self._process.join()

    async def stop(self) -> bool:
        """SIGTERM, as a host stops it; False if it had to be killed in the end."""
        if (pid := self.pid) is None:
            return True
        _signal(pid, signal.SIGTERM)
        # What is on its way then, or is sent as a farewell, may be broken off.
        self._journal.died()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self.ended()
                self._journal.died()
                return True
        self.kill()
        await self.ended()
        return False


def _children(parent: int) -> list[int]:
    try:
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(pid) for pid in text.split()]


def _runs(pid: int, module: str) -> bool:
    try:
        return module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
