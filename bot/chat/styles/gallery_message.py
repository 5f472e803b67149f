"""The message in which a gallery stands in a chat: shown, and turned from page to page."""

from dataclasses import dataclass

from bot.chat.replies.button_answers import relabel, replace_photo
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import Press, Request
from bot.chat.requests.services import Services
from bot.chat.styles import pages
from bot.chat.styles.available import AvailableStyles
from bot.chat.styles.listing import GalleryPage
from bot.words import Words


@dataclass(frozen=True, slots=True)
class GalleryMessage:
    """Shows a page of the gallery, in a new message or in that of a pressed button.

    What returns a text returns what to say where Telegram does not let the page be shown. Own
    styles are shown in private only.
    """

    services: Services
    speaker: Speaker
    available_styles: AvailableStyles

    async def show(self, request: Request, order_id: int) -> None:
        """Show the first page; a style that is picked there is for that order, or for the next."""
        words = self.services.words(request.person)
        page = await self._page(request, 0)
        await self.speaker.show(
            request,
            await self.available_styles.page_picture(words, page),
            pages.caption(words, page),
            pages.keyboard(words, page, order_id),
        )

    async def turn(self, press: Press, number: int, order_id: int) -> str | None:
        """Turn to a page."""
        words = self.services.words(press.person)
        if not press.is_under(*pages.MARKS):
            return _not_now(words)
        page = await self._page(press, number)
        shown = await replace_photo(
            press,
            await self.available_styles.page_picture(words, page),
            pages.caption(words, page),
            pages.keyboard(words, page, order_id),
        )
        return None if shown else _not_now(words)

    async def ask_deletion(self, press: Press, number: int, order_id: int) -> str | None:
        """Ask which of the own styles on a page is to be deleted."""
        words = self.services.words(press.person)
        page = await self._page(press, number)
        if not page.own:
            return await self.turn(press, number, order_id)
        if not press.is_under(*pages.MARKS):
            return _not_now(words)
        keyboard = pages.deletion_keyboard(words, page, order_id)
        shown = await relabel(press, words.text("Which one shall I delete?"), keyboard)
        return None if shown else _not_now(words)

    async def _page(self, request: Request, number: int) -> GalleryPage:
        listing = await self.available_styles.listing(request.person)
        return listing.page(number, own=request.place.private)


def _not_now(words: Words) -> str:
    return words.text("Telegram does not let me show it just now.")
