"""The bot in a process of its own, talking to a sandbox and to nobody else."""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from bot.sandbox import Sandbox
from bot.settings import Settings

SIZE = 384
"""Long side of a painting in pixels, unless it is set: a minute or so on two cores."""

START_SECONDS = 240.0
STOP_SECONDS = 15.0

PROJECT = Path(__file__).parents[2]

_T = TypeVar("_T")


class BotEnded(Exception):
    """The bot's process is over before its time; the text says how in one line."""


@dataclass(frozen=True, slots=True)
class BotProcess:
    """The bot at work."""

    process: asyncio.subprocess.Process

    async def unless_it_ends(self, conversation: Coroutine[Any, Any, _T]) -> _T:
        """Let the conversation go on to its end.

        Raises:
            BotEnded: The bot ended before it.
        """
        talk = asyncio.create_task(conversation)
        end = asyncio.create_task(self.process.wait())
        try:
            await asyncio.wait([talk, end], return_when=asyncio.FIRST_COMPLETED)
            if not talk.done():
                raise BotEnded(f"The bot ended with exit code {end.result()}.")
            return talk.result()
        finally:
            talk.cancel()
            end.cancel()


@asynccontextmanager
async def bot_process(
    sandbox: Sandbox, log: Path, **settings: str
) -> AsyncGenerator[BotProcess, None]:
    """Run the bot, with a data directory that goes when it does; it listens from the start on.

    Args:
        sandbox: The Telegram that it talks to.
        log: File for what it logs.
        settings: Further settings, by the names of the environment.

    Raises:
        BotEnded: It did not come to listen.
        TimeoutError: It took too long.
    """
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder, log.open("wb") as lines:
        process = await begin(sandbox, Path(folder), lines, **settings)
        try:
            bot = BotProcess(process)
            await bot.unless_it_ends(sandbox.wait_for_poll(timeout=START_SECONDS))
            yield bot
        finally:
            await end(process)


async def begin(
    sandbox: Sandbox, folder: Path, output: IO[bytes] | int, **settings: str
) -> asyncio.subprocess.Process:
    """Start the bot's process; see `bot_process`.

    Args:
        sandbox: The Telegram that it talks to.
        folder: Where it keeps what it knows, for this run and the next.
        output: Where it logs to: a file, or `asyncio.subprocess.PIPE`.
        settings: Further settings, by the names of the environment.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        # Away from the working directory, and so from the host's own .env.
        cwd=folder,
        env={**environment(sandbox, folder / "data"), **settings},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=asyncio.subprocess.STDOUT,
    )


def environment(sandbox: Sandbox, data_dir: Path) -> dict[str, str]:
    """The environment in which the bot talks to the sandbox and to nobody else.

    The host's own settings stay out of it, except the devices and how the painting is made.
    """
    kept = {"ENGINE_DEVICES", "IMAGE_SIZE", "ITERATIONS"}
    settings = {name.upper() for name in Settings.model_fields} - kept
    own = {name: value for name, value in os.environ.items() if name.upper() not in settings}
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "IMAGE_SIZE": str(SIZE),
        **own,
        "PYTHONPATH": os.pathsep.join(paths),
        "TELEGRAM_BOT_TOKEN": sandbox.token,
        "TELEGRAM_API_URL": sandbox.url,
        "DATA_DIR": str(data_dir),
    }


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask the bot to stop, and kill it if it does not within `STOP_SECONDS`."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
