"""What the gallery offers to one person: pages and names. Pure: nothing is sent or stored."""

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.gallery import Gallery, Style, normalised
from bot.studio.ledger.model import SavedStyle
from bot.words import Words

PER_PAGE: Final = 6
"""Styles on one page."""
SUGGESTIONS: Final = 3
_LONGEST_TITLE: Final = 32
_CLOSE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Choice:
    """A style as somebody sees it.

    `key` stands for it in callback data, short in every script; `title` is in the person's
    language.
    """

    key: str
    title: str
    what: Style | SavedStyle


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """One page of the gallery; `number` counts from 0, `own` pages hold saved styles only."""

    number: int
    total: int
    own: bool
    choices: tuple[Choice, ...]


class StyleListing:
    """All styles that a person may choose from at one moment.

    Args:
        words: the person's language.
        gallery: the styles for everybody.
        saved: the person's own, which come first.
    """

    def __init__(self, words: Words, gallery: Gallery, saved: Sequence[SavedStyle] = ()) -> None:
        self._words = words
        self._gallery = gallery
        self._own = [Choice(f"o{style.id}", style.title, style) for style in saved]
        self._common = [self._choice(style) for style in gallery.styles]

    def page(self, number: int, *, own: bool = True) -> GalleryPage:
        """A page; the nearest one where there is none of that number.

        Args:
            number: counts from 0.
            own: whether the person's own styles are shown.
        """
        kinds = [(True, self._own if own else []), (False, self._common)]
        parts = [
            (is_own, tuple(choices[start : start + PER_PAGE]))
            for is_own, choices in kinds
            for start in range(0, len(choices), PER_PAGE)
        ]
        number = max(0, min(number, len(parts) - 1))
        is_own, choices = parts[number]
        return GalleryPage(number, len(parts), is_own, choices)

    def keyed(self, key: str) -> Choice | None:
        """The style that a button names, if it is still on offer."""
        return next((c for c in (*self._own, *self._common) if c.key == key), None)

    def named(self, text: str) -> Choice | None:
        """The style that somebody means by a name or title, in English or their language."""
        name = normalised(text)
        for choice in self._own:
            if isinstance(choice.what, SavedStyle) and choice.what.name == name:
                return choice
        found = self._gallery.find(text)
        if found is not None:
            return self._choice(found)
        return next((c for c in self._common if name and normalised(c.title) == name), None)

    def suggestions(self, text: str) -> list[Choice]:
        """Styles with names like what somebody typed, the likeliest first."""
        titles = {normalised(choice.title): choice for choice in (*self._common, *self._own)}
        near = difflib.get_close_matches(normalised(text), titles, n=SUGGESTIONS, cutoff=_CLOSE)
        alike = [self._choice(style) for style in self._gallery.suggestions(text)]
        found = {choice.key: choice for choice in (*(titles[word] for word in near), *alike)}
        return list(found.values())[:SUGGESTIONS]

    def _choice(self, style: Style) -> Choice:
        title = self._words.text(style.title) if style.shipped else _shortened(style.title)
        digest = hashlib.sha256(style.name.encode()).hexdigest()
        return Choice(f"s{digest[:12]}", title, style)


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
