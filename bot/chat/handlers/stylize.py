"""`/stylize`: in a caption, in a reply, in both, or alone."""

from dataclasses import dataclass

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.drafts import says_role
from bot.chat.ordering.ordering import Ordering
from bot.chat.ordering.style_by_name import StyleByName
from bot.chat.replies.prompts import Prompts
from bot.chat.requests.commands import command_in
from bot.chat.requests.incoming import held, pointed_at
from bot.chat.requests.request import MessageRequest, Unfit
from bot.chat.requests.services import Services
from bot.studio.ledger.model import Arrival


@dataclass(frozen=True, slots=True)
class StylizeHandler:
    """The command by which pictures are handed over where the bot does not see everything.

    A picture in the message and one that it replies to are style and content. With a style's
    name one picture is enough, and is the content: of an album it is the one with the name, which
    is the first unless somebody took care to caption another. A single picture without a name
    goes where one is missing, and an album is an order of its own.
    """

    services: Services
    prompts: Prompts
    ordering: Ordering
    albums: AlbumOrdering
    style_by_name: StyleByName

    async def command(self, request: MessageRequest) -> None:
        """Take the pictures at hand; what is still missing is asked for in one message."""
        own = held(request)
        answered = pointed_at(request)
        for found in (own, answered):
            if isinstance(found, Unfit):
                await self.prompts.say_unfit(request, found)
                return
        own_picture = own if isinstance(own, Arrival) else None
        other = answered if isinstance(answered, Arrival) else None
        name = self._name(request)
        if name and (own_picture is None or other is None):
            if own_picture is not None:
                await self.albums.leave_alone(request, own_picture)
            await self.albums.flush(request.place.chat_id)
            await self.style_by_name.order(request, name, own_picture or other)
            return
        if own_picture is not None and own_picture.media_group_id is not None:
            await self.albums.take_addressed(request, own_picture, content=other)
            return
        await self.albums.flush(request.place.chat_id)
        await self.ordering.take(
            request,
            own_picture,
            others=[other] if other else [],
            afresh=own_picture is not None and other is not None,
        )

    def _name(self, request: MessageRequest) -> str:
        """The style's name after the command; the words that order an album are none."""
        command = command_in(request.message)
        if command is None or says_role(command.rest, self.services.words(request.person)):
            return ""
        return command.rest
