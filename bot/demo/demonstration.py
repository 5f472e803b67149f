"""The demonstration: the whole bot against the sandbox, two photos sent as a person would.

Everything in it is real but Telegram itself: `python -m bot` runs in a process of its own and
reaches the sandbox over HTTP by `TELEGRAM_API_URL`.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

import aiofiles

import core
from bot.demo.transcript import Transcript
from bot.sandbox.model import Message
from bot.sandbox.person import Person
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Event, EventKind
from bot.settings import Settings

SAMPLES = Path(__file__).parent / "samples"
CONTENT = SAMPLES / "content.jpg"
STYLE = SAMPLES.parents[1] / "gallery" / "pictures" / "starlight.jpg"

SIZE = 384
"""Long side of the demonstration's painting in pixels: a minute or so on two cores."""

START_SECONDS = 240.0
ANSWER_SECONDS = 60.0
PAINTING_SECONDS = 1800.0
STOP_SECONDS = 15.0

PROJECT = Path(__file__).parents[2]


_T = TypeVar("_T")


class DemoError(Exception):
    """The demonstration cannot go on; the text says why in one line."""


def main(*, content: Path, style: Path, out: Path, stream: TextIO = sys.stdout) -> int:
    """Run the demonstration.

    Args:
        content: the photo to send.
        style: the picture whose style is wanted.
        out: directory for painting, previews, transcript and the bot's log; made if need be.
        stream: where the conversation is printed.

    Returns:
        The exit code: 0; 1 if no painting came; 2 if a picture or the directory cannot be used.
    """
    try:
        pictures = _read(content), _read(style)
        out.mkdir(parents=True, exist_ok=True)
        for old in out.glob("preview-*.jpg"):
            old.unlink()
    except (DemoError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        asyncio.run(_perform(*pictures, out, stream))
    except (DemoError, TimeoutError) as error:
        sys.stderr.write(f"{error}\nThe bot's log is in {out / 'bot.log'}.\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130
    return 0


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        core.open_image(data)
    except core.ImageError as error:
        raise DemoError(f"{path}: {error}") from error
    except OSError as error:
        raise DemoError(f"{path}: {error.strerror}") from error
    return data


async def _perform(content: bytes, style: bytes, out: Path, stream: TextIO) -> None:
    async with Sandbox() as sandbox:
        ada = sandbox.person("Ada", username="ada")
        with (out / "transcript.txt").open("w", encoding="utf-8") as file:
            for reader in (stream, file):
                Transcript(sandbox.world, reader)
            gallery = _Gallery(out)
            sandbox.world.events.listen(gallery.hang)
            stream.write("Starting the bot; TensorFlow takes some seconds to wake up.\n\n")
            async with bot_at_work(sandbox, out / "bot.log") as bot:
                painting = await bot.unless_it_ends(_converse(sandbox, ada, content, style))
        async with aiofiles.open(out / "painting.jpg", "wb") as file:
            await file.write(painting.data)
    stream.write(
        f"\nThe painting is in {out / 'painting.jpg'}, {gallery.hung} previews and transcript.txt"
        " beside it.\n"
    )


async def _converse(sandbox: Sandbox, ada: Person, content: bytes, style: bytes) -> Message:
    """Play the person; returns the message that brings the painting."""
    await sandbox.wait_for_call("getUpdates", timeout=START_SECONDS)
    await ada.send_text("/start")
    await ada.wait_for(timeout=ANSWER_SECONDS)
    since = ada.mark()
    photo = await ada.send_photo(content)
    await ada.wait_for(timeout=ANSWER_SECONDS, since=since)
    await ada.send_photo(style)
    card = await ada.wait_for(
        lambda message: any(button.data.startswith("cancel:") for button in message.buttons),
        timeout=ANSWER_SECONDS,
        since=since,
    )
    painting = await ada.wait_for(
        lambda message: message.photo is not None and message.message_id != card.message_id,
        timeout=PAINTING_SECONDS,
        since=since,
    )
    await ada.wait_for(
        lambda message: message.message_id == card.message_id and not message.buttons,
        timeout=ANSWER_SECONDS,
        since=since,
    )
    if painting.message_id <= photo.message_id:
        raise DemoError("The painting came before its photo.")
    return painting


@dataclass(frozen=True, slots=True)
class BotAtWork:
    """The bot's process."""

    process: asyncio.subprocess.Process

    async def unless_it_ends(self, conversation: Coroutine[Any, Any, _T]) -> _T:
        """Let the conversation go on to its end.

        Raises:
            DemoError: The bot ended before it.
        """
        talk = asyncio.create_task(conversation)
        end = asyncio.create_task(self.process.wait())
        try:
            await asyncio.wait([talk, end], return_when=asyncio.FIRST_COMPLETED)
            if not talk.done():
                raise DemoError(f"The bot ended with exit code {end.result()}.")
            return talk.result()
        finally:
            talk.cancel()
            end.cancel()


@asynccontextmanager
async def bot_at_work(
    sandbox: Sandbox, log: Path, **settings: str
) -> AsyncGenerator[BotAtWork, None]:
    """The bot in a process of its own, with a data directory that goes when it does.

    Args:
        sandbox: The Telegram that it talks to.
        log: File for what it logs.
        settings: Further settings, by the names of the environment.
    """
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder, log.open("wb") as lines:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            # Away from the working directory, and so from the host's own .env.
            cwd=folder,
            env={**environment(sandbox, Path(folder) / "data"), **settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=lines,
            stderr=lines,
        )
        try:
            yield BotAtWork(process)
        finally:
            await _end(process)


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


async def _end(process: asyncio.subprocess.Process) -> None:
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


class _Gallery:
    """Saves the previews as they come: the photos of the card, one file each."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.hung = 0

    def hang(self, event: Event) -> None:
        if event.kind is EventKind.EDIT and event.message is not None and event.message.photo:
            data = event.message.data
            if self.hung and self._path(self.hung).read_bytes() == data:
                return  # only the words were edited
            self.hung += 1
            self._path(self.hung).write_bytes(data)

    def _path(self, number: int) -> Path:
        return self._out / f"preview-{number:02}.jpg"
