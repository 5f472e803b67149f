"""Styles by their names, as people type them."""

from bot.chat.ordering.drafts import still_fresh
from bot.chat.ordering.ordering import Intake
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import Request
from bot.chat.requests.services import Studio
from bot.chat.styles import pages
from bot.chat.styles.available import Wardrobe
from bot.chat.styles.listing import Offer
from bot.studio.ledger.model import Arrival
from bot.studio.pictures.gallery_copies import StyleGone
from bot.words import Words

SHOWN: int = 40
"""Characters of an unknown name that are said back."""


class Naming:
    """Takes a name for the style that an order is to be painted in."""

    def __init__(
        self, studio: Studio, speaker: Speaker, intake: Intake, wardrobe: Wardrobe
    ) -> None:
        self._studio = studio
        self._speaker = speaker
        self._intake = intake
        self._wardrobe = wardrobe

    async def call(self, request: Request, name: str, photo: Arrival | None) -> None:
        """Paint in the style of that name, or say that there is none and what may be meant.

        Args:
            request: who asks.
            name: what they typed.
            photo: the picture that they handed over with it; it is kept in either case.
        """
        offer = await self._wardrobe.offer(request.person)
        if not await self._take(request, offer, name, photo):
            if photo is not None and not await self._intake.hold(request, photo):
                return
            await self._say_unknown(request, offer, name)

    async def understand(self, request: Request, text: str) -> bool:
        """Take plain words for a style's name, if a photo waits for one.

        Returns:
            Whether they were one.
        """
        async with self._studio.ledger.begin() as transaction:
            draft = await transaction.draft(request.place, request.person.id)
        if still_fresh(draft, self._studio.clock()).content is None:
            return False
        offer = await self._wardrobe.offer(request.person)
        return await self._take(request, offer, text, None)

    async def _take(self, request: Request, offer: Offer, name: str, photo: Arrival | None) -> bool:
        choice = offer.named(name)
        if choice is None:
            return False
        try:
            picture = await self._wardrobe.picture(choice)
        except StyleGone:
            return False
        await self._intake.choose(request, picture, photo=photo)
        return True

    async def _say_unknown(self, request: Request, offer: Offer, name: str) -> None:
        words = self._studio.words(request.person)
        close = offer.suggestions(name)
        await self._speaker.say(
            request.place,
            _unknown(words, name, [choice.title for choice in close]),
            answering=request.message_id,
            markup=pages.suggestions_keyboard(words, close),
        )


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
