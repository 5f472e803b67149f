"""What an error means: did it have an effect, and is it worth another try?"""

import traceback
from datetime import timedelta

import httpx
import pytest
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
    TimedOut,
)

from bot.telegram.errors import (
    AlreadyPhoto,
    BadAnswer,
    FileTooBig,
    MessageGone,
    Moved,
    Rejected,
    TelegramFault,
    TokenRefused,
    TopicGone,
    TryLater,
    Unchanged,
    Unreachable,
    Unsure,
    UpdatesTakenElsewhere,
    understand,
    understood,
)


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RetryAfter(7), TryLater),
        (InvalidToken("123:secret"), TokenRefused),
        (EndPointNotFound("123:secret"), TokenRefused),
        (Conflict("Conflict: terminated by other getUpdates request"), UpdatesTakenElsewhere),
        (caused(NetworkError("x"), httpx.ConnectError("x")), TryLater),
        (caused(TimedOut(), httpx.ConnectTimeout("x")), TryLater),
        (caused(TimedOut(), httpx.PoolTimeout("x")), TryLater),
        (caused(TimedOut(), httpx.ReadTimeout("x")), Unsure),
        (caused(TimedOut(), httpx.WriteTimeout("x")), Unsure),
        (caused(NetworkError("x"), httpx.RemoteProtocolError("x")), Unsure),
        (NetworkError("Bad Gateway"), BadAnswer),
        (TelegramError("Invalid server response"), BadAnswer),
        (caused(TelegramError("x"), ValueError("no JSON")), BadAnswer),
        (Forbidden("Forbidden: bot was blocked by the user"), Unreachable),
        (BadRequest("Chat not found"), Unreachable),
        (ChatMigrated(-1001), Moved),
        (BadRequest("Message to edit not found"), MessageGone),
        (BadRequest("Message can't be edited"), MessageGone),
        (BadRequest("Message thread not found"), TopicGone),
        (BadRequest("TOPIC_CLOSED"), TopicGone),
        (BadRequest("There is no text in the message to edit"), AlreadyPhoto),
        (BadRequest("Message is not modified: specified new message content and"), Unchanged),
        (BadRequest("File is too big"), FileTooBig),
        (BadRequest("PHOTO_INVALID_DIMENSIONS"), Rejected),
    ],
)
def test_meaning(error: TelegramError, kind: type[TelegramFault]) -> None:
    assert type(understand(error)) is kind


def test_telegrams_own_delay_counts() -> None:
    for delay in (7, timedelta(seconds=7)):
        fault = understand(RetryAfter(delay))
        assert isinstance(fault, TryLater)
        assert fault.delay == 7


@pytest.mark.parametrize("error", [InvalidToken("123:secret"), EndPointNotFound("123:secret")])
def test_the_token_is_in_no_fault_nor_behind_it(error: TelegramError) -> None:
    with pytest.raises(TokenRefused) as caught, understood():
        raise error
    assert "secret" not in "".join(traceback.format_exception(caught.value))
