"""What `core` remarks about a painting, as a name that the bot can keep and translate."""

import logging
from collections.abc import Mapping
from typing import Final

from bot.engines.protocol import Note

log = logging.getLogger(__name__)

_MARKS: Final[Mapping[str, Note]] = {
    "for want of memory": Note.SMALLER,
    "taken up again from the photo": Note.RETAKEN,
}
"""What tells the sentences of `core.run` apart; tests provoke each of them there."""


def read_note(sentence: str | None) -> Note | None:
    """The name for what `core.Step.note` says.

    Args:
        sentence: in English, or None.

    Returns:
        None where there is nothing to tell, or nothing that the bot has words for; that is logged.
    """
    if sentence is None:
        return None
    for mark, note in _MARKS.items():
        if mark in sentence:
            return note
    log.warning("Nobody is told this about a painting: %s", sentence)
    return None
