"""Pictures fetched from the sandbox's Telegram."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from telegram import Bot, File

import core
from bot.sandbox import Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.sandbox.model import Message
from bot.studio.fetcher import (
    CHAT_FIRST,
    FAULTS_ALLOWED,
    GIVE_UP_AFTER,
    Fetcher,
    Gone,
    Refusal,
    TooBig,
)
from bot.studio.files import Files
from bot.studio.ledger import Ledger, RefusedFrom, utc_now
from bot.studio.model import Arrival, Picture, PictureKind, PictureState, Place

Maker = Callable[..., bytes]
LOCAL_FILE: ContextVar[Path] = ContextVar("LOCAL_FILE")
LOST_FILE = ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")


class Told(list[tuple[Picture, Refusal, RefusedFrom]]):
    """The refusals that nobody waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._any = asyncio.Event()

    async def __call__(self, picture: Picture, refusal: Refusal, where: RefusedFrom) -> None:
        self.append((picture, refusal, where))
        self._any.set()

    async def one(self) -> tuple[Picture, Refusal, RefusedFrom]:
        """The only one, as soon as it is there."""
        async with asyncio.timeout(10):
            await self._any.wait()
        [told] = self
        return told


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(f"sqlite+aiosqlite:///{tmp_path}/fetching.db")
    yield ledger
    await ledger.close()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def fetcher(bot: Bot, ledger: Ledger, files: Files, told: Told) -> AsyncIterator[Fetcher]:
    made = Fetcher(bot, ledger, files, on_refused=told)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.studio.fetcher._LONGEST_BACKOFF", 0.02)


async def announced(ledger: Ledger, message: Message) -> Picture:
    """The picture of a message, written down as the chat does it."""
    if message.photo is not None:
        kind, file = PictureKind.PHOTO, message.photo.largest.file
    else:
        assert message.document is not None
        kind, file = PictureKind.DOCUMENT, message.document.file
    arrival = Arrival(
        place=Place(chat_id=message.chat.id),
        message_id=message.message_id,
        user_id=message.chat.id,
        kind=kind,
        file_id=file.file_id,
        file_unique_id=file.unique_id,
    )
    async with ledger.begin() as book:
        picture = await book.add_picture(arrival)
    assert picture is not None
    return picture


async def known(ledger: Ledger, picture: Picture) -> Picture:
    async with ledger.begin() as book:
        found = await book.picture(picture.id)
    assert found is not None
    return found


async def until_settled(ledger: Ledger, picture: Picture) -> Picture:
    with ledger.changed.subscribe() as changes:
        async with asyncio.timeout(20):
            while (found := await known(ledger, picture)).state is PictureState.PENDING:
                await changes.wait(0.2)
    return found


async def test_a_photo_is_kept_as_it_came(
    fetcher: Fetcher, ledger: Ledger, files: Files, ada: Person, picture: Maker
) -> None:
    message = await ada.send_photo(picture(96, 64))
    fetched = await fetcher.fetch(await announced(ledger, message))
    assert fetched.refusal is None
    ready = fetched.picture
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
    ready = (await fetcher.fetch(await announced(ledger, message))).picture
    assert (ready.width, ready.height) == (40, 60)


async def test_callers_share_one_download(
    fetcher: Fetcher, ledger: Ledger, sandbox: Sandbox, ada: Person, picture: Maker
) -> None:
    pending = await announced(ledger, await ada.send_photo(picture()))
    both = await asyncio.gather(fetcher.fetch(pending), fetcher.fetch(pending))
    again = await fetcher.fetch(pending)
    assert both[0].picture == both[1].picture == again.picture
    assert len(sandbox.calls("download")) == 1


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", core.NotAnImageError),
        (b"", core.NotAnImageError),
        (b"\xff\xd8\xff\xe0" + bytes(100), core.ImageError),
    ],
)
async def test_what_is_no_picture_is_refused(
    fetcher: Fetcher,
    ledger: Ledger,
    told: Told,
    ada: Person,
    data: bytes,
    refusal: type[core.ImageError],
) -> None:
    message = await ada.send_document(data or b"\0", "picture.jpg", "image/jpeg")
    fetched = await fetcher.fetch(await announced(ledger, message))
    assert isinstance(fetched.refusal, refusal)
    assert fetched.picture.state is PictureState.REFUSED
    assert fetched.where is not None
    assert told == []


