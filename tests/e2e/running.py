"""The bot as its host runs it, in a process of its own, against a sandbox."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.demo.bot_process import environment
from bot.sandbox import Sandbox

READY_SECONDS = 90.0
END_SECONDS = 20.0
UNTIL_SECONDS = 60.0

REAL = "bot"
WITHOUT_TENSORFLOW = "tests.e2e.bot_without_tensorflow"


class RunningBot:
    """One data directory and, most of the time, one bot process at work in it."""

    def __init__(
        self, sandbox: Sandbox, folder: Path, module: str, settings: Mapping[str, str]
    ) -> None:
        self._sandbox = sandbox
        self._module = module
        self._folder = folder
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    @property
    def data_dir(self) -> Path:
        return self._folder / "data"

    @property
    def log(self) -> str:
        return (self._folder / "bot.log").read_text(encoding="utf-8")

    async def start(self) -> None:
        """Start it and wait until it listens."""
        since = len(self._sandbox.world.updates.polls)
        with (self._folder / "bot.log").open("ab") as lines:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                cwd=self._folder,
                env={
                    **environment(self._sandbox, self.data_dir),
                    "ENGINE_DEVICES": "cpu",
                    "LOG_LEVEL": "debug",
                    **self._settings,
                },
                stdin=asyncio.subprocess.DEVNULL,
                stdout=lines,
                stderr=lines,
            )
        listening = asyncio.create_task(
            self._sandbox.wait_for_poll(timeout=READY_SECONDS, since=since)
        )
        ended = asyncio.create_task(self._process.wait())
        await asyncio.wait([listening, ended], return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            listening.cancel()
            raise AssertionError(f"The bot ended with {ended.result()}:\n{self.log[-3000:]}")
        ended.cancel()
        await listening

    def children(self) -> list[int]:
        """Process ids of its child processes."""
        return [pid for pid, parent in _parents().items() if parent == self.process.pid]

    def engines(self) -> list[int]:
        """Process ids of those of its child processes that paint."""
        return [
            pid
            for pid in self.children()
            if "--preview-every" in Path(f"/proc/{pid}/cmdline").read_text()
        ]

    async def logs(self, words: str, *, times: int = 1) -> None:
        """Wait until the log has said these words so many times."""
        await until(lambda: self.log.count(words) >= times)

    async def kill(self) -> None:
        """As a power cut would: no farewell."""
        self.process.kill()
        await self.process.wait()

    async def terminate(self) -> int:
        """SIGTERM; returns the exit code.

        Raises:
            TimeoutError: it took more than the ten seconds that it promises.
        """
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            return await self.process.wait()

    async def end(self) -> None:
        """Whatever state it is in, it is over afterwards."""
        if self._process is None or self._process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.process.wait()
        except TimeoutError:
            await self.kill()
            raise


def _parents() -> dict[int, int]:
    """Parent process id by process id, of all processes."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        parents[int(status.parent.name)] = int(fields[1])
    return parents


def alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def until(true: Callable[[], bool]) -> None:
    """Wait for something outside this process, which can only be asked again and again."""
    async with asyncio.timeout(UNTIL_SECONDS):
        while not true():  # noqa: ASYNC110 (no other process sets an asyncio.Event)
            await asyncio.sleep(0.05)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def running(
    sandbox: Sandbox, folder: Path, *, module: str = WITHOUT_TENSORFLOW, **settings: str
) -> AsyncGenerator[RunningBot, None]:
    """A bot with its own data directory; settings by their names in capitals.

    Args:
        sandbox: its Telegram.
        folder: for its data and its log.
        module: the program: `REAL` is for what only a real painting shows, since it takes longer
            to start than most conversations.
        settings: what the host decided.
    """
    bot = RunningBot(sandbox, folder, module, settings)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.end()
