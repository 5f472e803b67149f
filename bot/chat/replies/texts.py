"""What the bot says about pictures: what it needs next, and why it cannot use one."""

from collections.abc import Callable

from bot.chat.requests.request import Unfit
from bot.studio.ledger.model import Draft
from bot.telegram.downloads import LIMIT, MEGABYTE
from bot.telegram.place import Place
from bot.words import Words

Sentence = Callable[[Words], str]
"""Something to be said once the language is known."""


def wanted(words: Words, draft: Draft) -> str:
    """Ask for what a draft lacks; in a group, for a reply."""
    if draft.place.private:
        if draft.content:
            return words.text("Lovely. Now send the picture whose style you like.")
        if draft.styles:
            return words.text("A fine style. Now send the photo that I should paint.")
        return instructions(words)
    if draft.content:
        return words.text("Lovely. Now reply to this with the picture whose style you like.")
    if draft.styles:
        return words.text("A fine style. Now reply to this with the photo that I should paint.")
    return words.text("Gladly. Reply to this with the photo that I should paint.")


def instructions(words: Words) -> str:
    """The whole of it in one sentence."""
    return words.text(
        "Send me two pictures: first the photo to paint, then one whose style you like."
    )


def still_wanted(words: Words, draft: Draft) -> str:
    """Say again what a draft lacks, after something that did not help."""
    if draft.content:
        return words.text("I have your photo. Now send a picture whose style you like.")
    if draft.styles:
        return words.text("I have the style. Now send the photo that I should paint.")
    return instructions(words)


def unfit(words: Words, reason: Unfit, draft: Draft) -> str:
    """One sentence for content that is no picture, with what to send instead."""
    said = {
        Unfit.TEXT: still_wanted(words, draft),
        Unfit.VIDEO: words.text("I can't paint videos; please send a photo or a screenshot."),
        Unfit.ANIMATION: words.text(
            "Moving pictures are too quick for me; please send a still one."
        ),
        Unfit.MOVING_STICKER: words.text(
            "That sticker moves too much for me; please send a still one or a photo."
        ),
        Unfit.SOUND: words.text("I can only see, not hear; please send a photo."),
        Unfit.FILE: words.text(
            "That file is not a picture; please send a photo, or a picture as a file."
        ),
        Unfit.TOO_LARGE: words.text(
            "That file is too large for me; please send it as a photo, "
            "or as a file of at most {limit} MB.",
            limit=LIMIT // MEGABYTE,
        ),
        Unfit.OTHER: words.text("I work with pictures only; please send a photo."),
    }
    return said[reason]


def full(words: Words, limit: int, place: Place) -> str:
    """The person has as many open orders as the host allows."""
    if place.private:
        return words.count(
            "You already have {number} picture in the making. "
            "Your photo is kept; send the style again when that one is done.",
            "You already have {number} pictures in the making. "
            "Your photo is kept; send the style again when one of them is done.",
            limit,
        )
    return full_again(words, limit)


def full_again(words: Words, limit: int) -> str:
    """The same where nothing was sent that could be kept."""
    return words.count(
        "You already have {number} picture in the making. Ask me again when it is done.",
        "You already have {number} pictures in the making. Ask me again when one is done.",
        limit,
    )


def left_out(words: Words, styles: int, number: int) -> str:
    """Say plainly which pictures of an album were used; `number` were not."""
    if styles == 1:
        return words.count(
            "I take the first picture as the photo and the second as the style; "
            "{number} more is left out.",
            "I take the first picture as the photo and the second as the style; "
            "{number} more are left out.",
            number,
        )
    return words.count(
        "I blend {styles} styles at most; {number} more is left out.",
        "I blend {styles} styles at most; {number} more are left out.",
        number,
        styles=styles,
    )
