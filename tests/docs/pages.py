"""The pages that people read, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

CORE: Final = ROOT / "docs" / "core.md"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What stands between two fences.

    Attributes:
        language: as the opening fence names it.
        line: number of its first line in the page, from 1.
        text: the lines between the fences.
    """

    language: str
    line: int
    text: str


def blocks(text: str) -> list[Block]:
    """All fenced blocks of a page, in order."""
    return [
        Block(language=found[1], line=text.count("\n", 0, found.start(2)) + 1, text=found[2])
        for found in _FENCE.finditer(text)
    ]


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text)


def sections(text: str) -> dict[str, str]:
    """What stands under each heading of the third level that is a name in code, by the name."""
    parts = re.split(r"^### `(\w+)`$", text, flags=re.MULTILINE)
    return {
        name: re.split(r"^##? ", section, maxsplit=1, flags=re.MULTILINE)[0]
        for name, section in zip(parts[1::2], parts[2::2], strict=True)
    }


def handwritten() -> list[Path]:
    """The pages that people write; conversation.md is made by code."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
    return sorted(page for page in pages if page.name != "conversation.md")
