"""Who asks for something, where, by which message."""

from dataclasses import dataclass

from bot.chat.people import Person
from bot.studio.model import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for by one message: `message_id` is answered, and names the order."""

    place: Place
    person: Person
    message_id: int
