"""The people of a campaign: what they do, and what they have asked for."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from PIL import Image

from bot.sandbox import Group, Message, Person, Sandbox
from bot.sandbox.model import Chat
from tests.campaign.painting_child import POISON, is_like
from tests.campaign.plan import GROUPS, PEOPLE, Action, Deed

Colour = tuple[int, int, int]

FORGETFUL: Final = PEOPLE - 1
"""The one who has everything forgotten."""

STYLE_NAMES: Final = ("mosaic", "batik", "marbling")

_COMMANDS: Final = {Deed.CANCEL_COMMAND: "/cancel", Deed.FORGET: "/forget"}
# With what the data of a button begin, and with what they end.
_WORDS: Final = {
    Deed.CANCEL: ("cancel:", ""),
    Deed.SWAP: ("swap:", ""),
    Deed.AGAIN: ("again:", ""),
    Deed.FILE: ("file:", ""),
    Deed.FORGET: ("forget:", "yes"),
}
_LEVELS: Final = 8
_SIZE: Final = (64, 48)
_RUBBISH: Final = b"this is no picture"
_NAMES: Final = ("Ada", "Bob", "Cleo", "Dov", "Eve", "Finn")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something that a person has asked for, and must hear of.

    Attributes:
        deed: what was done.
        person: who did it.
        chat: where.
        message_ids: the messages that it was done by.
        colours: those of its pictures, the photo's first.
    """

    deed: Deed
    person: Person
    chat: Chat
    message_ids: tuple[int, ...]
    colours: tuple[Colour, ...] = ()


