"""A message with its files, as the page sends it: a form becomes what a person sends."""

import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from aiohttp import web
from multidict import MultiDictProxy
from PIL import Image

from bot.demo.web.actions import TEXT_LIMIT
from bot.demo.web.session import Session
from bot.sandbox import Person
from bot.sandbox.clients.sender import Where
from bot.sandbox.entities import utf16_length
from bot.sandbox.media import open_image

CAPTION_LIMIT: Final = 1024
"""Characters under a picture (Bot API, "sendPhoto")."""
ALBUM_LIMIT: Final = 10
_STICKER_SIDE: Final = 512

Form = MultiDictProxy[str | bytes | bytearray | web.FileField]


class Kind(StrEnum):
    """As what files are sent."""

    PHOTO = "photo"
    DOCUMENT = "document"
    STICKER = "sticker"


async def send(session: Session, form: Form) -> None:
    """Send what a form holds: ``person``, ``chat``, ``text``, ``reply_to``, ``kind``, ``file``...

    Files of one kind that are more than one go as albums of up to ten, stickers one by one; the
    text stands under the first.

    Raises:
        LookupError: The chat, or what is replied to, is gone.
        PermissionError: Telegram's apps would not let one write here, or so much.
        UnreadableImageError: What is to be a photo or a sticker is no picture.
        ValueError: The form is not as the page sends it.
    """
    person = session.person(int(_field(form, "person")))
    where: Where = {"chat": session.chat(person, int(_field(form, "chat")))}
    if reply_to := _field(form, "reply_to"):
        where["reply_to"] = session.message(person, int(_field(form, "chat")), int(reply_to))
    text = _field(form, "text").strip()
    files = [one for one in form.getall("file", ()) if isinstance(one, web.FileField)]
    limit = CAPTION_LIMIT if files else TEXT_LIMIT
    if utf16_length(text) > limit:
        raise PermissionError(f"a message has {limit} characters at most")
    if files:
        await _send_files(person, Kind(_field(form, "kind")), files, text, where)
    elif text:
        await person.send_text(text, **where)
    else:
        raise ValueError("there is nothing to send")


async def _send_files(
    person: Person, kind: Kind, files: Sequence[web.FileField], text: str, where: Where
) -> None:
    if kind is Kind.STICKER:
        for file in files:
            await person.send_sticker(_sticker(file.file.read()), **where)
        return
    for first in range(0, len(files), ALBUM_LIMIT):
        batch = files[first : first + ALBUM_LIMIT]
        together: Where = {**where, "album": person.world.new_album()} if len(batch) > 1 else where
        for file in batch:
            caption, text = text, ""
            data = file.file.read()
            if kind is Kind.PHOTO:
                await person.send_photo(data, caption, **together)
            else:
                name, mime_type = file.filename, file.content_type
                await person.send_document(data, name, mime_type, caption, **together)


def _sticker(data: bytes) -> bytes:
    """Make a static sticker of a picture: WebP with a long side of 512 pixels, transparent."""
    open_image(data)  # for its checks of what a stranger's file may unpack to
    with Image.open(io.BytesIO(data)) as image, io.BytesIO() as buffer:
        rgba = image.convert("RGBA")
        scale = _STICKER_SIDE / max(rgba.size)
        size = (max(1, round(rgba.width * scale)), max(1, round(rgba.height * scale)))
        rgba.resize(size, Image.Resampling.LANCZOS).save(buffer, "WEBP")
        return buffer.getvalue()


def _field(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
