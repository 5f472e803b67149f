"""`/save NAME`: a picture becomes a style of one's own."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.ordering import on_its_own, picture_of, wait_for_fetching
from bot.chat.replies.prompts import Prompts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import command_in
from bot.chat.requests.incoming import at_hand
from bot.chat.requests.request import MessageRequest, Unfit
from bot.chat.requests.services import Services
from bot.gallery import Gallery, normalised
from bot.studio.ledger.drafts import without
from bot.studio.ledger.model import Arrival, Picture, PictureState
from bot.studio.ledger.results import RefusedPicture, TooManyPictures, TooManyStyles
from bot.studio.ledger.transaction import Transaction
from bot.words import Words

MOST_STYLES: Final = 50
"""How many styles one person may keep."""
LONGEST_NAME: Final = 32

_OTHER_CHARACTERS: Final = frozenset(" -_'’")


@dataclass(frozen=True, slots=True)
class OwnStylesHandler:
    """Takes the picture in the message with the command, or in that which it replies to.

    A style's name belongs to who gave it, and is the same in every chat.
    """

    services: Services
    speaker: Speaker
    prompts: Prompts
    albums: AlbumOrdering

    async def command(self, request: MessageRequest) -> None:
        """`/save NAME`: keep the picture, or say in one sentence what is missing."""
        words = self.services.words(request.person)
        command = command_in(request.message)
        title = cleaned(command.rest) if command else ""
        found = at_hand(request)
        if isinstance(found, Unfit):
            await self.prompts.say_unfit(request, found)
            return
        if found is None or not title:
            text = _how(words, request)
        elif not is_name(title):
            text = words.text("A name has 1 to 32 letters, digits, spaces or hyphens.")
        elif is_taken(title, self.services.gallery, words):
            text = words.text(
                "“{name}” is a style of mine; please choose another name.", name=title
            )
        else:
            await self.albums.flush(request.place.chat_id)
            kept = await self._keep(request, found, title)
            if kept is None:
                return
            text = kept
        await self.speaker.reply(request, text)

    async def _keep(self, request: MessageRequest, found: Arrival, title: str) -> str | None:
        """Keep the picture; returns what is to be said of it, None where that is done already."""
        words = self.services.words(request.person)
        try:
            async with self.services.ledger.begin() as transaction:
                picture = await picture_of(transaction, on_its_own(found))
                replaced = await transaction.save_style(
                    request.person.id,
                    picture,
                    name=normalised(title),
                    title=title,
                    language=words.language,
                    limit=MOST_STYLES,
                )
                await _leave_draft(transaction, request, picture)
        except TooManyStyles as full:
            return words.count(
                "You have {number} style, as many as I can keep; delete one under /styles first.",
                "You have {number} styles, as many as I can keep; delete one under /styles first.",
                full.limit,
            )
        except TooManyPictures:
            await self.prompts.say_too_many(request)
            return None
        except RefusedPicture:
            await self.prompts.say_refused(request)
            return None
        await wait_for_fetching(self.services.ledger, [picture])
        async with self.services.ledger.begin() as transaction:
            fetched = await transaction.picture(picture.id)
        if fetched is not None and fetched.state is PictureState.REFUSED:
            return None  # The courier says so.
        return _saved(words, request, title, replaced=replaced)


async def _leave_draft(transaction: Transaction, request: MessageRequest, picture: Picture) -> None:
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


def _how(words: Words, request: MessageRequest) -> str:
    if request.place.private:
        return words.text(
            "Reply to a picture with /save and a name, like /save Water lilies, "
            "and I keep it for you as a style."
        )
    return words.text(
        "Reply to a picture with /save@{bot} and a name, and I keep it for you as a style.",
        bot=request.message.get_bot().username,
    )


def _saved(words: Words, request: MessageRequest, title: str, *, replaced: bool) -> str:
    if replaced:
        return words.text("“{name}” is this picture from now on.", name=title)
    if request.place.private:
        return words.text(
            "Saved as “{name}”. It is under /styles, and /stylize {name} paints in it.",
            name=title,
        )
    return words.text(
        "Saved for you as “{name}”. /stylize@{bot} {name} paints in it.",
        name=title,
        bot=request.message.get_bot().username,
    )
