"""How a page of the gallery reads: its caption and its buttons."""

from collections.abc import Iterable
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.styles.listing import Choice, GalleryPage
from bot.gallery.sheet import ACROSS
from bot.studio.courier.prompts import NO_ORDER, opening_keyboard
from bot.studio.variations import STYLES
from bot.words import Words

TURN: Final = "leaf"
PICK: Final = "pick"
SHOW_DELETION: Final = "tidy"
DELETE: Final = "toss"
"""The words before the first colon in callback data: turn to a page, choose, show the own styles
for deleting, delete. All but the last end with the order that is to be painted anew, or 0.
They stand in messages that have been sent, so that they are never changed."""

OPEN_BUTTON: Final = rf"^{STYLES}:(\d{{1,18}})$"
TURN_BUTTON: Final = rf"^{TURN}:(\d{{1,4}}):(\d{{1,18}})$"
PICK_BUTTON: Final = rf"^{PICK}:(o\d{{1,18}}|s[0-9a-f]{{12}}):(\d{{1,18}})$"
SHOW_DELETION_BUTTON: Final = rf"^{SHOW_DELETION}:(\d{{1,4}}):(\d{{1,18}})$"
DELETE_BUTTON: Final = rf"^{DELETE}:(\d{{1,18}}):(\d{{1,4}}):(\d{{1,18}})$"
"""The callback data of the gallery's buttons; that for deleting names a style, a page, an order."""

MARKS: Final = tuple(f"{word}:" for word in (TURN, PICK, SHOW_DELETION, DELETE))
"""How the data begin of buttons that stand under a gallery and nowhere else."""


def caption(words: Words, page: GalleryPage) -> str:
    """What stands under a page."""
    if page.own:
        said = words.text("Your own styles: tap one to choose it.")
    else:
        said = words.text("My styles: tap one to choose it.")
    if page.total == 1:
        return said
    position = words.text("Page {page} of {pages}.", page=page.number + 1, pages=page.total)
    return f"{said} {position}"


def keyboard(words: Words, page: GalleryPage, order_id: int) -> InlineKeyboardMarkup:
    """A button for each style, as they lie in the picture; then those that turn the page."""
    styles = [
        _button(f"{number}  {choice.title}", PICK, choice.key, order_id)
        for number, choice in enumerate(page.choices, start=1)
    ]
    turns = []
    if page.number > 0:
        turns.append(_button("‹", TURN, page.number - 1, order_id))
    if page.own:
        turns.append(_button(words.text("Delete one…"), SHOW_DELETION, page.number, order_id))
    if page.number + 1 < page.total:
        turns.append(_button("›", TURN, page.number + 1, order_id))
    return InlineKeyboardMarkup([*_in_rows(styles), *([turns] if turns else [])])


def deletion_keyboard(words: Words, page: GalleryPage, order_id: int) -> InlineKeyboardMarkup:
    """A button for each style on a page of own ones that deletes it."""
    styles = [
        _button(f"{number}  ✕ {choice.title}", DELETE, choice.key[1:], page.number, order_id)
        for number, choice in enumerate(page.choices, start=1)
    ]
    back = _button(words.text("Back"), TURN, page.number, order_id)
    return InlineKeyboardMarkup([*_in_rows(styles), [back]])


def suggestions_keyboard(words: Words, choices: Iterable[Choice]) -> InlineKeyboardMarkup:
    """A button for each style that may have been meant, and one for all others."""
    rows = [[_button(choice.title, PICK, choice.key, NO_ORDER)] for choice in choices]
    return InlineKeyboardMarkup([*rows, *opening_keyboard(words).inline_keyboard])


def _button(text: str, *data: object) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=":".join(map(str, data)))


def _in_rows(buttons: list[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    return [buttons[start : start + ACROSS] for start in range(0, len(buttons), ACROSS)]
