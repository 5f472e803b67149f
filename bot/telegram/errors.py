"""What went wrong when Telegram was asked for something, in the terms that matter here.

The question is always the same: did it have an effect? Telegram has no idempotency key, so a
call whose answer is lost may have been obeyed. Editing a known message is safe to repeat;
sending a new one is not.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.warnings import PTBDeprecationWarning

TOKEN_DELAY: Final = 60.0
"""Seconds to wait when the token is refused: whoever runs the bot has to act first."""

_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

_CHAT_GONE: Final = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "channel_private",
    "need administrator rights",
    "not enough rights to send text messages",
    "chat_write_forbidden",
)
_MESSAGE_GONE: Final = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message to delete not found",
    "message can't be deleted",
)
_TOPIC_GONE: Final = ("message thread not found", "topic_closed", "topic_deleted")
_IS_A_PHOTO: Final = ("there is no text in the message to edit",)
_NOT_MODIFIED: Final = ("message is not modified",)
_FILE_TOO_BIG: Final = ("file is too big",)


class TelegramFault(Exception):
    """Telegram did not do what it was asked; the message says why and holds no secret."""


class TryLater(TelegramFault):
    """It certainly had no effect, and may be asked again after `delay` seconds (None: any)."""

    def __init__(self, reason: str, delay: float | None = None) -> None:
        super().__init__(reason)
        self.delay = delay


class NoRoom(TryLater):
    """Telegram's rate limits leave no room for it now, so that it was not even sent.

    There may be room in `wait` seconds; `bot.telegram.rate_limits` says who is let in first.
    """

    def __init__(self, wait: float) -> None:
        super().__init__("no room within Telegram's rate limits", wait)
        self.wait = wait


class TokenRefused(TryLater):
    """Telegram does not know the token: whoever runs the bot has to put it right."""

    def __init__(self) -> None:
        super().__init__("Telegram refuses the token (TELEGRAM_BOT_TOKEN).", TOKEN_DELAY)


class UpdatesTakenElsewhere(TelegramFault):
    """Updates go to another process that polls, or to a webhook (409)."""


class Unsure(TelegramFault):
    """The answer was lost: whether it had an effect is unknown."""


class BadAnswer(Unsure):
    """Something answered, and not as a Bot API server does: a proxy's page, say."""


class Unreachable(TelegramFault):
    """The chat cannot be written to: the bot is blocked, removed, or the chat is no more."""


class Moved(TelegramFault):
    """The group has become a supergroup with another id."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__("the group has become a supergroup")
        self.new_chat_id = new_chat_id


class Rejected(TelegramFault):
    """The request is at fault and would be refused again."""


class MessageGone(Rejected):
    """The message to edit has been deleted or may not be edited any more."""


class TopicGone(Rejected):
    """The forum topic has been closed or deleted."""


class AlreadyPhoto(Rejected):
    """The message to edit as a text is a photo."""


class Unchanged(Rejected):
    """The message to edit looks so already."""


class FileTooBig(Rejected):
    """The file is larger than the Bot API server hands out, or than was asked for."""


class FileLost(Rejected):
    """Telegram cannot find the file (any more); now and then it finds it at another try."""


@contextmanager
def understood() -> Iterator[None]:
    """Turn what python-telegram-bot raises inside into this module's faults."""
    try:
        yield
    except (InvalidToken, EndPointNotFound) as error:
        # Their texts may contain the token.
        raise understand(error) from None
    except TelegramError as error:
        raise understand(error) from error


def retry_after(error: RetryAfter) -> float:
    """The seconds for which Telegram asks to be left alone."""
    with warnings.catch_warnings():
        # PTB 22 warns that the number will become a timedelta; both are understood here.
        warnings.simplefilter("ignore", PTBDeprecationWarning)
        delay = error.retry_after
    return delay.total_seconds() if isinstance(delay, timedelta) else float(delay)


def understand(error: TelegramError) -> TelegramFault:
    """Say what an error of python-telegram-bot means for the request that met it.

    BadRequest and TimedOut are kinds of NetworkError there, so the order of questions counts.
    """
    fault: TelegramFault
    match error:
        case RetryAfter():
            fault = TryLater("too many requests", retry_after(error))
        case ChatMigrated():
            fault = Moved(error.new_chat_id)
        case Forbidden():
            fault = Unreachable(error.message)
        case InvalidToken() | EndPointNotFound():
            fault = TokenRefused()
        case Conflict():
            fault = UpdatesTakenElsewhere(error.message)
        case BadRequest():
            fault = _understand_refusal(error.message)
        case NetworkError() if isinstance(error.__cause__, _NEVER_SENT):
            fault = TryLater(type(error.__cause__).__name__)
        case _ if isinstance(error.__cause__, httpx.HTTPError):
            fault = Unsure(type(error.__cause__).__name__)
        case _ if error.__cause__ is None or isinstance(error.__cause__, TelegramError):
            fault = BadAnswer(error.message)
        case _:
            fault = BadAnswer(type(error.__cause__).__name__)
    return fault


def _understand_refusal(message: str) -> TelegramFault:
    text = message.lower()
    kinds: tuple[tuple[tuple[str, ...], type[TelegramFault]], ...] = (
        (_CHAT_GONE, Unreachable),
        (_MESSAGE_GONE, MessageGone),
        (_TOPIC_GONE, TopicGone),
        (_IS_A_PHOTO, AlreadyPhoto),
        (_NOT_MODIFIED, Unchanged),
        (_FILE_TOO_BIG, FileTooBig),
    )
    for phrases, kind in kinds:
        if any(phrase in text for phrase in phrases):
            return kind(message)
    return Rejected(message)
