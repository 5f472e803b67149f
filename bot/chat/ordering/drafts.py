"""How pictures become an order's content and styles: pure rules, no ledger, no Telegram."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.studio.ledger.model import Draft, Picture, PictureKind
from bot.words import Words

PATIENCE_IN_PRIVATE = timedelta(hours=24)
PATIENCE_IN_GROUPS = timedelta(hours=1)
"""How long a half-made order waits for its other picture; after that a picture starts anew."""


@dataclass(frozen=True, slots=True)
class FilledDraft:
    """A draft with more pictures in it, and how many found no room."""

    draft: Draft
    left_out: int = 0


def is_complete(draft: Draft) -> bool:
    """Whether the draft can be ordered."""
    return draft.content is not None and bool(draft.styles)


def fill(draft: Draft, pictures: Sequence[Picture], *, most_styles: int) -> FilledDraft:
    """Put pictures where they are missing: the first becomes the content, the others styles.

    A sticker that comes first is taken for a style, since few people want one painted; where
    the photo alone is missing, a sticker is as good as any picture.
    """
    content, styles, left_out = draft.content, list(draft.styles), 0
    for picture in pictures:
        if content is None and (styles or picture.kind is not PictureKind.STICKER):
            content = picture
        elif len(styles) < most_styles:
            styles.append(picture)
        else:
            left_out += 1
    return FilledDraft(replace(draft, content=content, styles=tuple(styles)), left_out)


def still_fresh(draft: Draft, now: datetime) -> Draft:
    """The draft, or an empty one if nothing was added to it for too long.

    Its pictures may be older than that: somebody's photo of last week, a style of the gallery.
    """
    patience = PATIENCE_IN_PRIVATE if draft.place.private else PATIENCE_IN_GROUPS
    if draft.changed_at is not None and now - draft.changed_at > patience:
        return Draft(place=draft.place, user_id=draft.user_id, language=draft.language)
    return draft


def arranged(pictures: Sequence[Picture], words: Words) -> list[Picture]:
    """An album's pictures, content first, as its captions ask.

    The first picture is the content, unless its caption is the one word "style" (or "swap"), or
    the second picture's caption is "photo"; both may follow a command.
    """
    turned = list(pictures)
    if len(turned) < 2:
        return turned
    styles, photos = _roles(words)
    if _bare_caption(turned[0]) in styles or _bare_caption(turned[1]) in photos:
        turned[:2] = turned[1], turned[0]
    return turned


def says_role(text: str, words: Words) -> bool:
    """Whether a text is one of the words that say what is photo and what is style."""
    return any(text.strip().casefold() in role for role in _roles(words))


def _roles(words: Words) -> tuple[set[str], set[str]]:
    styles = {"style", "swap", words.text("style").casefold(), words.text("swap").casefold()}
    photos = {"photo", "content", "swap", words.text("photo").casefold()}
    return styles, photos


def _bare_caption(picture: Picture) -> str:
    """A caption without the command before it, in small letters."""
    said = [word for word in (picture.caption or "").split() if not word.startswith("/")]
    return " ".join(said).casefold()
