"""How long calls of the Bot API may take."""

from typing import Final, TypedDict

UPLOAD_SECONDS: Final = 60.0
"""Seconds for sending or fetching a file, and for hearing that it was taken."""


class Timeouts(TypedDict):
    """python-telegram-bot's time-outs, in seconds."""

    connect_timeout: float
    pool_timeout: float
    read_timeout: float
    write_timeout: float


SHORT: Final = Timeouts(
    connect_timeout=10.0, pool_timeout=10.0, read_timeout=15.0, write_timeout=15.0
)
"""For calls that carry no file."""

LONG: Final = Timeouts(
    connect_timeout=10.0,
    pool_timeout=10.0,
    read_timeout=UPLOAD_SECONDS,
    write_timeout=UPLOAD_SECONDS,
)
"""For calls that carry a file."""
