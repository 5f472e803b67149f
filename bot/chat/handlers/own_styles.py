"""`/save NAME`: a picture becomes a style of one's own."""

import re
import unicodedata
from typing import Final

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.fetching import Fetching
from bot.chat.ordering.ordering import known, on_its_own
from bot.chat.replies.prompts import Prompts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import command_in
from bot.chat.requests.incoming import held, pointed_at
from bot.chat.requests.request import Person, Request, Unfit, author, place_of, request_of
from bot.chat.requests.services import Services
from bot.gallery import Gallery, normalised
from bot.studio.ledger.drafts import without
from bot.studio.ledger.model import Arrival, Picture, PictureState
from bot.studio.ledger.results import RefusedPicture, TooManyStyles
from bot.studio.ledger.transaction import Transaction
from bot.words import Words

MOST_STYLES: Final = 50
"""How many styles one person may keep."""
LONGEST_NAME: Final = 32

_OTHER_CHARACTERS: Final = frozenset(" -_'’")


class OwnStylesHandler:
    """Keeps pictures as styles: in the message with the command, or in that which it replies to.

    A name belongs to who gave it, and is the same in every chat.
    """

    def __init__(
        self,
        services: Services,
        speaker: Speaker,
        prompts: Prompts,
        albums: AlbumOrdering,
        fetching: Fetching,
    ) -> None:
        self._services = services
        self._speaker = speaker
        self._prompts = prompts
        self._albums = albums
        self._fetching = fetching

    async def command(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/save NAME`: keep the picture, or say in one sentence what is missing."""
        message = update.message
        person = author(message) if message else None
        command = command_in(message) if message else None
        if message is None or person is None or command is None:
            return
        words = self._services.words(person)
        title = cleaned(command.rest)
        limit = self._services.file_limit
        found = held(message, person, file_limit=limit)
        if found is None:
            found = pointed_at(message, person, file_limit=limit)
        if isinstance(found, Unfit):
            await self._prompts.say_unfit(request_of(message, person), found)
            return
        if found is None or not title:
            text = _how(words, message)
        elif not is_name(title):
            text = words.text("A name has 1 to 32 letters, digits, spaces or hyphens.")
        elif is_taken(title, self._services.gallery, words):
            text = words.text(
                "“{name}” is a style of mine; please choose another name.", name=title
            )
        else:
            await self._albums.flush(message.chat.id)
            await self._keep(message, person, on_its_own(found), title)
            return
        await self._speaker.say(place_of(message), text, answering=message.message_id)

    async def _keep(self, message: Message, person: Person, found: Arrival, title: str) -> None:
        place, words = place_of(message), self._services.words(person)
        request = request_of(message, person)
        try:
            async with self._services.ledger.begin() as transaction:
                picture = await known(transaction, found)
                replaced = await transaction.save_style(
                    person.id,
                    picture,
                    name=normalised(title),
                    title=title,
                    language=words.language,
                    limit=MOST_STYLES,
                )
                await self._leave_draft(transaction, request, picture)
        except RefusedPicture:
            await self._prompts.say_refused(request)
            return
        except TooManyStyles as full:
            text = words.count(
                "You have {number} style, as many as I can keep; delete one under /styles first.",
                "You have {number} styles, as many as I can keep; delete one under /styles first.",
                full.limit,
            )
        else:
            self._fetching.start([picture])
            await self._fetching.glance([picture])
            async with self._services.ledger.begin() as transaction:
                fetched = await transaction.picture(picture.id)
            if fetched is not None and fetched.state is PictureState.REFUSED:
                return  # Whoever found that out has said so.
            text = _saved(words, message, title, replaced=replaced)
        await self._speaker.say(place, text, answering=message.message_id)

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


def _how(words: Words, message: Message) -> str:
    if message.chat.type == ChatType.PRIVATE:
        return words.text(
            "Reply to a picture with /save and a name, like /save Water lilies, "
            "and I keep it for you as a style."
        )
    return words.text(
        "Reply to a picture with /save@{bot} and a name, and I keep it for you as a style.",
        bot=message.get_bot().username,
    )


def _saved(words: Words, message: Message, title: str, *, replaced: bool) -> str:
    if replaced:
        return words.text("“{name}” is this picture from now on.", name=title)
    if message.chat.type == ChatType.PRIVATE:
        return words.text(
            "Saved as “{name}”. It is under /styles, and /stylize {name} paints in it.",
            name=title,
        )
    return words.text(
        "Saved for you as “{name}”. /stylize@{bot} {name} paints in it.",
        name=title,
        bot=message.get_bot().username,
    )
