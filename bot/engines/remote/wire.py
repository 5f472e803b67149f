"""The form in which jobs and messages lie in the database: a JSON text and a list of bytes."""

import json
from typing import Any, Final

from bot.engines.frames import Frame, FrameError

TASK: Final = "paint"
"""What Procrastinate calls the one task there is."""
REVISION: Final = 1
"""Counts up when what bots and workers say to each other changes."""


def queue_of(worker_id: int) -> str:
    """The queue of a worker's own: the bot decides who paints what."""
    return f"worker {worker_id}"


def header_text(frame: Frame) -> str:
    """A frame's header as text."""
    return json.dumps(frame.header, separators=(",", ":"))


def header_of(text: str) -> dict[str, Any]:
    """The header that a text holds.

    Raises:
        FrameError: it holds something else.
    """
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError("A header is not JSON.") from error
    if not isinstance(header, dict):
        raise FrameError("A header is no object.")
    return header
