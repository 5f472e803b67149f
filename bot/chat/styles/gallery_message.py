"""The message in which a gallery stands in a chat: shown, and turned from page to page."""

from telegram import CallbackQuery

from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import Person
from bot.chat.requests.services import Services
from bot.chat.styles import pages
from bot.chat.styles.available import AvailableStyles
from bot.chat.styles.listing import GalleryPage
from bot.chat.styles.page_turning import relabel, turn
from bot.telegram.place import Place
from bot.words import Words


class GalleryMessage:
    """Shows a page of the gallery, in a new message or in that of a pressed button.

    What returns a text returns what to say where Telegram does not let the page be shown. Own
    styles are shown in private only.
    """

    def __init__(
        self, services: Services, speaker: Speaker, available_styles: AvailableStyles
    ) -> None:
        self._services = services
        self._speaker = speaker
        self._available_styles = available_styles

    async def show(self, place: Place, person: Person, order_id: int, *, answering: int) -> None:
        """Show the first page; a style that is picked there is for that order, or for the next."""
        words = self._services.words(person)
        page = await self._page(person, place, 0)
        await self._speaker.show(
            place,
            await self._available_styles.page_picture(words, page),
            pages.caption(words, page),
            answering=answering,
            markup=pages.keyboard(words, page, order_id),
        )

    async def turn(
        self, query: CallbackQuery, person: Person, place: Place, number: int, order_id: int
    ) -> str | None:
        """Turn to a page."""
        words = self._services.words(person)
        page = await self._page(person, place, number)
        shown = await turn(
            query,
            await self._available_styles.page_picture(words, page),
            pages.caption(words, page),
            pages.keyboard(words, page, order_id),
        )
        return None if shown else _not_now(words)

    async def ask_deletion(
        self, query: CallbackQuery, person: Person, place: Place, number: int, order_id: int
    ) -> str | None:
        """Ask which of the own styles on a page is to be deleted."""
        words = self._services.words(person)
        page = await self._page(person, place, number)
        if not page.own:
            return await self.turn(query, person, place, number, order_id)
        keyboard = pages.deletion_keyboard(words, page, order_id)
        shown = await relabel(query, words.text("Which one shall I delete?"), keyboard)
        return None if shown else _not_now(words)

    async def _page(self, person: Person, place: Place, number: int) -> GalleryPage:
        listing = await self._available_styles.listing(person)
        return listing.page(number, own=place.private)


def _not_now(words: Words) -> str:
    return words.text("Telegram does not let me show it just now.")
