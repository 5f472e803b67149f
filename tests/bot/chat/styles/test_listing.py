"""The pure part of the gallery: pages, keys, names in other languages, suggestions."""

import gettext
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.chat.styles import pages
from bot.chat.styles.listing import PER_PAGE, GalleryPage, StyleListing
from bot.gallery import Gallery, Style, normalised
from bot.studio.ledger.model import PictureState, SavedStyle
from bot.words import Words
from tests.bot.chat.test_rules import a_picture

TRANSLATED = MappingProxyType({"Mosaic": "Steinbild", "Stained glass": "Bleiglas"})
BIGGEST = 10**18 - 1


class Catalogue(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return TRANSLATED.get(message, message)


ENGLISH = Words("en", gettext.NullTranslations())
GERMAN = Words("de", Catalogue())
GALLERY = Gallery()


def saved(number: int, title: str) -> SavedStyle:
    return SavedStyle(
        id=number,
        user_id=7,
        name=normalised(title),
        title=title,
        picture=replace(a_picture(number), state=PictureState.READY),
        language="en",
    )


@given(own=st.integers(0, 20))
def test_the_pages_hold_every_style_once_and_own_ones_first(own: int) -> None:
    listing = StyleListing(ENGLISH, GALLERY, [saved(number, f"N{number}") for number in range(own)])
    pages = [listing.page(number) for number in range(listing.page(0).total)]
    assert [page.number for page in pages] == list(range(len(pages)))
    titles = [choice.title for page in pages for choice in page.choices]
    assert titles[:own] == [f"N{number}" for number in range(own)]
    assert titles[own:] == [style.title for style in GALLERY.styles]
    for page in pages:
        assert 1 <= len(page.choices) <= PER_PAGE
        assert page.own is all(isinstance(choice.what, SavedStyle) for choice in page.choices)
    assert listing.page(-3) == pages[0]
    assert listing.page(99) == pages[-1]
    assert not listing.page(0, own=False).own


@given(title=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=60))
def test_callback_data_fits_whatever_the_script(title: str) -> None:
    listing = StyleListing(ENGLISH, GALLERY, [saved(BIGGEST, title)])
    for page in (far_away(listing, 0), far_away(listing, 1)):
        for keyboard in (
            pages.keyboard(ENGLISH, page, BIGGEST),
            pages.deletion_keyboard(ENGLISH, page, BIGGEST),
            pages.suggestions_keyboard(ENGLISH, page.choices),
        ):
            for row in keyboard.inline_keyboard:
                for button in row:
                    assert button.text.strip()
                    assert 1 <= len(str(button.callback_data).encode()) <= 64


def far_away(listing: StyleListing, number: int) -> GalleryPage:
    return replace(listing.page(number), number=9998, total=10_000)


def test_every_button_names_its_style() -> None:
    listing = StyleListing(GERMAN, GALLERY, [saved(3, "Mine")])
    for number in range(listing.page(0).total):
        for choice in listing.page(number).choices:
            assert listing.keyed(choice.key) == choice
    assert listing.keyed("o4") is None
    assert listing.keyed("s000000000000") is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Steinbild", "mosaic"),
        ("mosaic", "mosaic"),
        ("BLEIGLAS!", "stained-glass"),
        ("comic", "halftone"),
    ],
)
def test_names_are_found_in_both_languages(typed: str, name: str) -> None:
    choice = StyleListing(GERMAN, GALLERY).named(typed)
    assert choice is not None
    assert isinstance(choice.what, Style)
    assert choice.what.name == name


def test_an_own_style_is_found_before_all_others() -> None:
    # The host may have come to have one of that name later.
    listing = StyleListing(ENGLISH, GALLERY, [saved(3, "Mosaic")])
    choice = listing.named("mosaic")
    assert choice is not None
    assert choice.key == "o3"


@pytest.mark.parametrize("typed", ["", " ", "?!", "nothing like it"])
def test_what_is_no_name_is_none(typed: str) -> None:
    assert StyleListing(ENGLISH, GALLERY, [saved(3, "Mine")]).named(typed) is None


@pytest.mark.parametrize(
    ("typed", "title"),
    [("Steinbilt", "Steinbild"), ("mosiac", "Steinbild"), ("liily", "Lily"), ("wave", "Great")],
)
def test_suggestions_are_in_the_persons_words(typed: str, title: str) -> None:
    close = StyleListing(GERMAN, GALLERY, [saved(3, "Lily")]).suggestions(typed)
    assert close[0].title.startswith(title)
    assert len({choice.key for choice in close}) == len(close) <= 3


def test_a_hosts_long_title_is_cut(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / f"{'long ' * 20}.png")
    listing = StyleListing(ENGLISH, Gallery(tmp_path))
    last = listing.page(99).choices[-1]
    assert len(last.title) == 32
    assert last.title.endswith("…")
