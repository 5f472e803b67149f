"""Pictures fetched from the sandbox's Telegram."""

import asyncio
import io
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from PIL import Image
from telegram import Bot, File
from telegram.ext import ExtBot

from bot.sandbox import Person, Sandbox, faults
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import PictureState
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.fetcher import Fetcher
from bot.studio.pictures.files import Files
from bot.telegram.downloads import Downloads
from bot.telegram.rate_limits import RateLimiter, Urgency
from tests.bot.studio.fetching import (
    Maker,
    announced,
    at_work,
    fetch,
    known,
    refusal_of,
    until_settled,
    waited_for,
)

LOCAL_FILE: ContextVar[Path] = ContextVar("LOCAL_FILE")


async def test_a_photo_is_kept_as_it_came(
    fetcher: Fetcher, ledger: Ledger, files: Files, ada: Person, picture: Maker
) -> None:
    message = await ada.send_photo(picture(96, 64))
    ready = await fetch(fetcher, ledger, await announced(ledger, message))
    assert (ready.state, ready.width, ready.height) == (PictureState.READY, 96, 64)
    assert ready.path is not None
    assert ready.path.endswith(".jpg")
    assert await files.read(ready.path) == message.data
    assert await known(ledger, ready) == ready


async def test_the_size_is_that_of_the_upright_picture(
    fetcher: Fetcher, ledger: Ledger, ada: Person
) -> None:
    image = Image.new("RGB", (60, 40), "teal")
    exif = image.getexif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    message = await ada.send_document(buffer.getvalue(), "odd name.JPG", "image/jpeg")
    ready = await fetch(fetcher, ledger, await announced(ledger, message))
    assert (ready.width, ready.height) == (40, 60)


async def test_a_picture_is_downloaded_once(
    fetcher: Fetcher, ledger: Ledger, sandbox: Sandbox, ada: Person, picture: Maker
) -> None:
    gate = asyncio.Event()
    sandbox.faults.add("download", faults.hold(gate))
    pending = await announced(ledger, await ada.send_photo(picture()))
    async with at_work(fetcher):
        await sandbox.wait_for_call("getFile")
        ledger.changed.announce()
        await announced(ledger, await ada.send_photo(picture(seed=1)))
        gate.set()
        await until_settled(ledger, pending)
    assert len(sandbox.calls("getFile")) == 2


async def test_a_file_that_came_before_is_not_downloaded_unless_it_was_deleted(
    fetcher: Fetcher,
    ledger: Ledger,
    files: Files,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
) -> None:
    first = await fetch(fetcher, ledger, await announced(ledger, await ada.send_photo(picture())))
    second = await fetch(fetcher, ledger, await announced(ledger, await ada.send_photo(picture())))
    assert len(sandbox.calls("getFile")) == 1
    assert first.path != second.path
    assert (second.width, second.height) == (first.width, first.height)
    for path in (first.path, second.path):
        await files.delete(path or "")
    third = await fetch(fetcher, ledger, await announced(ledger, await ada.send_photo(picture())))
    assert len(sandbox.calls("getFile")) == 2
    assert await files.read(third.path or "")


async def test_what_was_pending_is_fetched_at_the_start(
    bot: Bot,
    fetcher: Fetcher,
    ledger: Ledger,
    files: Files,
    decoder: Decoder,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
) -> None:
    sandbox.faults.add("download", faults.lost_request(), times=None)
    pending = await announced(ledger, await ada.send_photo(picture()))
    refused = await waited_for(ledger, await ada.send_document(b"x", "x.jpg", "image/jpeg"))
    async with at_work(fetcher):
        await sandbox.wait_for_call("download")
    assert (await known(ledger, pending)).state is PictureState.PENDING
    sandbox.faults.clear()
    async with at_work(Fetcher(Downloads(bot), ledger, files, decoder)):
        assert (await until_settled(ledger, pending)).state is PictureState.READY
        assert (await until_settled(ledger, refused)).state is PictureState.REFUSED
    assert (await refusal_of(ledger, refused)).name == "NotAnImageError"


class LocalBot(ExtBot[Urgency]):
    """A bot whose Bot API server (with `--local`) answers getFile with paths on this disk."""

    async def get_file(self, *args: Any, **kwargs: Any) -> File:  # noqa: ANN401 - passed on
        file = await super().get_file(*args, **kwargs)
        return File(file.file_id, file.file_unique_id, file_path=str(LOCAL_FILE.get()))


async def test_a_server_of_ones_own_may_hand_out_paths(
    ledger: Ledger,
    files: Files,
    decoder: Decoder,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
    tmp_path: Path,
) -> None:
    local = tmp_path / "local.png"
    local.write_bytes(picture(50, 40, "PNG"))
    LOCAL_FILE.set(local)
    pending = await announced(ledger, await ada.send_photo(picture()))
    limiter = RateLimiter()
    async with LocalBot(sandbox.token, base_url=f"{sandbox.url}/bot", rate_limiter=limiter) as bot:
        ready = await fetch(Fetcher(Downloads(bot), ledger, files, decoder), ledger, pending)
    assert (ready.width, ready.height) == (50, 40)
    assert sandbox.calls("download") == []
