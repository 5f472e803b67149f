"""Pictures that people send, and fetching them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageOps
from telegram import Bot
from telegram.error import BadRequest, InvalidToken

from bot.sandbox import Person, Sandbox
from bot.sandbox.files import DOWNLOAD_LIMIT
from bot.sandbox.media import UnreadableImageError

if TYPE_CHECKING:
    from telegram import Message

    from tests.bot.sandbox.conftest import Picture


async def _last(bot: Bot) -> Message:
    message = (await bot.get_updates())[-1].message
    assert message is not None
    return message


async def _fetched(bot: Bot, file_id: str) -> bytes:
    return bytes(await (await bot.get_file(file_id)).download_as_bytearray())


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((60, 40), [(60, 40)]),
        ((512, 384), [(90, 68), (320, 240), (512, 384)]),
        ((1000, 2560), [(35, 90), (125, 320), (312, 800), (500, 1280)]),
    ],
)
async def test_a_photo_comes_as_jpegs_of_several_sizes(
    bot: Bot,
    ada: Person,
    picture: Picture,
    size: tuple[int, int],
    sizes: list[tuple[int, int]],
) -> None:
    await ada.send_photo(picture(*size, "PNG"))
    message = await _last(bot)
    assert [(one.width, one.height) for one in message.photo] == sizes
    for one in message.photo:
        data = await _fetched(bot, one.file_id)
        image = Image.open(io.BytesIO(data))
        assert (image.format, image.size) == ("JPEG", (one.width, one.height))
        assert one.file_size == len(data)


async def test_the_same_photo_has_one_unique_id_and_two_ids(
    bot: Bot, ada: Person, picture: Picture
) -> None:
    await ada.send_photo(picture())
    first = await _last(bot)
    await ada.send_photo(picture())
    second = await _last(bot)
    assert first.photo[-1].file_unique_id == second.photo[-1].file_unique_id
    assert first.photo[-1].file_id != second.photo[-1].file_id


async def test_a_photo_arrives_upright_and_opaque(ada: Person) -> None:
    sideways = Image.new("RGB", (80, 40))
    exif = sideways.getexif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    sideways.save(buffer, "JPEG", exif=exif)
    sent = await ada.send_photo(buffer.getvalue())
    arrived = Image.open(io.BytesIO(sent.data))
    assert arrived.size == ImageOps.exif_transpose(sideways).size == (40, 80)
    assert not arrived.getexif()

    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(buffer, "PNG")
    sent = await ada.send_photo(buffer.getvalue())
    assert Image.open(io.BytesIO(sent.data)).getpixel((10, 10)) == (255, 255, 255)


async def test_a_document_arrives_byte_for_byte(bot: Bot, ada: Person, picture: Picture) -> None:
    data = picture(900, 700, "PNG")
    await ada.send_document(data, "cat.png", "image/png", "my cat")
    document = (await _last(bot)).document
    assert document is not None
    assert (document.file_name, document.mime_type) == ("cat.png", "image/png")
    assert await _fetched(bot, document.file_id) == data
    assert document.thumbnail is not None
    assert max(document.thumbnail.width, document.thumbnail.height) == 320


async def test_any_bytes_can_be_a_document_but_no_photo(bot: Bot, ada: Person) -> None:
    await ada.send_document(b"GIF89a, or so", "broken.gif", "image/gif")
    document = (await _last(bot)).document
    assert document is not None
    assert document.thumbnail is None
    with pytest.raises(UnreadableImageError):
        await ada.send_photo(b"nothing to see")
    await ada.send_damaged_photo(b"nothing to see", (1280, 960))
    broken = (await _last(bot)).photo[-1]
    assert (broken.width, broken.height) == (1280, 960)
    assert await _fetched(bot, broken.file_id) == b"nothing to see"


async def test_files_over_20_mb_cannot_be_fetched(bot: Bot, ada: Person) -> None:
    await ada.send_document(bytes(DOWNLOAD_LIMIT), "fits.tiff", "image/tiff")
    document = (await _last(bot)).document
    assert document is not None
    await bot.get_file(document)
    await ada.send_document(bytes(DOWNLOAD_LIMIT + 1), "large.tiff", "image/tiff")
    document = (await _last(bot)).document
    assert document is not None
    with pytest.raises(BadRequest, match=r"[Ff]ile is too big"):
        await bot.get_file(document)


async def test_files_that_are_gone_or_never_were(
    bot: Bot, ada: Person, sandbox: Sandbox, picture: Picture
) -> None:
    with pytest.raises(BadRequest, match="file identifier"):
        await bot.get_file("AgACnonsense")
    sent = await ada.send_photo(picture())
    assert sent.photo is not None
    stored = sent.photo.largest.file
    file = await bot.get_file(stored.file_id)
    sandbox.world.files.forget(stored)
    with pytest.raises(InvalidToken):  # python-telegram-bot reads any 404 so
        await file.download_as_bytearray()


async def test_everything_else_that_people_send(bot: Bot, ada: Person, picture: Picture) -> None:
    await ada.send_video(b"v", "a film")
    await ada.send_video_note(b"n")
    await ada.send_voice(b"o")
    await ada.send_audio(b"a")
    await ada.send_location()
    await ada.send_contact()
    await ada.send_dice()
    await ada.send_animation(picture(kind="GIF"))
    await ada.send_sticker(picture(512, 400, "WEBP"))
    await ada.send_sticker(b"tgs", animated=True)
    messages = [update.message for update in await bot.get_updates()]
    fields = ["animation", "video", "video_note", "voice", "audio"]
    fields += ["location", "contact", "dice", "sticker"]
    kinds = [next(one for one in fields if message and message[one]) for message in messages]
    assert kinds == [
        "video",
        "video_note",
        "voice",
        "audio",
        "location",
        "contact",
        "dice",
        "animation",
        "sticker",
        "sticker",
    ]


async def test_an_album_comes_as_separate_updates(bot: Bot, ada: Person, picture: Picture) -> None:
    await ada.send_album([picture(seed=1), picture(seed=2)], "/stylize", captioned=1)
    one, other = (update.message for update in await bot.get_updates())
    assert one is not None
    assert other is not None
    assert one.media_group_id == other.media_group_id is not None
    assert (one.caption, other.caption) == (None, "/stylize")
    assert [entity.type for entity in other.caption_entities] == ["bot_command"]
    [file, _] = await ada.send_album([picture(), picture(seed=2)], as_documents=True)
    assert file.data == picture()
