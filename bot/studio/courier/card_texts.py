"""The words of a status card: what it says at each point of an order's way."""

import math
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.engines.protocol import Note, Progress
from bot.studio.dispatch.estimates import Estimate
from bot.studio.ledger.model import Order, OrderState
from bot.studio.variations import describe_change
from bot.words import Words

BAR_CELLS: Final = 12
_TELLABLE_SECONDS: Final = 86_400.0
CANCEL: Final = "cancel"
"""The word before the colon in a Cancel button's callback data, `cancel:<order id>`."""
SWAP: Final = "swap"
"""The same for a Swap button."""


def cancel_button(order: Order, words: Words) -> InlineKeyboardMarkup:
    """The keyboard under a card whose order may still be cancelled."""
    button = InlineKeyboardButton(words.text("Cancel"), callback_data=f"{CANCEL}:{order.id}")
    return InlineKeyboardMarkup([[button]])


def card_buttons(order: Order, words: Words) -> InlineKeyboardMarkup:
    """The keyboard under a card: Cancel, and Swap where one album gave both pictures.

    Who sends two pictures one by one has said which is which.
    """
    rows = [list(row) for row in cancel_button(order, words).inline_keyboard]
    album = order.content.media_group_id
    if album is not None and [style.media_group_id for style in order.styles] == [album]:
        swap = words.text("Swap photo and style")
        rows.insert(0, [InlineKeyboardButton(swap, callback_data=f"{SWAP}:{order.id}")])
    return InlineKeyboardMarkup(rows)


def bar(fraction: float, cells: int = BAR_CELLS) -> str:
    """A progress bar of `cells` block characters for a fraction, which is clamped to [0, 1]."""
    filled = math.floor(min(1.0, max(0.0, fraction)) * cells + 1e-9)
    return "█" * filled + "░" * (cells - filled)


def describe(
    order: Order,
    words: Words,
    *,
    estimate: Estimate | None = None,
    progress: Progress | None = None,
) -> str:
    """What the card of an order says now.

    Args:
        order: the order as the ledger last showed it.
        words: the language of its person.
        estimate: its place in the queue, while it waits.
        progress: the newest word from the engine, while it is painted.

    Returns:
        A text of a few short lines, without markup, well under a caption's 1024 characters.
    """
    change = describe_change(order, words)
    text = _describe(order, words, estimate, progress)
    return text if change is None or order.state.final else f"{change}\n{text}"


def _describe(
    order: Order, words: Words, estimate: Estimate | None, progress: Progress | None
) -> str:
    match order.state:
        case OrderState.PREPARING:
            return words.text("Fetching your pictures.")
        case OrderState.QUEUED:
            return _waiting(order, words, estimate)
        case OrderState.RUNNING:
            return _painting(words, progress)
        case OrderState.DONE:
            return _finished(order, words)
        case OrderState.FAILED:
            return words.text("This painting did not work out.")
        case OrderState.CANCELLED:
            return words.text("Cancelled.")


def describe_delay(words: Words) -> str:
    """The card of a finished order whose painting Telegram does not take just now."""
    return words.text("Your painting is ready. It follows as soon as Telegram lets me send it.")


def describe_restart(words: Words) -> str:
    """The card of an order that was being painted when the bot is stopped."""
    return words.text("The studio is restarting; your picture keeps its place.")


def describe_painting(order: Order, words: Words) -> str:
    """The caption of a painting: what is different this time, what came about, how long it took."""
    said = (
        describe_change(order, words),
        _describe_note(order.note, words),
        _finished(order, words),
    )
    return " ".join(one for one in said if one is not None)


def _describe_note(note: Note | None, words: Words) -> str | None:
    match note:
        case Note.SMALLER:
            return words.text("The studio ran short of memory, so this one was painted smaller.")
        case Note.RETAKEN:
            return words.text(
                "Something went wrong on the way, so I began this one again from your photo."
            )
        case None:
            return None


def describe_painting_in_card(order: Order, words: Words) -> str:
    """The caption when the painting is put into the card because its own message may be lost."""
    sentence = words.text(
        "The connection broke while I was sending your painting, so here it is to be sure."
    )
    return f"{describe_painting(order, words)} {sentence}"


def describe_lost_painting(words: Words) -> str:
    """What is said instead of a file that somebody asked for too late."""
    return words.text("I no longer have this painting; it has been deleted.")


def describe_failure(order: Order, words: Words) -> str:
    """Why an order failed, in one or two kind sentences.

    `order.failure` is the stable name of the reason: an exception class of `core`, or one of
    the dispatcher's own names.
    """
    match order.failure:
        case "engine_died":
            text = words.text(
                "This pair was too much for the studio, twice over, so I stopped trying. "
                "Another pair of photos, or smaller ones, should work."
            )
        case "picture_missing":
            text = words.text("The pictures are no longer here. Please send them again.")
        case "ImageTooSmallError":
            text = words.text("One of the pictures is too small to paint from. Try a larger one?")
        case "ImageTooLargeError":
            text = words.text("One of the pictures is too large for me. Try a smaller one?")
        case "AspectRatioError":
            text = words.text(
                "One of the pictures is too long and thin to paint from. Try another one?"
            )
        case "NotAnImageError" | "UnsupportedImageError" | "TruncatedImageError":
            text = words.text("One of the pictures could not be opened. Please send another one.")
        case _:
            text = words.text(
                "Something went wrong in the studio and I could not finish this painting. "
                "Please send the two photos again."
            )
    return text


def _waiting(order: Order, words: Words, estimate: Estimate | None) -> str:
    lines = []
    if order.deaths:
        lines.append(words.text("The easel fell over; your painting starts afresh."))
    if estimate is None:
        lines.append(words.text("Your painting is in the queue."))
        return "\n".join(lines)
    if estimate.position == 0:
        place = words.text("You are next.")
    else:
        place = words.count("{number} before you.", "{number} before you.", estimate.position)
    if estimate.wait is not None and estimate.wait >= 2.5:
        soon = words.text("It starts in {time}.", time=words.seconds(estimate.wait))
        place = f"{place} {soon}"
    lines.append(place)
    return "\n".join(lines)


def _painting(words: Words, progress: Progress | None) -> str:
    if progress is None:
        return "\n".join((words.text("Setting up the easel."), bar(0)))
    percent = math.floor(100 * min(1.0, max(0.0, progress.share)) + 1e-9)
    lines = [words.text("{bar} {percent} %", bar=bar(progress.share), percent=percent)]
    steps = {"step": progress.iteration, "steps": progress.iterations}
    if progress.remaining is not None and 0 <= progress.remaining < _TELLABLE_SECONDS:
        left = words.seconds(progress.remaining)
        lines.append(words.text("Step {step} of {steps}, {time} left", **steps, time=left))
    else:
        lines.append(words.text("Step {step} of {steps}", **steps))
    # Of a progress with a number that is none nothing can be said.
    if 0 <= progress.loss <= 1:
        share = f"{100 * progress.loss:.0f}"
        lines.append(words.text("Loss: {share} % of the start", share=share))
    return "\n".join(lines)


def _finished(order: Order, words: Words) -> str:
    """How long it took as its person sees it: from the asking, so that start and queue count."""
    if order.finished_at is None:
        return words.text("Finished.")
    seconds = (order.finished_at - order.created_at).total_seconds()
    if seconds < 90:
        exact = words.count("{number} second", "{number} seconds", max(1, round(seconds)))
        return words.text("Finished in {time}.", time=exact)
    return words.text("Finished in {time}.", time=words.seconds(seconds))
