"""What a message holds that could be painted: pure reading, nothing is sent or stored."""

from dataclasses import replace
from mimetypes import MimeTypes
from pathlib import PurePath

from telegram import Document, ExternalReplyInfo, Message, PhotoSize, Sticker
from telegram.constants import MessageType

from bot.chat.requests.request import MessageRequest, Person, Unfit, author, place_of
from bot.studio.ledger.model import Arrival, PictureKind
from bot.telegram.downloads import LIMIT

PICTURE_SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heif", ".hif", ".avif",
        ".tif", ".tiff", ".bmp", ".gif",
    }
)  # fmt: skip
"""File names that mean a picture even where the sender's app calls it application/octet-stream."""

_NAMELESS = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""MIME types that say nothing."""

_TYPES = MimeTypes()
"""Python's own table of what file names mean, without this machine's."""

_TALK = frozenset(
    {
        MessageType.CONTACT,
        MessageType.LOCATION,
        MessageType.VENUE,
        MessageType.POLL,
        MessageType.DICE,
        MessageType.GAME,
        MessageType.STORY,
        MessageType.PAID_MEDIA,
        MessageType.CHECKLIST,
        MessageType.INVOICE,
        MessageType.GIVEAWAY,
        MessageType.GIVEAWAY_WINNERS,
    }
)
_REMARKS = frozenset(
    {
        MessageType.BUSINESS_CONNECTION_ID,
        MessageType.EFFECT_ID,
        MessageType.REPLY_TO_STORY,
        MessageType.SENDER_BOOST_COUNT,
        MessageType.SENDER_BUSINESS_BOT,
        MessageType.SUGGESTED_POST_INFO,
    }
)
"""What the library lists among the kinds of messages though it stands beside any of them."""


def read(message: Message, person: Person) -> Arrival | Unfit | None:
    """The picture in a message, or why there is none.

    Args:
        message: any message.
        person: in whose name the picture is kept.

    Returns:
        The picture; an Unfit for content of another sort; None for service messages, which say
        nothing to the bot.
    """
    return _arrival(_file(message), message, person)


def held(request: MessageRequest) -> Arrival | Unfit | None:
    """What the message holds; a text is the command itself, or something to talk about."""
    return _but_text(read(request.message, request.person))


def pointed_at(request: MessageRequest) -> Arrival | Unfit | None:
    """The picture in the message that this one replies to, one level deep.

    Of a message in another chat or topic Telegram tells what it holds and little else
    (Message.external_reply): such a picture counts as handed over by this message and this
    person. Where the message has a picture of its own, the other one has its number below zero.
    """
    message, person = request.message, request.person
    if message.external_reply is not None:
        found = _file(message.external_reply)
        other = _arrival(found, message, person)
        if isinstance(other, Arrival) and isinstance(_file(message), tuple):
            other = replace(other, message_id=-message.message_id)
        if isinstance(other, Arrival):
            other = replace(other, media_group_id=None, caption=None)
        return other
    original = message.reply_to_message
    if original is None:
        return None
    return _but_text(read(original, author(original) or person))


def at_hand(request: MessageRequest) -> Arrival | Unfit | None:
    """What the message holds, or else what is in the message that it replies to."""
    own = held(request)
    return pointed_at(request) if own is None else own


def _but_text(found: Arrival | Unfit | None) -> Arrival | Unfit | None:
    return None if found is Unfit.TEXT else found


_File = tuple[PictureKind, PhotoSize | Document | Sticker]


def _arrival(
    found: _File | Unfit | None, message: Message, person: Person
) -> Arrival | Unfit | None:
    if found is None or isinstance(found, Unfit):
        return found
    kind, file = found
    if file.file_size is not None and file.file_size > LIMIT:
        return Unfit.TOO_LARGE
    return Arrival(
        place=place_of(message),
        message_id=message.message_id,
        user_id=person.id,
        kind=kind,
        file_id=file.file_id,
        file_unique_id=file.file_unique_id,
        size=file.file_size,
        media_group_id=message.media_group_id,
        caption=message.caption,
    )


def _file(message: Message | ExternalReplyInfo) -> _File | Unfit | None:
    if photo := _still(message):
        return PictureKind.PHOTO, max(photo, key=lambda size: size.width * size.height)
    if message.animation:  # Before `document`, which is set as well for animations.
        return Unfit.ANIMATION
    if message.document:
        return _document(message.document)
    if message.sticker:
        moves = message.sticker.is_animated or message.sticker.is_video
        return Unfit.MOVING_STICKER if moves else (PictureKind.STICKER, message.sticker)
    return _other(message)


def _still(message: Message | ExternalReplyInfo) -> tuple[PhotoSize, ...]:
    """The sizes of a photo; of a live photo, those of its still part."""
    if message.photo:
        return tuple(message.photo)
    return tuple(message.live_photo.photo or ()) if message.live_photo else ()


def _document(document: Document) -> tuple[PictureKind, Document] | Unfit:
    """A file may be a picture if it is called one, or nothing: then its bytes will tell."""
    name = document.file_name or ""
    told = (document.mime_type or "").lower()
    if told in _NAMELESS:
        told = next(filter(None, _TYPES.guess_type(name)), "")
    if PurePath(name).suffix.lower() in PICTURE_SUFFIXES or not told or told.startswith("image/"):
        return PictureKind.DOCUMENT, document
    return Unfit.VIDEO if told.startswith("video/") else Unfit.FILE


def _other(message: Message | ExternalReplyInfo) -> Unfit | None:
    """A kind that the library does not know yet is talk, too, so that it gets an answer."""
    if message.video or message.video_note or message.live_photo:
        return Unfit.VIDEO
    if message.voice or message.audio:
        return Unfit.SOUND
    if isinstance(message, ExternalReplyInfo):
        return None
    if message.text:
        return Unfit.TEXT
    kinds = {kind for kind in MessageType if getattr(message, kind)} - _REMARKS
    return Unfit.OTHER if kinds <= _TALK else None
