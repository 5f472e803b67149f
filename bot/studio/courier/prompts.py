"""Why a picture cannot be used, and what is asked for instead."""

from typing import Final

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.studio.ledger.model import Draft, Notice, PictureKind, Refusal
from bot.studio.variations import STYLES
from bot.words import Words

NO_ORDER: Final = 0
"""Stands for the order in the callback data of a button that is under no painting."""

IN_ALBUM: Final = "InAlbum"
"""The refusal of some pictures of an album, which is settled by then: their `number`, and whether
the others were `ordered`."""


def describe_refusal(refusal: Refusal | None, words: Words) -> str:
    """Why a picture that looked like one cannot be used, and what helps, if anything does.

    Args:
        refusal: why; None: it was found so earlier. Telegram's apps make a photo of whatever the
            phone can show, so that it counts whether it came as a file (the fact `kind`).
        words: the language of its person.
    """
    facts = {} if refusal is None else refusal.facts
    match None if refusal is None else refusal.name:
        case "NotAnImageError":
            said = words.text("That file is not a picture.")
        case "UnsupportedImageError":
            said = words.text(
                "I can't read that kind of file; send it as a photo, "
                "or as JPEG, PNG, WebP, HEIC, AVIF, TIFF, BMP or GIF."
            )
        case "TruncatedImageError" if facts.get("kind") == PictureKind.DOCUMENT:
            said = words.text(
                "That file is damaged; if your phone shows it, send it as a photo, not as a file."
            )
        case "TruncatedImageError":
            said = words.text("That picture did not arrive whole; sending it again may help.")
        case "ImageTooLargeError" if facts["unit"] == "megapixels":
            said = words.text(
                "That picture has more pixels than I can hold; send it as a photo, "
                "or with at most {limit} megapixels.",
                limit=f"{facts['limit']:g}",
            )
        case "ImageTooSmallError":
            said = words.text(
                "That picture is too small to paint from; each side needs {pixels} pixels.",
                pixels=facts["minimum"],
            )
        case "AspectRatioError":
            said = words.text(
                "That picture is too long and thin; "
                "one side may be at most {times} times the other.",
                times=f"{facts['limit']:g}",
            )
        case name if name == IN_ALBUM:
            said = words.count(
                "{number} of these pictures can't be used.",
                "{number} of these pictures can't be used.",
                int(facts["number"] or 0),
            )
        case "TooBig":
            said = too_large(words, int(facts["megabytes"] or 0))
        case _:
            said = words.text("I could not open that picture.")
    return said


def too_large(words: Words, megabytes: int) -> str:
    """Say how large a file may be."""
    return words.text(
        "That file is too large for me; please send it as a photo, "
        "or as a file of at most {limit} MB.",
        limit=megabytes,
    )


def describe_notice(notice: Notice, draft: Draft, words: Words) -> str:
    """The whole of a refusal: why, and what is lost by it or what to send instead.

    Args:
        notice: the refusal.
        draft: what its person has given there so far.
        words: the language of its person.
    """
    why = describe_refusal(notice.refusal, words)
    if notice.style is not None:
        lost = words.text("So there is no style “{name}”.", name=notice.style)
        return f"{why} {lost}"
    if not asks_for_another(notice):
        return why
    return f"{why} {instead(draft, words)}"


def asks_for_another(notice: Notice) -> bool:
    """Whether a refusal goes on to ask for another picture."""
    ordered = notice.refusal is not None and notice.refusal.facts.get("ordered")
    return notice.style is None and not ordered


def describe_full_disk(words: Words) -> str:
    """A picture cannot be kept yet."""
    return words.text(
        "There is no room on my disk just now. I keep your picture in mind, "
        "and go on by myself as soon as there is."
    )


def instead(draft: Draft, words: Words) -> str:
    """What to send after a picture was refused, given what is left in the draft."""
    if draft.content:
        return words.text("Your photo is kept; please send another picture whose style you like.")
    if draft.styles:
        return words.text("The style is kept; please send another photo to paint.")
    return words.text("Please send another photo.")


def prompt_markup(draft: Draft, words: Words) -> ForceReply | InlineKeyboardMarkup | None:
    """What goes along with asking for what a draft lacks.

    In a group it forces a reply of that one person (ForceReply, selective), because in privacy
    mode nothing else of what they send would arrive.
    """
    if not draft.place.private:
        return ForceReply(selective=True, input_field_placeholder=placeholder(draft, words))
    if draft.content is not None and not draft.styles:
        return opening_keyboard(words)
    return None


def placeholder(draft: Draft, words: Words) -> str:
    """A hint for the input field (ForceReply.input_field_placeholder, 1 to 64 characters)."""
    if draft.content:
        return words.text("The picture whose style you like")
    return words.text("The photo to paint")


def opening_keyboard(words: Words) -> InlineKeyboardMarkup:
    """One button that opens the gallery."""
    label = words.text("Show me your styles")
    button = InlineKeyboardButton(label, callback_data=f"{STYLES}:{NO_ORDER}")
    return InlineKeyboardMarkup([[button]])
