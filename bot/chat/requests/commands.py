"""Commands as people type them: in texts and in captions, with and without the bot's name."""

import re
from dataclasses import dataclass

from telegram import Message
from telegram.constants import ChatType
from telegram.ext import filters

_COMMAND = re.compile(r"/(?P<name>\w{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?\Z", re.DOTALL)

_AMONG_WORDS = re.compile(rf"(?<=\s){_COMMAND.pattern}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it was typed; `rest` is what follows it."""

    name: str
    bot: str | None
    rest: str


def command_in(message: Message) -> Command | None:
    """The command that a message begins with, if it does.

    Under a picture in private it may also come after other words, as in "please /stylize mosaic":
    there is nobody else there whom they could be for.
    """
    match = _COMMAND.match(message.text or message.caption or "")
    if match is None and message.caption and message.chat.type == ChatType.PRIVATE:
        match = _AMONG_WORDS.search(message.caption)
    if match is None:
        return None
    return Command(match["name"].lower(), match["bot"], (match["rest"] or "").strip())


class CommandFilter(filters.MessageFilter):
    """Messages with one of some commands, for this bot: `/name`, or `/name@ThisBot`.

    python-telegram-bot's CommandHandler ignores captions, where `/stylize` is at home.

    Args:
        names: the commands, without slash; none: any command.
        captions: whether a caption counts as well as a text.
    """

    def __init__(self, *names: str, captions: bool = False) -> None:
        super().__init__(name=f"CommandFilter({', '.join(names)})")
        self._names = frozenset(names)
        self._captions = captions

    def filter(self, message: Message) -> bool:
        """Whether the message says it."""
        if not message.text and not self._captions:
            return False
        command = command_in(message)
        if command is None or (self._names and command.name not in self._names):
            return False
        own = message.get_bot().username
        return command.bot is None or command.bot.lower() == own.lower()
