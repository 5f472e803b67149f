"""The private chat: any two pictures in a row become a painting."""

from dataclasses import dataclass

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.ordering import Ordering
from bot.chat.ordering.style_by_name import StyleByName
from bot.chat.replies import texts
from bot.chat.replies.prompts import Prompts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.incoming import read
from bot.chat.requests.request import MessageRequest, Unfit
from bot.chat.requests.services import Services


@dataclass(frozen=True, slots=True)
class PrivateHandler:
    """Handlers for messages in private chats."""

    services: Services
    speaker: Speaker
    prompts: Prompts
    ordering: Ordering
    albums: AlbumOrdering
    style_by_name: StyleByName

    async def start(self, request: MessageRequest) -> None:
        """`/start`: what this is, in two lines. Pictures that were sent before stay."""
        await self._say(
            request,
            lambda words: words.text(
                "Welcome to Atelier. I paint your photo in the style of another picture.\n"
                "Send me two pictures: first the photo to paint, then one whose style you like."
            ),
        )

    async def help(self, request: MessageRequest) -> None:
        """`/help`: everything, short."""
        await self._say(
            request,
            lambda words: words.text(
                "Send me two pictures, one after the other or as an album: "
                "first the photo to paint, then one whose style you like. "
                "Pictures sent as files work as well.\n"
                "/styles shows styles of mine instead of the second picture; "
                "/save and a name, in reply to a picture, keeps it as a style of yours.\n"
                "/cancel stops a painting or forgets the first picture.\n"
                "/settings holds your wishes for all paintings, "
                "and /privacy says what I keep.\n"
                "In a group, say /stylize in reply to a photo."
            ),
        )

    async def unknown(self, request: MessageRequest) -> None:
        """A command that does not exist."""
        await self._say(
            request,
            lambda words: words.text("I don't know that command; /help says what I can do."),
        )

    async def message(self, request: MessageRequest) -> None:
        """Anything else: a picture is taken, other content gets one sentence."""
        found = read(request.message, request.person)
        if found is None:
            return
        if isinstance(found, Unfit):
            await self._decline(request, found)
        elif found.media_group_id is not None:
            await self.albums.take(request, [found])
        else:
            await self.albums.flush(request.place.chat_id)
            if not await self.style_by_name.take_captioned(request, found):
                await self.ordering.take(request, found)

    async def _decline(self, request: MessageRequest, unfit: Unfit) -> None:
        if self.speaker.said_in_album(request.message):
            return
        await self.albums.flush(request.place.chat_id)
        text = request.message.text or ""
        if unfit is Unfit.TEXT and await self.style_by_name.understand(request, text):
            return
        async with self.services.ledger.begin() as transaction:
            draft = await self.ordering.begun(transaction, request)
        await self.prompts.say_unfit(request, unfit, draft)

    async def _say(self, request: MessageRequest, sentence: texts.Sentence) -> None:
        await self.speaker.say(request.place, sentence(self.services.words(request.person)))