@dataclass(slots=True)
class People:
    """Everybody, and the groups that all of them are in; the bot reads along there."""

    sandbox: Sandbox
    everybody: list[Person] = field(init=False)
    groups: list[Group] = field(init=False)
    requests: list[Request] = field(default_factory=list)
    taps: int = 0
    forgotten: set[int] = field(default_factory=set)
    _pictures: int = 0

    def __post_init__(self) -> None:
        self.everybody = [self.sandbox.person(name) for name in _NAMES[:PEOPLE]]
        self.groups = []
        for number in range(GROUPS):
            owner, *members = self.everybody
            group = self.sandbox.group(f"Friends {number + 1}", owner, *members)
            group.promote_bot()
            self.groups.append(group)

    @property
    def rooms(self) -> list[Chat]:
        """The groups' chats."""
        return [group.chat for group in self.groups]

    @property
    def chats(self) -> list[Chat]:
        """All chats."""
        return [*(person.chat for person in self.everybody), *self.rooms]

    async def act(self, action: Action) -> str:
        """Do something; returns what was done, in words."""
        person = self._who(action)
        if action.deed in _WORDS and self._tap(person, action.choice, *_WORDS[action.deed]):
            return f"{person.user.name} {action.deed}, by a button"
        group = self.groups[action.group]
        match action.deed:
            case Deed.ALBUM | Deed.GROUP_ALBUM | Deed.POISON:
                await self._album(person, action.deed, group)
            case Deed.ONE_BY_ONE | Deed.NAMED:
                await self._photos(person, action)
            case Deed.RUBBISH | Deed.HALF_RUBBISH:
                await self._rubbish(person, action)
            case Deed.DELETE_CARD:
                if cards := _with_button(person.from_bot(), "cancel:"):
                    await person.delete(_chosen(cards, action.choice))
            case Deed.CHATTER:
                chat = _chosen([person.chat, group.chat], action.choice)
                await person.send_text("hello", chat=chat)
            case Deed.CANCEL_COMMAND | Deed.FORGET:
                await person.send_text(_COMMANDS[action.deed])
            case _:
                return f"{person.user.name} finds no button: {action.deed}"
        return f"{person.user.name} {action.deed}"

    def standing(self, word: str) -> list[Message]:
        """The bot's messages, in any chat, that have a button whose data begin with a word."""
        bot = self.sandbox.world.bot
        messages = [one for chat in self.chats for one in chat.messages.values()]
        return _with_button([one for one in messages if one.author == bot], word)

    def press_cancel(self, card: Message) -> None:
        """Somebody presses a card's Cancel button: whoever is there."""
        person = next(one for one in self.everybody if card.chat in {one.chat, *self.rooms})
        self._press(person, card, _buttons(card, "cancel:", "")[0])

    def _who(self, action: Action) -> Person:
        if action.deed in {Deed.RUBBISH, Deed.HALF_RUBBISH}:
            # What is left over from it would go into their next order.
            self.everybody.append(self.sandbox.person(f"Newcomer {len(self.everybody)}"))
            return self.everybody[-1]
        return self.everybody[FORGETFUL if action.deed is Deed.FORGET else action.person]

    async def _album(self, person: Person, deed: Deed, group: Group) -> None:
        colours = POISON if deed is Deed.POISON else self._colour(), self._colour()
        pictures = [flat(colour) for colour in colours]
        if deed is Deed.GROUP_ALBUM:
            sent = await person.send_album(pictures, "/stylize@atelier_bot", chat=group)
        else:
            sent = await person.send_album(pictures)
        self._ask(deed, person, sent, *colours)

    async def _photos(self, person: Person, action: Action) -> None:
        if action.deed is Deed.NAMED:
            colours: tuple[Colour, ...] = (self._colour(),)
            name = _chosen(STYLE_NAMES, action.choice)
            sent = [await person.send_photo(flat(colours[0]), name)]
        else:
            colours = self._colour(), self._colour()
            sent = [await person.send_photo(flat(colour)) for colour in colours]
        self._ask(action.deed, person, sent, *colours)

    async def _rubbish(self, person: Person, action: Action) -> None:
        if action.deed is Deed.RUBBISH:
            sent = [await person.send_document(_RUBBISH, "photo.jpg", "image/jpeg")]
        else:
            parts = [flat(self._colour()), _RUBBISH]
            if action.choice < 0.5:
                parts.reverse()
            sent = await person.send_album(parts, as_documents=True)
        self._ask(action.deed, person, sent)

    def _ask(self, deed: Deed, person: Person, sent: Sequence[Message], *colours: Colour) -> None:
        ids = tuple(message.message_id for message in sent)
        chat = sent[0].chat
        request = Request(deed=deed, person=person, chat=chat, message_ids=ids, colours=colours)
        self.requests.append(request)

    def _tap(self, person: Person, choice: float, word: str, end: str) -> bool:
        """Press a button that a message here has; False if there is none."""
        messages = [one for place in [person.chat, *self.rooms] for one in person.from_bot(place)]
        if not (found := _with_button(messages, word)):
            return False
        message = _chosen(found, choice)
        buttons = _buttons(message, word, end)
        self._press(person, message, _chosen(buttons, choice * 7 % 1))
        return True

    def _press(self, person: Person, message: Message, data: str) -> None:
        self.sandbox.world.press(person.user, message.chat, message.message_id, data)
        self.taps += 1
        if data.startswith("forget:"):
            self.forgotten.add(person.id)

    def _colour(self) -> Colour:
        """The next of many colours that JPEG does not make one another's likes."""
        self._pictures += 1
        digits = [self._pictures // _LEVELS**place % _LEVELS for place in range(3)]
        red, green, blue = (16 + digit * 224 // (_LEVELS - 1) for digit in digits)
        return red, green, blue


def _with_button(messages: Sequence[Message], word: str) -> list[Message]:
    return [message for message in messages if _buttons(message, word, "")]


def _buttons(message: Message, word: str, end: str) -> list[str]:
    data = (button.data for button in message.buttons)
    return [one for one in data if one.startswith(word) and one.endswith(end)]


def _chosen(from_: Sequence[T], choice: float) -> T:
    return from_[min(len(from_) - 1, int(choice * len(from_)))]


def flat(colour: Colour) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", _SIZE, colour).save(buffer, "PNG")
    return buffer.getvalue()


def shows(data: bytes, colour: Colour) -> bool:
    """Whether a flat picture is of a colour, but for what JPEG did to it."""
    with Image.open(io.BytesIO(data)) as image:
        middle = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(middle, tuple)
    return is_like(middle, colour)
