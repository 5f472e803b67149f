"""`/styles`: the gallery, whose buttons choose a style, turn the page, and delete own styles."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import wraps

from telegram import Message

from bot.chat.handlers.variations import tell
from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.ordering import Ordering
from bot.chat.ordering.variations import Notice, Variations
from bot.chat.replies.button_answers import answer
from bot.chat.requests.access import is_anonymous
from bot.chat.requests.incoming import at_hand
from bot.chat.requests.request import Mention, MessageRequest, Person, Press, Request, author
from bot.chat.requests.services import Services
from bot.chat.styles.available import AvailableStyles
from bot.chat.styles.gallery_message import GalleryMessage
from bot.chat.styles.listing import Choice
from bot.studio.courier.prompts import NO_ORDER
from bot.studio.ledger.model import Arrival, Order
from bot.studio.pictures.gallery_copies import StyleGone
from bot.telegram.client import client_of

_Button = Callable[["StylesHandler", Press], Awaitable[None]]


def _under_a_gallery(handle: _Button) -> _Button:
    """A button's handler that is called only while Telegram still shows what it is under."""

    @wraps(handle)
    async def checked(self: "StylesHandler", press: Press) -> None:
        if isinstance(press.query.message, Message):
            await handle(self, press)
        else:
            words = self.services.words(press.person)
            text = words.text("This message is too old for its buttons; /styles shows a new one.")
            await answer(press.query, text, alert=True)

    return checked


@dataclass(frozen=True, slots=True)
class StylesHandler:
    """A gallery is one message with a picture; it is open to everybody who reads it.

    Whoever presses chooses for themselves: the style goes to their own half-made order, or paints
    the picture under whose painting the gallery was opened. Own styles are shown in private only.
    """

    services: Services
    gallery: GalleryMessage
    ordering: Ordering
    albums: AlbumOrdering
    variations: Variations
    available_styles: AvailableStyles

    async def command(self, request: MessageRequest) -> None:
        """`/styles`: show the gallery; a picture that comes with it is the photo to paint."""
        await self.albums.flush(request.place.chat_id)
        photo = at_hand(request)
        if isinstance(photo, Arrival) and not await self.ordering.keep_photo(request, photo):
            return
        await self.gallery.show(request, NO_ORDER)

    @_under_a_gallery
    async def open_button(self, press: Press) -> None:
        """A button that opens the gallery; see `pages.OPEN_BUTTON`."""
        order_id = int(press.parts[0])
        if order_id != NO_ORDER:
            order = await self.variations.to_restyle(press, order_id)
            if isinstance(order, Notice):
                await tell(press, order)
                return
        await self.gallery.show(press, order_id)
        await answer(press.query, None)

    @_under_a_gallery
    async def turn_button(self, press: Press) -> None:
        """A button that turns to another page; see `pages.TURN_BUTTON`."""
        number, order_id = map(int, press.parts)
        await answer(press.query, await self.gallery.turn(press, number, order_id))

    @_under_a_gallery
    async def pick_button(self, press: Press) -> None:
        """A style's button; see `pages.PICK_BUTTON`."""
        key, order_id = press.parts[0], int(press.parts[1])
        choice = (await self.available_styles.listing(press.person)).keyed(key)
        try:
            if choice is None:
                await self._say_gone(press)
            elif order_id == NO_ORDER:
                await self._choose(press, choice)
            else:
                await self._repaint(press, order_id, choice)
        except StyleGone:
            await self._say_gone(press)

    @_under_a_gallery
    async def show_deletion_button(self, press: Press) -> None:
        """The button that asks which own style to delete; see `pages.SHOW_DELETION_BUTTON`."""
        number, order_id = map(int, press.parts)
        await answer(press.query, await self.gallery.ask_deletion(press, number, order_id))

    @_under_a_gallery
    async def delete_button(self, press: Press) -> None:
        """A button that deletes an own style; see `pages.DELETE_BUTTON`."""
        style_id, number, order_id = map(int, press.parts)
        words = self.services.words(press.person)
        async with self.services.ledger.begin() as transaction:
            deleted = await transaction.delete_style(press.person.id, style_id)
        if deleted is None:
            text = words.text("That one is deleted already.")
        else:
            text = words.text("Deleted: {style}.", style=deleted.style.title)
            for path in deleted.paths:
                await self.services.files.delete(path)
        await self.gallery.turn(press, number, order_id)
        await answer(press.query, text)

    async def _choose(self, press: Press, choice: Choice) -> None:
        picture = await self.available_styles.picture(choice)
        outcome = await self.ordering.choose(await _in_their_name(press), picture)
        words = self.services.words(press.person)
        chosen = words.text("Chosen: {style}.", style=choice.title)
        await answer(press.query, chosen if outcome is not None else None)

    async def _repaint(self, press: Press, order_id: int, choice: Choice) -> None:
        order = await self.variations.to_restyle(press, order_id)
        if isinstance(order, Order):
            picture = await self.available_styles.picture(choice)
            await tell(press, await self.variations.restyle(press, order, picture))
        else:
            await tell(press, order)

    async def _say_gone(self, press: Press) -> None:
        words = self.services.words(press.person)
        text = words.text("That style is no longer here; /styles shows those that are.")
        await answer(press.query, text, alert=True)


async def _in_their_name(press: Press) -> Request:
    """A choice in somebody's name; it answers the person's own message where there is one.

    Of an admin who posts in the group's name, the photo that is still to come will be the group's.
    """
    place, person, message = press.place, press.person, press.query.message
    if not place.private and await is_anonymous(client_of(press.query), place.chat_id, person.id):
        person = Person(place.chat_id, is_user=False, group_id=place.chat_id)
    asked = message.reply_to_message if isinstance(message, Message) else None
    asker = author(asked) if asked is not None else None
    if asked is not None and asker is not None and asker.id == person.id:
        return replace(press, person=person, message_id=asked.message_id)
    mention = None
    if person.is_user and not place.private:
        mention = Mention(person.id, press.query.from_user.full_name)
    return replace(press, person=person, mention=mention)
