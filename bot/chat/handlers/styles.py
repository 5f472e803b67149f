"""`/styles`: the gallery, whose buttons choose a style, turn the page, and delete own styles."""

from dataclasses import dataclass

from telegram import CallbackQuery, Message, Update
from telegram.ext import ContextTypes

from bot.chat.handlers.variations import pressed, tell
from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.ordering import Ordering
from bot.chat.ordering.variations import Notice, Variations
from bot.chat.replies.button_answers import answer
from bot.chat.requests.group_admins import is_anonymous
from bot.chat.requests.incoming import held, pointed_at
from bot.chat.requests.request import Mention, Person, Request, actor, author, place_of, request_of
from bot.chat.requests.services import Services
from bot.chat.styles.available import AvailableStyles
from bot.chat.styles.gallery_message import GalleryMessage
from bot.chat.styles.listing import Choice
from bot.studio.courier.prompts import NO_ORDER
from bot.studio.ledger.model import Arrival
from bot.studio.pictures.gallery_copies import StyleGone
from bot.telegram.client import client_of


@dataclass(frozen=True, slots=True)
class _Press:
    """A pressed button, who pressed it, the message it is under, what its callback data says."""

    query: CallbackQuery
    person: Person
    message: Message
    parts: tuple[str, ...]


class StylesHandler:
    """A gallery is one message with a picture; it is open to everybody who reads it.

    Whoever presses chooses for themselves: the style goes to their own half-made order, or paints
    the picture under whose painting the gallery was opened. Own styles are shown in private only.
    """

    def __init__(
        self,
        services: Services,
        gallery: GalleryMessage,
        *,
        ordering: Ordering,
        albums: AlbumOrdering,
        variations: Variations,
        available_styles: AvailableStyles,
    ) -> None:
        self._services = services
        self._gallery = gallery
        self._ordering = ordering
        self._albums = albums
        self._variations = variations
        self._available_styles = available_styles

    async def command(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/styles`: show the gallery; a picture that comes with it is the photo to paint."""
        message = update.message
        person = author(message) if message else None
        if message is None or person is None:
            return
        await self._albums.flush(message.chat.id)
        place, limit = place_of(message), self._services.file_limit
        photo = held(message, person, file_limit=limit)
        if photo is None:
            photo = pointed_at(message, person, file_limit=limit)
        request = request_of(message, person)
        if isinstance(photo, Arrival) and not await self._ordering.hold(request, photo):
            return
        await self._gallery.show(place, person, NO_ORDER, answering=message.message_id)

    async def open_button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A button that opens the gallery; see `pages.OPEN_BUTTON`."""
        press = await self._press(update, context)
        if press is None:
            return
        query, person, message = press.query, press.person, press.message
        order_id = int(press.parts[0])
        if order_id != NO_ORDER:
            order = await self._variations.to_restyle(pressed(query, person), order_id)
            if isinstance(order, Notice):
                await tell(query, order)
                return
        place = place_of(message)
        await self._gallery.show(place, person, order_id, answering=message.message_id)
        await answer(query, None)

    async def turn_button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A button that turns to another page; see `pages.TURN_BUTTON`."""
        press = await self._press(update, context)
        if press is None:
            return
        query, person, message = press.query, press.person, press.message
        number, order_id = map(int, press.parts)
        place = place_of(message)
        await answer(query, await self._gallery.turn(query, person, place, number, order_id))

    async def pick_button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A style's button; see `pages.PICK_BUTTON`."""
        press = await self._press(update, context)
        if press is None:
            return
        query, person, message = press.query, press.person, press.message
        key, order_id = press.parts[0], int(press.parts[1])
        choice = (await self._available_styles.listing(person)).keyed(key)
        if choice is None:
            await self._no_longer(query, person)
            return
        try:
            if order_id == NO_ORDER:
                await self._choose(query, person, message, choice)
            else:
                await self._repaint(query, person, order_id, choice)
        except StyleGone:
            await self._no_longer(query, person)

    async def show_deletion_button(
        self, update: Update, context: ContextTypes.DEFAULT_TYPE
    ) -> None:
        """The button that asks which own style to delete; see `pages.SHOW_DELETION_BUTTON`."""
        press = await self._press(update, context)
        if press is None:
            return
        query, person, message = press.query, press.person, press.message
        number, order_id = map(int, press.parts)
        place = place_of(message)
        await answer(
            query, await self._gallery.ask_deletion(query, person, place, number, order_id)
        )

    async def delete_button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A button that deletes an own style; see `pages.DELETE_BUTTON`."""
        press = await self._press(update, context)
        if press is None:
            return
        query, person, message = press.query, press.person, press.message
        style_id, number, order_id = map(int, press.parts)
        words = self._services.words(person)
        async with self._services.ledger.begin() as transaction:
            deleted = await transaction.delete_style(person.id, style_id)
        if deleted is None:
            text = words.text("That one is deleted already.")
        else:
            text = words.text("Deleted: {style}.", style=deleted.style.title)
            for path in deleted.paths:
                await self._services.files.delete(path)
        await self._gallery.turn(query, person, place_of(message), number, order_id)
        await answer(query, text)

    async def _choose(
        self, query: CallbackQuery, person: Person, message: Message, choice: Choice
    ) -> None:
        picture = await self._available_styles.picture(choice)
        outcome = await self._ordering.choose(await _request(query, person, message), picture)
        words = self._services.words(person)
        chosen = words.text("Chosen: {style}.", style=choice.title)
        await answer(query, chosen if outcome is not None else None)

    async def _repaint(
        self, query: CallbackQuery, person: Person, order_id: int, choice: Choice
    ) -> None:
        press = pressed(query, person)
        order = await self._variations.to_restyle(press, order_id)
        if isinstance(order, Notice):
            await tell(query, order)
            return
        picture = await self._available_styles.picture(choice)
        await tell(query, await self._variations.restyle(press, order, picture))

    async def _press(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> _Press | None:
        """The press that an update brings; one that cannot be handled is answered here."""
        query, person = update.callback_query, actor(update)
        if query is None or person is None or context.match is None:
            return None
        if isinstance(query.message, Message):
            return _Press(query, person, query.message, context.match.groups())
        words = self._services.words(person)
        text = words.text("This message is too old for its buttons; /styles shows a new one.")
        await answer(query, text, alert=True)
        return None

    async def _no_longer(self, query: CallbackQuery, person: Person) -> None:
        words = self._services.words(person)
        text = words.text("That style is no longer here; /styles shows those that are.")
        await answer(query, text, alert=True)


async def _request(query: CallbackQuery, person: Person, message: Message) -> Request:
    """A choice in somebody's name; it answers the person's own message where there is one.

    Of an admin who posts in the group's name, the photo that is still to come will be the group's.
    """
    place = place_of(message)
    if not place.private and await is_anonymous(client_of(query), place.chat_id, person.id):
        person = Person(place.chat_id, is_user=False, group_id=place.chat_id)
    asked = message.reply_to_message
    asker = author(asked) if asked is not None else None
    if asked is not None and asker is not None and asker.id == person.id:
        return Request(place=place, person=person, message_id=asked.message_id, press=query.id)
    mention = None
    if person.is_user and not place.private:
        mention = Mention(person.id, query.from_user.full_name)
    return Request(
        place=place, person=person, message_id=message.message_id, press=query.id, mention=mention
    )
