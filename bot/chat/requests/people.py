"""Who stands behind an update: a user, or a chat that somebody speaks as."""

from dataclasses import dataclass

from telegram import Chat, Message, Update, User
from telegram.constants import ChatType

NOBODIES = frozenset({1087968824, 136817688, 777000})
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


def _person(user: User | None, chat: Chat | None) -> Person | None:
    if user is None or user.is_bot or user.id in NOBODIES:
        return None
    return Person(user.id, language=user.language_code, group_id=_group(chat))


def _group(chat: Chat | None) -> int | None:
    return chat.id if chat is not None and chat.type != ChatType.PRIVATE else None
