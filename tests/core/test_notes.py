from __future__ import annotations

import pytest

import core


def test_a_note_makes_a_sentence() -> None:
    smaller, retaken = core.Note(core.NoteKind.SMALLER, (96, 64)), core.Note(core.NoteKind.RETAKEN)
    assert str(smaller) == "Painted at 96 x 64 pixels and enlarged, for want of memory."
    assert "taken up again" in str(retaken)
    assert (smaller.kind, retaken.kind) == tuple(core.NoteKind)
    assert retaken.size is None


def test_only_a_smaller_painting_has_a_size() -> None:
    with pytest.raises(ValueError, match="only then"):
        core.Note(core.NoteKind.SMALLER)
    with pytest.raises(ValueError, match="only then"):
        core.Note(core.NoteKind.RETAKEN, (96, 64))
