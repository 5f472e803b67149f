"""Updates as they come from Telegram, by whatever way."""

from collections.abc import AsyncGenerator
from typing import Any, Final, Protocol

from telegram import Update

ALLOWED_UPDATES: Final = ("message", "callback_query", "my_chat_member")
"""The kinds of updates that Atelier asks for; without a list the server keeps its old one."""

RawUpdate = dict[str, Any]
"""An update as Telegram sent it (Bot API: Update)."""


class UpdateSource(Protocol):
    """A way by which updates come."""

    def parse(self, raw: RawUpdate) -> Update:
        """What a handler is given for an update.

        Raises:
            Unreadable: nothing can be made of it (`bot.telegram.reading`).
        """

    def batches(self) -> AsyncGenerator[list[RawUpdate], None]:
        """Yield updates as they come, for ever, whatever the network does meanwhile.

        Asking for the next batch confirms the one before to Telegram, which then forgets it: keep
        it first.

        Raises:
            TokenRefused: Telegram does not accept the bot's token.
        """
