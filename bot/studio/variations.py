"""Variations: what the buttons under a painting change, and what they say."""

from dataclasses import dataclass, replace
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.studio.ledger.model import Change, Order, Picture, PictureState, Wishes
from bot.words import Words

VARY: Final = "again"
"""The word before the first colon in a button's callback data, `again:<order id>:<change>`."""
FILE: Final = "file"
"""The same of the File button, `file:<order id>`."""
STYLES: Final = "styles"
"""The same of the button that opens the gallery for a painting, `styles:<order id>`."""

USUAL_STRENGTH: Final = 50
STRENGTH_STEP: Final = 20
_WEAKEST: Final = 0
_STRONGEST: Final = 100
_GROWTH: Final = 1.5
_LEAST_GROWTH: Final = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The long sides that this host paints, in pixels: unless asked otherwise, and at most."""

    usual: int = 512
    largest: int = 1024

    @classmethod
    def around(cls, usual: int, *, bound: int) -> "Sizes":
        """Up to twice the usual size, but not beyond what this host's devices can bear."""
        return cls(usual=usual, largest=max(usual, min(2 * usual, bound)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """What an earlier order becomes by a change."""

    content: Picture
    styles: tuple[Picture, ...]
    wishes: Wishes
    change: Change


def vary(order: Order, change: Change, sizes: Sizes) -> Variation | None:
    """Change an order as a button under its painting says.

    Args:
        order: the earlier order.
        change: any but `Change.STYLE`, which needs to know the new style.
        sizes: how large this host paints.

    Returns:
        What to order now; None when it cannot go any further that way.
    """
    content, styles, wishes = order.content, order.styles, order.wishes
    match change:
        case Change.STRONGER | Change.SOFTER:
            step = STRENGTH_STEP if change is Change.STRONGER else -STRENGTH_STEP
            present = USUAL_STRENGTH if wishes.strength is None else wishes.strength
            strength = min(_STRONGEST, max(_WEAKEST, present + step))
            if strength == present:
                return None
            wishes = replace(wishes, strength=strength)
        case Change.COLOURS:
            wishes = replace(wishes, keep_colours=not wishes.keep_colours)
        case Change.LARGER:
            present = sizes.usual if wishes.size is None else wishes.size
            size = min(sizes.largest, round(present * _GROWTH))
            if size < present * _LEAST_GROWTH:
                return None
            wishes = replace(wishes, size=size)
        case Change.SWAP:
            content, styles = styles[0], (content, *styles[1:])
        case Change.STYLE:
            raise ValueError("another style is chosen from the gallery")
    return Variation(content=content, styles=styles, wishes=wishes, change=change)


def are_at_hand(*pictures: Picture) -> bool:
    """Whether the files of these pictures are still kept."""
    return all(p.state is PictureState.READY and p.path is not None for p in pictures)


def keyboard(order: Order, words: Words) -> InlineKeyboardMarkup:
    """The buttons under an order's painting."""

    def again(label: str, change: Change) -> InlineKeyboardButton:
        return InlineKeyboardButton(label, callback_data=f"{VARY}:{order.id}:{change}")

    if order.wishes.keep_colours:
        colours = words.text("Take the style's colours")
    else:
        colours = words.text("Keep the photo's colours")
    return InlineKeyboardMarkup(
        [
            [
                again(words.text("Stronger"), Change.STRONGER),
                again(words.text("Softer"), Change.SOFTER),
                again(words.text("Larger"), Change.LARGER),
            ],
            [again(colours, Change.COLOURS)],
            [again(words.text("Swap photo and style"), Change.SWAP)],
            [
                InlineKeyboardButton(
                    words.text("Another style"), callback_data=f"{STYLES}:{order.id}"
                ),
                InlineKeyboardButton(words.text("File"), callback_data=f"{FILE}:{order.id}"),
            ],
        ]
    )


def describe_change(order: Order, words: Words) -> str | None:
    """What is different about this order, where it goes back to an earlier painting."""
    if order.change is None:
        return None
    if order.wishes.keep_colours:
        colours = words.text("In the photo's colours this time.")
    else:
        colours = words.text("In the style's colours this time.")
    said = {
        Change.STRONGER: words.text("Stronger this time."),
        Change.SOFTER: words.text("Softer this time."),
        Change.COLOURS: colours,
        Change.LARGER: words.text("Larger this time."),
        Change.SWAP: words.text("The other way round this time."),
        Change.STYLE: words.text("In another style this time."),
    }
    return said[order.change]


def announcement(new: Variation, words: Words) -> str:
    """The short notice that a changed order has been taken."""
    if new.wishes.keep_colours:
        colours = words.text("Coming up: in the photo's colours.")
    else:
        colours = words.text("Coming up: in the style's colours.")
    said = {
        Change.STRONGER: words.text("Coming up: stronger."),
        Change.SOFTER: words.text("Coming up: softer."),
        Change.COLOURS: colours,
        Change.LARGER: words.text("Coming up: larger."),
        Change.SWAP: words.text("Coming up: the other way round."),
        Change.STYLE: words.text("Coming up: in another style."),
    }
    return said[new.change]


def limit_text(change: Change, words: Words) -> str:
    """Why a change goes no further."""
    match change:
        case Change.STRONGER:
            return words.text("This is as strong as it gets.")
        case Change.SOFTER:
            return words.text("This is as soft as it gets.")
        case Change.LARGER:
            return words.text("This is as large as I can paint.")
        case _:
            return words.text("There is nothing to change about that.")
