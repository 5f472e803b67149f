"""The bot in a process of its own, that may be killed and started again."""

import asyncio
import os
import re
import signal
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import aiofiles

from bot.demo.bot_process import begin, end
from bot.sandbox import Sandbox


class BotState(StrEnum):
    """How the bot is."""

    ABSENT = "absent"
    STARTING = "starting"
    WARMING = "warming"
    READY = "ready"
    ENGINELESS = "engineless"


_LAST_WORDS_SECONDS: Final = 1.0
"""How long an engine that is left behind is listened to."""

_LONGEST_LINE: Final = 16 * 1024 * 1024

_AT_WORK: Final = re.compile(rb"Atelier is at work as @")
_ENGINE_UP: Final = re.compile(rb"The engine on \S+ is up \(process (\d+)\)")


class Supervisor:
    """Runs the bot, with a folder that outlives it; what it logs says how it is.

    Args of the constructor:
        sandbox: the Telegram that the bot talks to.
        folder: where the bot keeps its data.
        log: file for what it logs.
        settings: further settings of the bot, by the names of the environment.
        tell: called when its state has changed.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        log: Path,
        settings: Mapping[str, str],
        tell: Callable[[], None],
    ) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._log = log
        self._settings = dict(settings)
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._engine: int | None = None
        self._starting = asyncio.Lock()
        self.state = BotState.ABSENT

    async def start(self) -> None:
        """Start the bot, unless it runs."""
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()

    async def end(self) -> None:
        """End the bot, as its host does."""
        if self._process is not None:
            await end(self._process)
        if self._reader is not None:
            await self._reader

    async def kill(self) -> None:
        """Kill the bot, as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def kill_engine(self) -> bool:
        """Kill the process that paints; False if there is none (yet)."""
        engine, self._engine = self._engine, None
        if engine is None or self.state is not BotState.READY:
            return False
        # Until the bot has noticed, and logs that the next one is up.
        self._become(BotState.ENGINELESS)
        try:
            os.kill(engine, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    async def _start(self) -> None:
        if self._reader is not None:
            await self._reader
        self._engine = None
        self._become(BotState.STARTING)
        # Not asyncio's own pipe: Process.wait would wait until an orphaned engine closes it, too.
        reading, writing = os.pipe()
        try:
            self._process = await begin(self._sandbox, self._folder, writing, **self._settings)
        finally:
            os.close(writing)
        self._reader = asyncio.create_task(self._read(self._process, reading))

    async def _read(self, process: asyncio.subprocess.Process, pipe: int) -> None:
        """Keep what the bot logs and follow its state, until it ends."""
        lines = asyncio.StreamReader(limit=_LONGEST_LINE)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(pipe, "rb")
        )
        copying = asyncio.create_task(self._copy(process, lines))
        try:
            await process.wait()
            self._become(BotState.ABSENT)
            await asyncio.wait([copying], timeout=_LAST_WORDS_SECONDS)
        finally:
            copying.cancel()
            transport.close()

    async def _copy(self, process: asyncio.subprocess.Process, lines: asyncio.StreamReader) -> None:
        async with aiofiles.open(self._log, "ab") as file:
            async for line in lines:
                await file.write(line)
                await file.flush()
                if process.returncode is None:
                    self._follow(line)

    def _follow(self, line: bytes) -> None:
        if found := _ENGINE_UP.search(line):
            self._engine = int(found[1])
            self._become(BotState.READY)
        elif _AT_WORK.search(line) and self.state is BotState.STARTING:
            self._become(BotState.WARMING)

    def _become(self, state: BotState) -> None:
        if state is not self.state:
            self.state = state
            self._tell()