async def test_a_small_picture_is_refused_with_its_numbers(
    fetcher: Fetcher, ledger: Ledger, ada: Person, picture: Maker
) -> None:
    message = await ada.send_document(picture(2, 1, "PNG"), "dot.png", "image/png")
    fetched = await fetcher.fetch(await announced(ledger, message))
    assert isinstance(fetched.refusal, core.ImageTooSmallError)
    assert (fetched.refusal.width, fetched.refusal.height) == (2, 1)


async def test_a_large_file_is_refused_unread(
    bot: Bot,
    ledger: Ledger,
    files: Files,
    told: Told,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
) -> None:
    small = Fetcher(bot, ledger, files, on_refused=told, limit=1000)
    message = await ada.send_document(picture(64, 64, "PNG"), "large.png", "image/png")
    fetched = await small.fetch(await announced(ledger, message))
    assert isinstance(fetched.refusal, TooBig)
    assert sandbox.calls("download") == []


async def test_telegrams_own_limit(
    fetcher: Fetcher, ledger: Ledger, sandbox: Sandbox, ada: Person, picture: Maker
) -> None:
    refusal = ApiError(400, "Bad Request: file is too big")
    sandbox.faults.add("getFile", faults.refusal(refusal))
    message = await ada.send_photo(picture())
    fetched = await fetcher.fetch(await announced(ledger, message))
    assert isinstance(fetched.refusal, TooBig)
    assert fetched.refusal.megabytes == 20


@pytest.mark.parametrize("method", ["getFile", "download"])
@pytest.mark.parametrize(
    "fault", [faults.lost_request(), faults.bad_gateway(), faults.lost_response()]
)
async def test_a_bad_network_is_outlived(
    fetcher: Fetcher,
    ledger: Ledger,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
    method: str,
    fault: faults.Fault,
) -> None:
    sandbox.faults.add(method, fault, times=4)
    message = await ada.send_photo(picture())
    fetched = await fetcher.fetch(await announced(ledger, message))
    assert fetched.picture.state is PictureState.READY


async def test_a_lost_file_is_believed_after_some_tries(
    fetcher: Fetcher, ledger: Ledger, sandbox: Sandbox, ada: Person, picture: Maker
) -> None:
    sandbox.faults.add("getFile", faults.refusal(LOST_FILE), times=2)
    first = await announced(ledger, await ada.send_photo(picture()))
    assert (await fetcher.fetch(first)).refusal is None
    sandbox.faults.add("getFile", faults.refusal(LOST_FILE), times=3)
    second = await announced(ledger, await ada.send_photo(picture(seed=1)))
    assert isinstance((await fetcher.fetch(second)).refusal, Gone)


async def test_a_file_that_came_before_is_not_downloaded_unless_it_was_deleted(
    fetcher: Fetcher,
    ledger: Ledger,
    files: Files,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
) -> None:
    first = (await fetcher.fetch(await announced(ledger, await ada.send_photo(picture())))).picture
    second = (await fetcher.fetch(await announced(ledger, await ada.send_photo(picture())))).picture
    assert len(sandbox.calls("getFile")) == 1
    assert first.path != second.path
    assert (second.width, second.height) == (first.width, first.height)
    for path in (first.path, second.path):
        await files.delete(path or "")
    third = (await fetcher.fetch(await announced(ledger, await ada.send_photo(picture())))).picture
    assert len(sandbox.calls("getFile")) == 2
    assert await files.read(third.path or "")


async def test_a_link_that_expired_is_asked_for_anew(
    fetcher: Fetcher, ledger: Ledger, sandbox: Sandbox, ada: Person, picture: Maker
) -> None:
    sandbox.faults.add("download", faults.refusal(ApiError(404, "Not Found")))
    pending = await announced(ledger, await ada.send_photo(picture()))
    assert (await fetcher.fetch(pending)).refusal is None
    assert len(sandbox.calls("getFile")) == 2


async def test_after_a_day_it_is_given_up(
    bot: Bot,
    ledger: Ledger,
    files: Files,
    told: Told,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
) -> None:
    late = utc_now() + GIVE_UP_AFTER + timedelta(minutes=1)
    fetcher = Fetcher(bot, ledger, files, on_refused=told, now=lambda: late)
    sandbox.faults.add("download", faults.lost_request(), times=None)
    pending = await announced(ledger, await ada.send_photo(picture()))
    assert isinstance((await fetcher.fetch(pending)).refusal, Gone)


