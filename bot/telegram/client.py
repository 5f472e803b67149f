"""The way to people's chats: messages sent, edited and deleted, presses answered.

Only this package calls methods of `telegram.Bot`. Each call has the time-outs that
`bot.telegram.application` gives the bot or longer ones, and goes through the bot's rate limiter,
which counts it and raises only faults of `bot.telegram.errors`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from telegram import (
    Bot,
    ChatMember,
    ForceReply,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    MessageEntity,
    ReplyParameters,
    TelegramObject,
)
from telegram.ext import ExtBot

from bot.telegram.errors import Unchanged
from bot.telegram.place import Place
from bot.telegram.rate_limits import ANSWER, PRESS, Urgency

TRANSFER_SECONDS: Final = 60.0
"""Seconds for sending or fetching a file, and for hearing that it was taken."""

Keyboard = InlineKeyboardMarkup | ForceReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that was sent or changed; `file_id` is Telegram's name for its picture."""

    message_id: int
    file_id: str | None = None


class Client:
    """Sends and edits messages.

    Args:
        bot: the initialised bot, whose rate limiter is `bot.telegram.rate_limits.RateLimiter`.
        urgency: what its calls are worth where Telegram's limits leave little room.
    """

    def __init__(self, bot: Bot, *, urgency: Urgency = ANSWER) -> None:
        self._bot = limited(bot)
        self._urgency = urgency

    def at(self, urgency: Urgency) -> "Client":
        """The same way, for calls of another urgency."""
        return Client(self._bot, urgency=urgency)

    async def say(
        self,
        place: Place,
        text: str,
        *,
        reply_to: int | None = None,
        keyboard: Keyboard | None = None,
        entities: Sequence[MessageEntity] | None = None,
    ) -> int:
        """Send a text (Bot API: sendMessage); returns its message id.

        Args:
            place: where.
            text: at most 4096 characters.
            reply_to: the message to answer, where it still exists; 0 and None name none.
            keyboard: the buttons under it.
            entities: what is special about parts of the text.
        """
        message = await self._bot.send_message(
            place.chat_id,
            text,
            entities=entities,
            message_thread_id=place.thread_id,
            reply_parameters=_reply(reply_to),
            reply_markup=keyboard,
            rate_limit_args=self._urgency,
        )
        return message.message_id

    async def send_photo(
        self,
        place: Place,
        photo: bytes | str,
        filename: str | None = None,
        *,
        reply_to: int | None = None,
        caption: str | None = None,
        keyboard: Keyboard | None = None,
    ) -> Sent:
        """Send a picture, by its bytes or its file_id (Bot API: sendPhoto)."""
        message = await self._bot.send_photo(
            place.chat_id,
            photo,
            caption=caption,
            filename=filename,
            message_thread_id=place.thread_id,
            reply_parameters=_reply(reply_to),
            reply_markup=keyboard,
            rate_limit_args=self._urgency,
            read_timeout=TRANSFER_SECONDS,
        )
        return _sent(message)

    async def send_file(
        self,
        place: Place,
        file: bytes,
        filename: str,
        *,
        reply_to: int | None = None,
        caption: str | None = None,
        keyboard: Keyboard | None = None,
    ) -> Sent:
        """Send a picture as a file, for what sendPhoto refuses (Bot API: sendDocument)."""
        message = await self._bot.send_document(
            place.chat_id,
            file,
            caption=caption,
            filename=filename,
            disable_content_type_detection=True,
            message_thread_id=place.thread_id,
            reply_parameters=_reply(reply_to),
            reply_markup=keyboard,
            rate_limit_args=self._urgency,
            read_timeout=TRANSFER_SECONDS,
        )
        return _sent(message)

    async def edit_text(
        self, place: Place, message_id: int, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Replace a text message's text and buttons (Bot API: editMessageText)."""
        with suppress(Unchanged):
            await self._bot.edit_message_text(
                text,
                place.chat_id,
                message_id,
                reply_markup=keyboard,
                rate_limit_args=self._urgency,
            )

    async def edit_caption(
        self, place: Place, message_id: int, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Replace a photo's caption and buttons (Bot API: editMessageCaption)."""
        with suppress(Unchanged):
            await self._bot.edit_message_caption(
                place.chat_id,
                message_id,
                caption=text,
                reply_markup=keyboard,
                rate_limit_args=self._urgency,
            )

    async def edit_photo(
        self,
        place: Place,
        message_id: int,
        photo: bytes | str,
        filename: str | None = None,
        *,
        caption: str,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> Sent:
        """Make a message a photo, or replace its photo (Bot API: editMessageMedia)."""
        edited: Message | bool = True
        with suppress(Unchanged):
            edited = await self._bot.edit_message_media(
                InputMediaPhoto(photo, caption=caption, filename=filename),
                place.chat_id,
                message_id,
                reply_markup=keyboard,
                rate_limit_args=self._urgency,
                read_timeout=TRANSFER_SECONDS,
            )
        return _sent(edited) if isinstance(edited, Message) else Sent(message_id=message_id)

    async def delete(self, place: Place, message_id: int) -> None:
        """Delete one of the bot's own messages (Bot API: deleteMessage)."""
        await self._bot.delete_message(place.chat_id, message_id, rate_limit_args=self._urgency)

    async def answer_press(self, press_id: str, text: str | None, *, alert: bool = False) -> None:
        """Answer a button press, so that its clock stops (Bot API: answerCallbackQuery).

        It goes before anything else, since the clock is running.

        Args:
            press_id: CallbackQuery.id.
            text: at most 200 characters; None answers without words.
            alert: whether the text has to be dismissed by hand.
        """
        await self._bot.answer_callback_query(
            press_id, text, show_alert=alert, rate_limit_args=PRESS
        )

    async def member(self, chat_id: int, user_id: int) -> ChatMember:
        """What somebody is in a chat (Bot API: getChatMember)."""
        return await self._bot.get_chat_member(chat_id, user_id, rate_limit_args=self._urgency)


def client_of(received: TelegramObject) -> Client:
    """The client of the bot that received a message or a press."""
    return Client(received.get_bot())


def limited(bot: Bot) -> ExtBot[Any]:
    """The bot, if its calls can be told apart by urgency.

    Raises:
        TypeError: it has no rate limiter.
    """
    if not isinstance(bot, ExtBot) or bot.rate_limiter is None:
        raise TypeError("The bot has no rate limiter (bot.telegram.application makes one that has)")
    return bot


def _sent(message: Message) -> Sent:
    file_id = message.photo[-1].file_id if message.photo else None
    return Sent(message_id=message.message_id, file_id=file_id)


def _reply(message_id: int | None) -> ReplyParameters | None:
    """How to reply to a message, should it still be there."""
    if not message_id:
        return None
    return ReplyParameters(message_id, allow_sending_without_reply=True)
