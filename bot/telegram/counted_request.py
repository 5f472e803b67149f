"""Requests to Telegram that somebody hears of: which method was called, and what came back."""

from collections.abc import Callable
from typing import Any, Final

from telegram.error import TelegramError
from telegram.request import HTTPXRequest

Heard = Callable[[str, str], None]
"""Is told the method of a request ("download" for a file's bytes), and the HTTP status of the
answer in digits, or `NO_ANSWER`."""

NO_ANSWER: Final = "none"


def unheard(_method: str, _answer: str) -> None:
    """Nobody counts."""


class CountedRequest(HTTPXRequest):
    """python-telegram-bot's requests, each of them told when it is over.

    Args:
        heard: is told.
        arguments: as the base class has them.
    """

    def __init__(self, heard: Heard, **arguments: Any) -> None:  # noqa: ANN401
        super().__init__(**arguments)
        self._heard = heard

    async def do_request(  # noqa: D102 - as the base class has it
        self,
        url: str,
        method: str,
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> tuple[int, bytes]:
        # Only files are fetched by GET; the URL itself holds the token.
        name = "download" if method == "GET" else url.rpartition("/")[2]
        try:
            status, body = await super().do_request(url, method, *args, **kwargs)
        except TelegramError:
            self._heard(name, NO_ANSWER)
            raise
        self._heard(name, str(status))
        return status, body
