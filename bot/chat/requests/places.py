"""Where a message was said."""

from telegram import Message
from telegram.constants import ChatType

from bot.telegram.place import Place


def place_of(message: Message) -> Place:
    """The chat and topic of a message.

    `Message.message_thread_id` also numbers threads of replies outside forums, where sending to
    it is an error, so that it counts only together with `Message.is_topic_message`.
    """
    return Place(
        chat_id=message.chat.id,
        thread_id=message.message_thread_id if message.is_topic_message else None,
        private=message.chat.type == ChatType.PRIVATE,
    )
