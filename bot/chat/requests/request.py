"""Who asks for something, where, by which message or press."""

from dataclasses import dataclass

from bot.chat.replies.speaker import Mention
from bot.chat.requests.people import Person
from bot.telegram.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for by one message or one press of a button.

    `message_id` is answered. It also names the order, unless a button was pressed: then `press`
    does (CallbackQuery.id). `mention` is set where the answered message is not the person's own.
    """

    place: Place
    person: Person
    message_id: int
    press: str | None = None
    mention: Mention | None = None

    @property
    def source(self) -> str:
        """The unique key of what is asked for, by which a redelivery is recognised."""
        if self.press is not None:
            return f"press:{self.press}"
        return f"{self.place.chat_id}:{self.message_id}"
