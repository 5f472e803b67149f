"""From what Telegram sent to what a handler is given, whatever is odd about it.

The library reads an update whole or not at all. One that it cannot read, because Telegram is newer
or a server between is not Telegram's, is read without its odd parts, so that whoever waits for an
answer gets one.
"""

import contextlib
import logging
from collections.abc import Mapping
from typing import Any, Final

from telegram import Bot, CallbackQuery, ChatMember, Message, Update

from bot.telegram.updates import RawUpdate

LARGEST_NUMBER: Final = 2**53
"""Ids have at most 52 significant bits (Bot API: Chat.id), and so has every other number."""

_ODD: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError)
"""What the library raises over JSON that it does not expect."""

_KINDS: Final[Mapping[str, tuple[type[Message | CallbackQuery], tuple[str, ...], RawUpdate]]] = {
    "message": (Message, ("message_id", "chat"), {"date": 1}),
    "callback_query": (CallbackQuery, ("id", "from"), {"chat_instance": ""}),
}
"""What can be read in part: its type, the fields that make it one, and what the library demands
though Atelier hardly needs it (`Message.date` is not 0, which is what cannot be shown has)."""

log = logging.getLogger(__name__)


class Unreadable(Exception):
    """Nothing can be made of an update."""


def has_id(update: object) -> bool:
    """Whether something is an update that can be told from others, and confirmed."""
    return isinstance(update, dict) and _is_number(update.get("update_id"))


def read(raw: RawUpdate, bot: Bot) -> Update:
    """The update, without what in it cannot be read.

    Args:
        raw: an update that `has_id`.
        bot: whom it is for.

    Raises:
        Unreadable: what it is about cannot be read.
    """
    clean: RawUpdate = _clean(raw)
    try:
        update = Update.de_json(clean, bot)
    except _ODD:
        update = _without_odd_parts(clean, bot)
    chat, user, message = update.effective_chat, update.effective_user, update.effective_message
    ids = (chat and chat.id, user and user.id, message and message.message_id)
    if not all(_is_number(one) for one in ids if one is not None):
        raise Unreadable
    change = update.my_chat_member
    if change and not all(
        isinstance(one, ChatMember) for one in (change.old_chat_member, change.new_chat_member)
    ):
        raise Unreadable
    return update


def _is_number(value: object) -> bool:
    return type(value) is int and abs(value) < LARGEST_NUMBER


def _clean(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    """The same without numbers that there are not, and texts that no database and no line takes."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {
            name: _clean(one)
            for name, one in value.items()
            if type(one) is not int or _is_number(one)
        }
    return value


def _without_odd_parts(raw: RawUpdate, bot: Bot) -> Update:
    legible = {
        kind: _legible(kind, content, bot)
        for kind, content in raw.items()
        if kind in _KINDS and isinstance(content, dict)
    }
    if not legible:
        raise Unreadable
    odd = [
        f"{kind}.{name}"
        for kind, part in legible.items()
        for name, value in raw[kind].items()
        if part.get(name) != value
    ]
    log.warning("update %d is read without %s", raw["update_id"], ", ".join(sorted(odd)))
    return Update.de_json({"update_id": raw["update_id"], **legible}, bot)


def _legible(kind: str, content: Mapping[str, Any], bot: Bot) -> RawUpdate:
    """Those fields of a message or a press that can be read.

    Raises:
        Unreadable: not even those that make it one can.
    """
    type_, needed, instead = _KINDS[kind]

    def is_legible(fields: RawUpdate) -> bool:
        try:
            type_.de_json(fields, bot)
        except _ODD:
            return False
        return True

    legible = {**instead, **{name: content[name] for name in needed if name in content}}
    if not is_legible(legible):
        raise Unreadable
    for name, value in content.items():
        if is_legible({**legible, name: value}):
            legible[name] = value
        elif name in _KINDS and isinstance(value, dict):
            with contextlib.suppress(Unreadable):
                legible[name] = _legible(name, value, bot)
    return legible
