"""Which messages of a chat the bot gets to see.

In groups with privacy mode: commands meant for it, replies to its messages and service messages
(Bot API, "Privacy mode"); as an administrator or without the mode, everything. Never what
another bot posts.
"""

from dataclasses import dataclass

from bot.sandbox.model import STAND_INS, Message, User


@dataclass(slots=True)
class Privacy:
    """The settings that decide.

    Attributes:
        mode: Privacy mode, as BotFather sets it.
        captioned_commands: Whether a command in a caption counts like one in a text. Telegram
            documents it neither way.
    """

    mode: bool = True
    captioned_commands: bool = True


def is_visible(message: Message, bot: User, privacy: Privacy) -> bool:
    """Tell whether an update about this message goes to the bot."""
    chat = message.chat
    author = message.author
    if author is not None and author.is_bot and author.id not in STAND_INS:
        return message.service is not None and author != bot
    if chat.is_private:
        return not chat.blocked
    if not chat.has(bot.id):
        return False
    if not chat.is_group or not privacy.mode or chat.is_admin(bot.id):
        return True
    return (
        message.service is not None
        or _is_reply_to(message, bot)
        or _commands(message, bot, privacy)
    )


def _is_reply_to(message: Message, bot: User) -> bool:
    original = message.chat.messages.get(message.reply_to) if message.reply_to is not None else None
    return original is not None and original.author == bot


def _commands(message: Message, bot: User, privacy: Privacy) -> bool:
    """Whether the message begins with a command for this bot."""
    if message.attachment is not None and not privacy.captioned_commands:
        return False
    if not message.entities or message.entities[0].offset:
        return False
    if message.entities[0].type != "bot_command":
        return False
    _, _, addressee = message.commands[0].partition("@")
    if addressee:
        return addressee.lower() == bot.username.lower()
    return message.chat.last_bot == bot.id
