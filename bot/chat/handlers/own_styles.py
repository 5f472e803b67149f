"""`/save NAME`: a picture becomes a style of one's own."""

from dataclasses import dataclass

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.own_styles import OwnStyles, cleaned, is_name, is_taken
from bot.chat.replies.prompts import Prompts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import command_in
from bot.chat.requests.incoming import at_hand
from bot.chat.requests.request import MessageRequest, Unfit
from bot.chat.requests.services import Services
from bot.studio.ledger.model import Arrival
from bot.studio.ledger.results import TooManyStyles
from bot.words import Words


@dataclass(frozen=True, slots=True)
class OwnStylesHandler:
    """Takes the picture in the message with the command, or in that which it replies to."""

    services: Services
    speaker: Speaker
    prompts: Prompts
    albums: AlbumOrdering
    own_styles: OwnStyles

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
        """Keep the picture; returns what is to be said of it."""
        words = self.services.words(request.person)
        try:
            replaced = await self.own_styles.keep(request, found, title)
        except TooManyStyles as full:
            return words.count(
                "You have {number} style, as many as I can keep; delete one under /styles first.",
                "You have {number} styles, as many as I can keep; delete one under /styles first.",
                full.limit,
            )
        return None if replaced is None else _saved(words, request, title, replaced=replaced)


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
