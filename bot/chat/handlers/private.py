"""The private chat: any two pictures in a row become a painting."""

from telegram import Message, Update
from telegram.ext import ContextTypes

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.drafts import still_fresh
from bot.chat.ordering.ordering import Ordering
from bot.chat.ordering.style_by_name import StyleByName
from bot.chat.replies import texts
from bot.chat.replies.prompts import Prompts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.incoming import read
from bot.chat.requests.request import Person, Unfit, author, place_of, request_of
from bot.chat.requests.services import Services


class PrivateHandler:
    """Handlers for messages in private chats."""

    def __init__(
        self,
        services: Services,
        speaker: Speaker,
        prompts: Prompts,
        *,
        ordering: Ordering,
        albums: AlbumOrdering,
        style_by_name: StyleByName,
    ) -> None:
        self._services = services
        self._speaker = speaker
        self._prompts = prompts
        self._ordering = ordering
        self._albums = albums
        self._style_by_name = style_by_name

    async def start(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/start`: what this is, in two lines. Pictures that were sent before stay."""
        await self._say(
            update,
            lambda words: words.text(
                "Welcome to Atelier. I paint your photo in the style of another picture.\n"
                "Send me two pictures: first the photo to paint, then one whose style you like."
            ),
        )

    async def help(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/help`: everything, short."""
        await self._say(
            update,
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

    async def unknown(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A command that does not exist."""
        await self._say(
            update,
            lambda words: words.text("I don't know that command; /help says what I can do."),
        )

    async def message(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Anything else: a picture is taken, other content gets one sentence."""
        message = update.message
        person = author(message) if message else None
        if message is None or person is None:
            return
        found = read(message, person, file_limit=self._services.file_limit)
        if found is None:
            return
        if isinstance(found, Unfit):
            await self._decline(message, person, found)
        elif found.media_group_id is not None:
            await self._albums.take([found], person)
        else:
            await self._albums.flush(message.chat.id)
            request = request_of(message, person)
            if not await self._style_by_name.take_captioned(request, found):
                await self._ordering.take(request, found)

    async def _decline(self, message: Message, person: Person, unfit: Unfit) -> None:
        if self._speaker.said_in_album(message):
            return
        await self._albums.flush(message.chat.id)
        request = request_of(message, person)
        if unfit is Unfit.TEXT and await self._style_by_name.understand(
            request, message.text or ""
        ):
            return
        async with self._services.ledger.begin() as transaction:
            draft = still_fresh(
                await transaction.draft(request.place, person.id), self._services.clock()
            )
        await self._prompts.say_unfit(request, unfit, draft)

    async def _say(self, update: Update, sentence: texts.Sentence) -> None:
        message = update.message
        if message is not None:
            words = self._services.words(author(message))
            await self._speaker.say(place_of(message), sentence(words))
