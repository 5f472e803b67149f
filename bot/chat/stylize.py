"""`/stylize`: in a caption, in a reply, in both, or alone."""

from telegram import Message, Update
from telegram.ext import ContextTypes

from bot.chat import sentences
from bot.chat.collecting import Collecting
from bot.chat.incoming import Unfit, read
from bot.chat.intake import Intake
from bot.chat.passing import Passing
from bot.chat.people import Person, author
from bot.chat.places import place_of
from bot.chat.request import Request
from bot.chat.services import Studio
from bot.chat.speaker import Speaker
from bot.studio.model import Arrival, Draft


class Stylize:
    """The command by which pictures are handed over where the bot does not see everything.

    A picture in the message and one that it replies to are style and content. A single picture
    goes where one is missing, and an album is an order of its own.
    """

    def __init__(
        self,
        studio: Studio,
        speaker: Speaker,
        intake: Intake,
        collecting: Collecting,
        passing: Passing,
    ) -> None:
        self._studio = studio
        self._speaker = speaker
        self._intake = intake
        self._collecting = collecting
        self._passing = passing

    async def command(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Take the pictures at hand; what is still missing is asked for in one message."""
        message = update.message
        person = author(message) if message else None
        if message is None or person is None:
            return
        own = self._read(message, person)
        pointed_at = self._pointed_at(message, person)
        for found in (own, pointed_at):
            if isinstance(found, Unfit):
                await self._decline(message, person, found)
                return
        own_picture = own if isinstance(own, Arrival) else None
        other = pointed_at if isinstance(pointed_at, Arrival) else None
        if own_picture is not None and own_picture.media_group_id is not None:
            parts = [*self._passing.claim(own_picture), own_picture]
            await self._collecting.take(parts, person, content=other)
            return
        await self._collecting.flush(message.chat.id)
        request = Request(place=place_of(message), person=person, message_id=message.message_id)
        await self._intake.take(
            request,
            own_picture,
            others=[other] if other else [],
            afresh=own_picture is not None and other is not None,
        )

    def _read(self, message: Message, person: Person) -> Arrival | Unfit | None:
        """What the message holds; a text is the command itself, or something to talk about."""
        found = read(message, person, file_limit=self._studio.file_limit)
        return None if found is Unfit.TEXT else found

    def _pointed_at(self, message: Message, person: Person) -> Arrival | Unfit | None:
        """The picture in the message that this one replies to, one level deep."""
        original = message.reply_to_message
        if original is None:
            return None
        return self._read(original, author(original) or person)

    async def _decline(self, message: Message, person: Person, unfit: Unfit) -> None:
        place = place_of(message)
        text = sentences.unfit(
            self._studio.words(person),
            unfit,
            Draft(place=place, user_id=person.id),
            file_limit=self._studio.file_limit,
        )
        await self._speaker.say(place, text, answering=message.message_id)
