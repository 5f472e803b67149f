"""The private chat: any two pictures in a row become a painting."""

from telegram import Message, Update
from telegram.ext import ContextTypes

from bot.chat.handlers.shared import SharedParts
from bot.chat.ordering.drafts import still_fresh
from bot.chat.replies import texts
from bot.chat.requests.incoming import Unfit, read
from bot.chat.requests.request import Person, Request, author, place_of


class PrivateHandler:
    """Handlers for messages in private chats."""

    def __init__(self, shared: SharedParts) -> None:
        self._shared = shared

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
        found = read(message, person, file_limit=self._shared.services.file_limit)
        if found is None:
            return
        if isinstance(found, Unfit):
            await self._decline(message, person, found)
        elif found.media_group_id is not None:
            await self._shared.albums.take([found], person)
        else:
            await self._shared.albums.flush(message.chat.id)
            request = Request(place=found.place, person=person, message_id=message.message_id)
            await self._shared.ordering.take(request, found)

    async def _decline(self, message: Message, person: Person, unfit: Unfit) -> None:
        if self._shared.speaker.said_in_album(message):
            return
        await self._shared.albums.flush(message.chat.id)
        place = place_of(message)
        if unfit is Unfit.TEXT and message.text:
            request = Request(place=place, person=person, message_id=message.message_id)
            if await self._shared.style_by_name.understand(request, message.text):
                return
        async with self._shared.services.ledger.begin() as transaction:
            draft = still_fresh(
                await transaction.draft(place, person.id), self._shared.services.clock()
            )
        text = texts.unfit(
            self._shared.services.words(person),
            unfit,
            draft,
            file_limit=self._shared.services.file_limit,
        )
        await self._shared.speaker.say(place, text, answering=message.message_id)

    async def _say(self, update: Update, sentence: texts.Sentence) -> None:
        message = update.message
        if message is not None:
            words = self._shared.services.words(author(message))
            await self._shared.speaker.say(place_of(message), sentence(words))
