"""Styles by their names, as people type them."""

from dataclasses import dataclass

from bot.chat.ordering.ordering import Ordering
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import Request
from bot.chat.requests.services import Services
from bot.chat.styles import pages
from bot.chat.styles.available import AvailableStyles
from bot.chat.styles.listing import StyleListing
from bot.studio.ledger.model import Arrival
from bot.studio.pictures.gallery_copies import StyleGone
from bot.words import Words

SHOWN: int = 40
"""Characters of an unknown name that are said back."""


@dataclass(frozen=True, slots=True)
class StyleByName:
    """Takes a name for the style that an order is to be painted in."""

    services: Services
    speaker: Speaker
    ordering: Ordering
    available_styles: AvailableStyles

    async def order(self, request: Request, name: str, photo: Arrival | None) -> None:
        """Paint in the style of that name, or say that there is none and what may be meant.

        Args:
            request: who asks.
            name: what they typed.
            photo: the picture that they handed over with it; it is kept in either case.
        """
        listing = await self.available_styles.listing(request.person)
        if not await self._take(request, listing, name, photo):
            if photo is not None and not await self.ordering.keep_photo(request, photo):
                return
            await self._say_unknown(request, listing, name)

    async def understand(self, request: Request, text: str) -> bool:
        """Take plain words for a style's name, if a photo waits for one.

        Returns:
            Whether they were one.
        """
        if not await self._has_photo(request):
            return False
        listing = await self.available_styles.listing(request.person)
        return await self._take(request, listing, text, None)

    async def take_captioned(self, request: Request, photo: Arrival) -> bool:
        """Take a photo under which nothing stands but the name of its style.

        Where another photo waits for a style the picture is one, and this is what it is called.

        Returns:
            Whether that was so.
        """
        if not photo.caption or await self._has_photo(request):
            return False
        listing = await self.available_styles.listing(request.person)
        return await self._take(request, listing, photo.caption, photo)

    async def _has_photo(self, request: Request) -> bool:
        async with self.services.ledger.begin() as transaction:
            draft = await self.ordering.begun(transaction, request)
        return draft.content is not None

    async def _take(
        self, request: Request, listing: StyleListing, name: str, photo: Arrival | None
    ) -> bool:
        choice = listing.named(name)
        if choice is None:
            return False
        try:
            picture = await self.available_styles.picture(choice)
        except StyleGone:
            return False
        await self.ordering.choose(request, picture, photo=photo)
        return True

    async def _say_unknown(self, request: Request, listing: StyleListing, name: str) -> None:
        words = self.services.words(request.person)
        close = listing.suggestions(name)
        text = _unknown(words, name, [choice.title for choice in close])
        await self.speaker.reply(request, text, pages.suggestions_keyboard(words, close))


def _unknown(words: Words, name: str, close: list[str]) -> str:
    shown = name if len(name) <= SHOWN else f"{name[: SHOWN - 1]}…"
    if not close:
        return words.text("I don't know a style called “{name}”.", name=shown)
    if len(close) == 1:
        return words.text(
            "I don't know a style called “{name}”. Did you mean {style}?",
            name=shown,
            style=close[0],
        )
    return words.text(
        "I don't know a style called “{name}”. Did you mean one of these?", name=shown
    )
