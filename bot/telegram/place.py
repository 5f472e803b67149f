"""Where a conversation happens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a conversation happens: a chat and, in a forum, a topic (Message.message_thread_id)."""

    chat_id: int
    thread_id: int | None = None
    private: bool = True
