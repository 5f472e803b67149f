"""The few calls by which the courier speaks to Telegram, with their limits and faults."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypedDict

from telegram import Bot, InlineKeyboardMarkup, InputMediaPhoto, ReplyParameters
from telegram.error import TelegramError

from bot.telegram.errors import is_unchanged, understand
from bot.telegram.place import Place
from bot.telegram.rate_limits import Throttle

UPLOAD_TIMEOUT: Final = 60.0
"""Seconds for sending a picture and for hearing that it was taken."""


class _Timeouts(TypedDict):
    connect_timeout: float
    pool_timeout: float
    read_timeout: float
    write_timeout: float


_TEXT: Final = _Timeouts(
    connect_timeout=10.0, pool_timeout=10.0, read_timeout=15.0, write_timeout=15.0
)
_UPLOAD: Final = _Timeouts(
    connect_timeout=10.0,
    pool_timeout=10.0,
    read_timeout=UPLOAD_TIMEOUT,
    write_timeout=UPLOAD_TIMEOUT,
)


class Client:
    """Sends and edits messages; every method raises only faults of `bot.telegram.errors`.

    Args:
        bot: the initialised bot.
        throttle: the limit on all calls together.
    """

    def __init__(self, bot: Bot, throttle: Throttle) -> None:
        self._bot = bot
        self._throttle = throttle

    async def say(
        self,
        place: Place,
        text: str,
        *,
        reply_to: int,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> int:
        """Send a text in reply to a message (Bot API: sendMessage); returns its message id."""
        async with self._asking():
            message = await self._bot.send_message(
                place.chat_id,
                text,
                message_thread_id=place.thread_id,
                reply_parameters=_reply(reply_to),
                reply_markup=keyboard,
                **_TEXT,
            )
        return message.message_id

    async def send_photo(
        self,
        place: Place,
        photo: bytes,
        filename: str,
        *,
        reply_to: int,
        caption: str | None = None,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> int:
        """Send a picture in reply to a message (Bot API: sendPhoto); returns its message id."""
        async with self._asking():
            message = await self._bot.send_photo(
                place.chat_id,
                photo,
                caption=caption,
                filename=filename,
                message_thread_id=place.thread_id,
                reply_parameters=_reply(reply_to),
                reply_markup=keyboard,
                **_UPLOAD,
            )
        return message.message_id

    async def send_file(
        self,
        place: Place,
        file: bytes,
        filename: str,
        *,
        reply_to: int,
        caption: str | None = None,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> int:
        """Send a picture as a file, for what sendPhoto refuses (Bot API: sendDocument)."""
        async with self._asking():
            message = await self._bot.send_document(
                place.chat_id,
                file,
                caption=caption,
                filename=filename,
                disable_content_type_detection=True,
                message_thread_id=place.thread_id,
                reply_parameters=_reply(reply_to),
                reply_markup=keyboard,
                **_UPLOAD,
            )
        return message.message_id

    async def edit_text(
        self, place: Place, message_id: int, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Replace a text message's text and buttons (Bot API: editMessageText)."""
        async with self._asking():
            await self._bot.edit_message_text(
                text, place.chat_id, message_id, reply_markup=keyboard, **_TEXT
            )

    async def edit_caption(
        self, place: Place, message_id: int, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Replace a photo's caption and buttons (Bot API: editMessageCaption)."""
        async with self._asking():
            await self._bot.edit_message_caption(
                place.chat_id, message_id, caption=text, reply_markup=keyboard, **_TEXT
            )

    async def edit_photo(
        self,
        place: Place,
        message_id: int,
        photo: bytes,
        filename: str,
        *,
        caption: str,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> None:
        """Make a message a photo, or replace its photo (Bot API: editMessageMedia)."""
        async with self._asking():
            await self._bot.edit_message_media(
                InputMediaPhoto(photo, caption=caption, filename=filename),
                place.chat_id,
                message_id,
                reply_markup=keyboard,
                **_UPLOAD,
            )

    async def delete(self, place: Place, message_id: int) -> None:
        """Delete one of the bot's own messages (Bot API: deleteMessage)."""
        async with self._asking():
            await self._bot.delete_message(place.chat_id, message_id, **_TEXT)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        await self._throttle.slot()
        try:
            yield
        except TelegramError as error:
            if not is_unchanged(error):
                raise understand(error) from error


def _reply(message_id: int) -> ReplyParameters | None:
    """How to reply to a message, should it still be there; 0 names none."""
    if message_id == 0:
        return None
    return ReplyParameters(message_id, allow_sending_without_reply=True)
