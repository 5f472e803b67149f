"""From what Telegram sent to what a handler is given, whatever is odd about it.

The library reads an update whole or not at all. One that it cannot read, because Telegram is newer
or a server between is not Telegram's, is read without its odd parts, so that whoever waits for an
answer gets one.
"""

import contextlib
import logging
from collections.abc import Mapping
from typing import Any, Final

from telegram import (
    Bot,
    CallbackQuery,
    ChatMember,
    ChatMemberUpdated,
    MaybeInaccessibleMessage,
    Message,
    Update,
)

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
    with contextlib.suppress(*_ODD):
        update = Update.de_json(clean, bot)
        if _is_sound(update.effective_message, update.callback_query, update.my_chat_member):
            return update
    return _without_odd_parts(clean, bot)


def _is_sound(*things: object) -> bool:
    """Whether all is there that nobody asks for: what is missing may be None to the library."""
    for thing in things:
        match thing:
            case CallbackQuery():
                sound = _has_id(thing.from_user) and _is_sound(thing.message)
            case MaybeInaccessibleMessage():
                speakers = (getattr(thing, name, None) for name in ("from_user", "sender_chat"))
                sound = (
                    _is_number(thing.message_id)
                    and _has_id(thing.chat)
                    and all(one is None or _has_id(one) for one in speakers)
                )
            case ChatMemberUpdated():
                members = (thing.old_chat_member, thing.new_chat_member)
                sound = _has_id(thing.chat) and all(isinstance(one, ChatMember) for one in members)
            case _:
                sound = True
        if not sound:
            return False
    return True


def _has_id(thing: object) -> bool:
    return _is_number(getattr(thing, "id", None))


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
        with contextlib.suppress(*_ODD):
            return _is_sound(type_.de_json(fields, bot))
        return False

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
