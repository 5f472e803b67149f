"""Keeping pictures as styles of one's own, under names that people can type."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bot.chat.ordering.ordering import on_its_own, picture_of, wait_for_fetching
from bot.chat.replies.prompts import Prompts
from bot.chat.requests.request import Request
from bot.chat.requests.services import Services
from bot.gallery import Gallery, normalised
from bot.studio.ledger.drafts import without
from bot.studio.ledger.model import Arrival, Picture, PictureState
from bot.studio.ledger.results import RefusedPicture
from bot.studio.ledger.transaction import Transaction
from bot.words import Words

MOST_STYLES: Final = 50
"""How many styles one person may keep."""
LONGEST_NAME: Final = 32

_OTHER_CHARACTERS: Final = frozenset(" -_'’")


@dataclass(frozen=True, slots=True)
class OwnStyles:
    """Keeps pictures as styles; a name belongs to who gave it, and is the same in every chat."""

    services: Services
    prompts: Prompts

    async def keep(self, request: Request, found: Arrival, title: str) -> bool | None:
        """Keep a picture under a name.

        Args:
            request: who asks.
            found: the picture.
            title: the name, cleaned and fit to be one.

        Returns:
            Whether the name meant another picture before; None when the person is told that this
            one cannot be used.

        Raises:
            TooManyStyles: the person has as many as can be kept.
        """
        person_id = request.person.id
        try:
            async with self.services.ledger.begin() as transaction:
                picture = await picture_of(transaction, on_its_own(found))
                replaced = await transaction.save_style(
                    person_id,
                    picture,
                    name=normalised(title),
                    title=title,
                    language=self.services.words(request.person).language,
                    limit=MOST_STYLES,
                )
                await self._leave_draft(transaction, request, picture)
        except RefusedPicture:
            await self.prompts.say_refused(request)
            return None
        await wait_for_fetching(self.services.ledger, [picture])
        async with self.services.ledger.begin() as transaction:
            fetched = await transaction.picture(picture.id)
        if fetched is not None and fetched.state is PictureState.REFUSED:
            return None  # The courier says so.
        return replaced

    @staticmethod
    async def _leave_draft(transaction: Transaction, request: Request, picture: Picture) -> None:
        """A picture that was sent just to be saved is not the photo of the next order."""
        draft = await transaction.draft(request.place, request.person.id)
        if draft.content is not None and draft.content.id == picture.id and not draft.styles:
            await transaction.save_draft(without(draft, picture.id))


def cleaned(text: str) -> str:
    """A name without needless spaces and quotation marks around it."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip(" \"'“”„«»")


def is_name(title: str) -> bool:
    """Whether people can type this to mean a style: letters of any script, digits, and between."""
    if not 1 <= len(title) <= LONGEST_NAME or not normalised(title):
        return False
    return all(
        character in _OTHER_CHARACTERS or unicodedata.category(character)[0] in "LMN"
        for character in title
    )


def is_taken(title: str, gallery: Gallery, words: Words) -> bool:
    """Whether everybody has a style of that name, in English or in this language."""
    titles = {normalised(words.text(style.title)) for style in gallery.styles if style.shipped}
    return gallery.find(title) is not None or normalised(title) in titles
