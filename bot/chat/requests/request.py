"""Who asks for something, where, by which message or press."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from telegram import CallbackQuery, Chat, MaybeInaccessibleMessage, Message, Update, User
from telegram.constants import ChatType

from bot.telegram.place import Place

STAND_INS = frozenset({1087968824, 136817688, 777000})
"""Telegram's stand-ins for anonymous admins, channel posts and automatic forwards."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can order a painting.

    `id` is a user's, or, where people speak as a chat (anonymous admins, channels), that chat's;
    `is_user` tells which. `language` is the IETF tag of the user's app, where Telegram tells it.
    `group_id` is the group in which they are met; None in private.
    """

    id: int
    is_user: bool = True
    language: str | None = None
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody who is to be named at the beginning of a sentence.

    A selective ForceReply asks whoever is named, or whoever is answered (Bot API: ForceReply).
    """

    user_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for by one message or one press of a button.

    `message_id` is answered. It also names the order, unless a button was pressed: then `press_id`
    does (CallbackQuery.id). `mention` is set where the answered message is not the person's own.
    """

    place: Place
    person: Person
    message_id: int
    press_id: str | None = None
    mention: Mention | None = None

    @property
    def source(self) -> str:
        """The unique key of what is asked for, by which a redelivery is recognised."""
        if self.press_id is not None:
            return f"press:{self.press_id}"
        return f"{self.place.chat_id}:{self.message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRequest(Request):
    """A request by a message of one's own. `update_id` is Update.update_id."""

    message: Message
    update_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Press(Request):
    """A request by a button.

    `message_id` is the message under which the button is. `parts` is what its callback data says:
    the groups of the pattern that it matches. `update_id` is Update.update_id.
    """

    press_id: str
    query: CallbackQuery
    parts: tuple[str, ...]
    update_id: int

    def is_under(self, *beginnings: str) -> bool:
        """Whether the message shows a button whose data begin so; what is too old shows none.

        The data of the press itself can be forged (Bot API: CallbackQuery.data): without this
        they would have any message of the bot's changed into another.
        """
        message = self.query.message
        keyboard = message.reply_markup if isinstance(message, Message) else None
        return keyboard is not None and any(
            str(button.callback_data).startswith(beginnings)
            for row in keyboard.inline_keyboard
            for button in row
        )


class Unfit(Enum):
    """Why a message's content cannot be painted."""

    TEXT = auto()
    VIDEO = auto()
    ANIMATION = auto()
    MOVING_STICKER = auto()
    SOUND = auto()
    FILE = auto()
    TOO_LARGE = auto()
    OTHER = auto()


def author(message: Message) -> Person | None:
    """The author of a message; None when nobody can be answered or asked.

    Anonymous admins share one user id and channel posts another, so that `Message.sender_chat`
    stands for them. Automatic forwards and other bots are nobody.
    """
    if message.is_automatic_forward:
        return None
    if message.sender_chat is not None:
        return Person(message.sender_chat.id, is_user=False, group_id=_group(message.chat))
    return _person(message.from_user, message.chat)


def actor(update: Update) -> Person | None:
    """The person behind any update that Atelier handles."""
    if update.callback_query is not None:
        return _person(update.callback_query.from_user, update.effective_chat)
    if update.message is not None:
        return author(update.message)
    return _person(update.effective_user, update.effective_chat)


def place_of(message: MaybeInaccessibleMessage) -> Place:
    """The chat and topic of a message; of one that Telegram does not show any more, the chat.

    `Message.message_thread_id` also numbers threads of replies outside forums, where sending to
    it is an error, so that it counts only together with `Message.is_topic_message`.
    """
    thread_id = None
    if isinstance(message, Message) and message.is_topic_message:
        thread_id = message.message_thread_id
    return Place(
        chat_id=message.chat.id,
        thread_id=thread_id,
        private=message.chat.type == ChatType.PRIVATE,
    )


def message_request(update: Update) -> MessageRequest | None:
    """The request that a message makes; None when nobody can be answered or asked."""
    message, person = update.message, actor(update)
    if message is None or person is None:
        return None
    return MessageRequest(
        place=place_of(message),
        person=person,
        message_id=message.message_id,
        message=message,
        update_id=update.update_id,
    )


def press_of(update: Update, match: re.Match[str]) -> Press | None:
    """The request that a button makes; None when nobody has pressed it, or it is nowhere.

    Args:
        update: with a callback query.
        match: how a handler's pattern matched its callback data.
    """
    query, person = update.callback_query, actor(update)
    if query is None or query.message is None or person is None:
        return None
    return Press(
        place=place_of(query.message),
        person=person,
        message_id=query.message.message_id,
        press_id=query.id,
        query=query,
        parts=match.groups(""),
        update_id=update.update_id,
    )


def _person(user: User | None, chat: Chat | None) -> Person | None:
    if user is None or user.is_bot or user.id in STAND_INS:
        return None
    return Person(user.id, language=user.language_code, group_id=_group(chat))


def _group(chat: Chat | None) -> int | None:
    return chat.id if chat is not None and chat.type != ChatType.PRIVATE else None
