"""What is fetched and cannot be used."""

import asyncio

import pytest
from telegram import Bot

import core
from bot.sandbox import Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import PictureState
from bot.studio.pictures.fetcher import (
    Fetcher,
    TooBig,
)
from bot.studio.pictures.files import Files
from bot.telegram.downloads import Downloads
from tests.bot.studio.fetching import Maker, Told, announced, until_settled


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
    small = Fetcher(Downloads(bot), ledger, files, on_refused=told, limit=1000)
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


async def test_a_caller_who_left_is_told(
    fetcher: Fetcher, ledger: Ledger, told: Told, sandbox: Sandbox, ada: Person
) -> None:
    gate = asyncio.Event()
    sandbox.faults.add("download", faults.hold(gate))
    message = await ada.send_document(b"no picture", "picture.jpg", "image/jpeg")
    pending = await announced(ledger, message)
    caller = asyncio.create_task(fetcher.fetch(pending))
    await sandbox.wait_for_call("getFile")
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert told == []
    gate.set()
    await until_settled(ledger, pending)
    await fetcher.fetch(pending)
    refused, refusal, where = await told.one()
    assert (refused.id, where.picture.id) == (pending.id, pending.id)
    assert isinstance(refusal, core.NotAnImageError)
