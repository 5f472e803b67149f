"""The pictures that a command comes with: in its own message, and in that which it replies to."""

from telegram import Message

from bot.chat.requests.incoming import Unfit, read
from bot.chat.requests.people import Person, author
from bot.studio.ledger.model import Arrival


def held(message: Message, person: Person, *, file_limit: int) -> Arrival | Unfit | None:
    """What the message holds; a text is the command itself, or something to talk about."""
    found = read(message, person, file_limit=file_limit)
    return None if found is Unfit.TEXT else found


def pointed_at(message: Message, person: Person, *, file_limit: int) -> Arrival | Unfit | None:
    """The picture in the message that this one replies to, one level deep."""
    original = message.reply_to_message
    if original is None:
        return None
    return held(original, author(original) or person, file_limit=file_limit)
