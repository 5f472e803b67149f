"""`/stylize`: in a caption, in a reply, in both, or alone."""

from telegram import Message, Update
from telegram.ext import ContextTypes

from bot.chat.handlers.shared import SharedParts
from bot.chat.ordering.drafts import says_role
from bot.chat.replies import texts
from bot.chat.requests.commands import command_in
from bot.chat.requests.incoming import Unfit, held, pointed_at
from bot.chat.requests.request import Person, Request, author, place_of
from bot.studio.ledger.model import Arrival, Draft


class StylizeHandler:
    """The command by which pictures are handed over where the bot does not see everything.

    A picture in the message and one that it replies to are style and content. With a style's
    name one picture is enough, and is the content: of an album it is the one with the name, which
    is the first unless somebody took care to caption another. A single picture without a name
    goes where one is missing, and an album is an order of its own.
    """

    def __init__(self, shared: SharedParts) -> None:
        self._shared = shared

    async def command(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Take the pictures at hand; what is still missing is asked for in one message."""
        message = update.message
        person = author(message) if message else None
        if message is None or person is None:
            return
        own = held(message, person, file_limit=self._shared.services.file_limit)
        answered = pointed_at(message, person, file_limit=self._shared.services.file_limit)
        for found in (own, answered):
            if isinstance(found, Unfit):
                await self._decline(message, person, found)
                return
        own_picture = own if isinstance(own, Arrival) else None
        other = answered if isinstance(answered, Arrival) else None
        request = Request(place=place_of(message), person=person, message_id=message.message_id)
        name = self._name(message, person)
        if name and (own_picture is None or other is None):
            if own_picture is not None:
                await self._shared.albums.leave_alone(own_picture, person)
            await self._shared.albums.flush(message.chat.id)
            await self._shared.style_by_name.order(request, name, own_picture or other)
            return
        if own_picture is not None and own_picture.media_group_id is not None:
            parts = [*self._shared.passed_albums.claim(own_picture), own_picture]
            await self._shared.albums.take(parts, person, content=other)
            return
        await self._shared.albums.flush(message.chat.id)
        await self._shared.ordering.take(
            request,
            own_picture,
            others=[other] if other else [],
            afresh=own_picture is not None and other is not None,
        )

    def _name(self, message: Message, person: Person) -> str:
        """The style's name after the command; the words that order an album are none."""
        command = command_in(message)
        if command is None or says_role(command.rest, self._shared.services.words(person)):
            return ""
        return command.rest

    async def _decline(self, message: Message, person: Person, unfit: Unfit) -> None:
        place = place_of(message)
        text = texts.unfit(
            self._shared.services.words(person),
            unfit,
            Draft(place=place, user_id=person.id),
            file_limit=self._shared.services.file_limit,
        )
        await self._shared.speaker.say(place, text, answering=message.message_id)
