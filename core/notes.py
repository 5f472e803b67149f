"""What a person should know about a painting that came about otherwise than planned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoteKind(StrEnum):
    """What happened."""

    SMALLER = "smaller"
    """Memory ran out: it was painted smaller, and enlarged."""
    RETAKEN = "retaken"
    """The computation failed on the way and was taken up again from the photo."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark about a painting; `str` makes an English sentence of it.

    Attributes:
        kind: what happened.
        size: width and height in pixels that a SMALLER one was painted at; else None.
    """

    kind: NoteKind
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if (self.size is not None) != (self.kind is NoteKind.SMALLER):
            raise ValueError("a note has a size if it is of a smaller painting, and only then")

    def __str__(self) -> str:
        if self.size is None:
            return "The computation failed on the way and was taken up again from the photo."
        width, height = self.size
        return f"Painted at {width} x {height} pixels and enlarged, for want of memory."
