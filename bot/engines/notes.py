"""What `core` remarks about a painting, as a name that the bot keeps and translates."""

import core
from bot.engines.protocol import Note


def note_of(remark: core.Note | None) -> Note | None:
    """The bot's name for what `core.Step.note` says; None where there is nothing to tell."""
    if remark is None:
        return None
    match remark.kind:
        case core.NoteKind.SMALLER:
            return Note.SMALLER
        case core.NoteKind.RETAKEN:
            return Note.RETAKEN
