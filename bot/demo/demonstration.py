"""The demonstration: the whole bot against the sandbox, two photos sent as a person would.

Everything in it is real but Telegram itself: `python -m bot` runs in a process of its own and
reaches the sandbox over HTTP by `TELEGRAM_API_URL`.
"""

import asyncio
import sys
from pathlib import Path
from typing import TextIO

import aiofiles

import core
from bot.demo.bot_messages import is_card, is_painting
from bot.demo.bot_process import BotEnded, bot_process
from bot.demo.transcript import Transcript
from bot.gallery.styles import PICTURES
from bot.sandbox import Event, EventKind, Message, Person, Sandbox

CONTENT = Path(__file__).parent / "samples" / "content.jpg"
STYLE = PICTURES / "starlight.jpg"

ANSWER_SECONDS = 60.0
PAINTING_SECONDS = 1800.0


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
        pictures = read_picture(content), read_picture(style)
        out.mkdir(parents=True, exist_ok=True)
        for old in out.glob("preview-*.jpg"):
            old.unlink()
    except (DemoError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        asyncio.run(_perform(*pictures, out, stream))
    except (DemoError, BotEnded, TimeoutError) as error:
        sys.stderr.write(f"{error}\nThe bot's log is in {out / 'bot.log'}.\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130
    return 0


def read_picture(path: Path) -> bytes:
    """Read a picture that is to be sent.

    Raises:
        DemoError: it cannot be read, or is no picture.
    """
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
            previews = _Previews(out)
            sandbox.world.events.listen(previews.save)
            stream.write("Starting the bot; TensorFlow takes some seconds to wake up.\n\n")
            async with bot_process(sandbox, out / "bot.log") as bot:
                painting = await bot.unless_it_ends(_converse(ada, content, style))
        async with aiofiles.open(out / "painting.jpg", "wb") as file:
            await file.write(painting.data)
    stream.write(
        f"\nThe painting is in {out / 'painting.jpg'}, {previews.saved} previews and transcript.txt"
        " beside it.\n"
    )


async def _converse(ada: Person, content: bytes, style: bytes) -> Message:
    """Write as a person does; returns the message that brings the painting."""
    await ada.send_text("/start")
    await ada.wait_for(timeout=ANSWER_SECONDS)
    since = ada.mark()
    await ada.send_photo(content)
    await ada.wait_for(timeout=ANSWER_SECONDS, since=since)
    await ada.send_photo(style)
    card = await ada.wait_for(is_card, timeout=ANSWER_SECONDS, since=since)
    painting = await ada.wait_for(is_painting, timeout=PAINTING_SECONDS, since=since)
    await ada.wait_for_deletion(
        lambda message: message.message_id == card.message_id, timeout=ANSWER_SECONDS, since=since
    )
    return painting


class _Previews:
    """Saves the previews as they come: the photos of the card, one file each."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._last = b""
        self.saved = 0

    def save(self, event: Event) -> None:
        message = event.message
        if event.kind is not EventKind.EDIT or message is None or message.photo is None:
            return
        if message.data != self._last:  # else only the words were edited
            self._last = message.data
            self.saved += 1
            (self._out / f"preview-{self.saved:02}.jpg").write_bytes(message.data)