async def test_a_caller_who_left_is_told(
    fetcher: Fetcher, ledger: Ledger, told: Told, sandbox: Sandbox, ada: Person
) -> None:
    gate = asyncio.Event()
    sandbox.faults.add("download", faults.hold(gate))
    message = await ada.send_document(b"no picture", "picture.jpg", "image/jpeg")
    pending = await announced(ledger, message)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await fetcher.fetch(pending)
    assert told == []
    gate.set()
    await until_settled(ledger, pending)
    await fetcher.fetch(pending)
    refused, refusal, where = await told.one()
    assert (refused.id, where.picture.id) == (pending.id, pending.id)
    assert isinstance(refusal, core.NotAnImageError)


async def test_what_was_pending_is_fetched_at_the_start(
    bot: Bot,
    fetcher: Fetcher,
    ledger: Ledger,
    files: Files,
    told: Told,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
) -> None:
    sandbox.faults.add("download", faults.lost_request(), times=None)
    pending = await announced(ledger, await ada.send_photo(picture()))
    refused = await announced(ledger, await ada.send_document(b"x", "x.jpg", "image/jpeg"))
    caller = asyncio.create_task(fetcher.fetch(pending))
    await sandbox.wait_for_call("download")
    await fetcher.close()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert (await known(ledger, pending)).state is PictureState.PENDING
    sandbox.faults.clear()
    running = asyncio.create_task(Fetcher(bot, ledger, files, on_refused=told).run())
    assert (await until_settled(ledger, pending)).state is PictureState.READY
    assert (await until_settled(ledger, refused)).state is PictureState.REFUSED
    told_picture, _, _ = await told.one()
    assert told_picture.id == refused.id
    running.cancel()


async def test_the_chat_comes_first_but_not_for_ever(
    bot: Bot, ledger: Ledger, files: Files, told: Told, ada: Person, picture: Maker
) -> None:
    shift = timedelta(0)
    fetcher = Fetcher(bot, ledger, files, on_refused=told, now=lambda: utc_now() + shift)
    running = asyncio.create_task(fetcher.run())
    await asyncio.sleep(0.05)
    new = await announced(ledger, await ada.send_photo(picture()))
    await asyncio.sleep(0.3)
    assert (await known(ledger, new)).state is PictureState.PENDING
    shift = CHAT_FIRST
    ledger.changed.announce()
    assert (await until_settled(ledger, new)).state is PictureState.READY
    running.cancel()


async def test_no_log_line_holds_the_token(
    fetcher: Fetcher,
    ledger: Ledger,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    sandbox.faults.add("download", faults.lost_request())
    sandbox.faults.add("download", faults.refusal(ApiError(404, "Not Found")))
    await fetcher.fetch(await announced(ledger, await ada.send_photo(picture())))
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("bot.")]
    assert len(ours) >= 2
    assert not any(sandbox.token in line for line in ours)


async def test_a_fault_of_ours_does_not_go_on_for_ever(
    fetcher: Fetcher,
    ledger: Ledger,
    ada: Person,
    picture: Maker,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "images").write_text("a file where a folder should be: no picture can be kept")
    pending = await announced(ledger, await ada.send_photo(picture()))
    for _ in range(FAULTS_ALLOWED):
        with pytest.raises(OSError, match="images"):
            await fetcher.fetch(pending)
    assert caplog.text.count("met a fault") == FAULTS_ALLOWED
    assert isinstance((await fetcher.fetch(pending)).refusal, Gone)


class LocalBot(Bot):
    """A bot whose Bot API server (with `--local`) answers getFile with paths on this disk."""

    async def get_file(self, *args: Any, **kwargs: Any) -> File:  # noqa: ANN401 - passed on
        file = await super().get_file(*args, **kwargs)
        return File(file.file_id, file.file_unique_id, file_path=str(LOCAL_FILE.get()))


async def test_a_server_of_ones_own_may_hand_out_paths(
    ledger: Ledger,
    files: Files,
    told: Told,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
    tmp_path: Path,
) -> None:
    local = tmp_path / "local.png"
    local.write_bytes(picture(50, 40, "PNG"))
    LOCAL_FILE.set(local)
    pending = await announced(ledger, await ada.send_photo(picture()))
    async with LocalBot(sandbox.token, base_url=f"{sandbox.url}/bot") as bot:
        ready = (await Fetcher(bot, ledger, files, on_refused=told).fetch(pending)).picture
    assert (ready.width, ready.height) == (50, 40)
    assert sandbox.calls("download") == []
