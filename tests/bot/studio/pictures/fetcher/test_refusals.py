"""What is fetched and cannot be used."""

import pytest
from telegram import Bot

from bot.sandbox import Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import PictureState, Refusal
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.fetcher import Fetcher
from bot.studio.pictures.files import Files
from bot.telegram.downloads import Downloads
from tests.bot.studio.fetching import Maker, fetch, refusal_of, waited_for


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"UnsupportedImageError"}),
        (b"\0", {"NotAnImageError"}),
        (b"\xff\xd8\xff\xe0" + bytes(100), {"TruncatedImageError", "NotAnImageError"}),
    ],
)
async def test_what_is_no_picture_is_refused(
    fetcher: Fetcher, ledger: Ledger, ada: Person, data: bytes, names: set[str]
) -> None:
    message = await ada.send_document(data, "picture.jpg", "image/jpeg")
    pending = await waited_for(ledger, message)
    assert (await fetch(fetcher, ledger, pending)).state is PictureState.REFUSED
    assert (await refusal_of(ledger, pending)).name in names


async def test_a_small_picture_is_refused_with_its_numbers(
    fetcher: Fetcher, ledger: Ledger, ada: Person, picture: Maker
) -> None:
    message = await ada.send_document(picture(2, 1, "PNG"), "dot.png", "image/png")
    pending = await waited_for(ledger, message)
    await fetch(fetcher, ledger, pending)
    refusal = await refusal_of(ledger, pending)
    assert refusal.name == "ImageTooSmallError"
    assert (refusal.facts["width"], refusal.facts["height"]) == (2, 1)


async def test_a_large_file_is_refused_unread(
    bot: Bot,
    ledger: Ledger,
    files: Files,
    decoder: Decoder,
    sandbox: Sandbox,
    ada: Person,
    picture: Maker,
) -> None:
    message = await ada.send_document(picture(64, 64, "PNG"), "large.png", "image/png")
    pending = await waited_for(ledger, message)
    await fetch(Fetcher(Downloads(bot), ledger, files, decoder, limit=1000), ledger, pending)
    assert (await refusal_of(ledger, pending)).name == "TooBig"
    assert sandbox.calls("download") == []


async def test_telegrams_own_limit(
    fetcher: Fetcher, ledger: Ledger, sandbox: Sandbox, ada: Person, picture: Maker
) -> None:
    answer = ApiError(400, "Bad Request: file is too big")
    sandbox.faults.add("getFile", faults.refusal(answer))
    pending = await waited_for(ledger, await ada.send_photo(picture()))
    await fetch(fetcher, ledger, pending)
    refusal = Refusal(name="TooBig", facts={"megabytes": 20, "kind": "photo"})
    assert await refusal_of(ledger, pending) == refusal
