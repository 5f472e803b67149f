"""Who and what there is in the sandbox: users, chats, messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, cast

from bot.sandbox.entities import Entity, utf16_slice
from bot.sandbox.files import StoredFile

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class User:
    """A person or bot; the same one in whatever language."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = field(default="", compare=False)
    is_bot: bool = False

    @property
    def name(self) -> str:
        """First and last name, as a chat shows it."""
        return f"{self.first_name} {self.last_name}".strip()


GROUP_ANONYMOUS_BOT = User(1087968824, "Group", username="GroupAnonymousBot", is_bot=True)
CHANNEL_BOT = User(136817688, "Channel", username="Channel_Bot", is_bot=True)
TELEGRAM = User(777000, "Telegram")
STAND_INS = frozenset({GROUP_ANONYMOUS_BOT.id, CHANNEL_BOT.id, TELEGRAM.id})
"""Ids that Telegram puts in ``from`` for senders that are no persons."""


@dataclass(frozen=True, slots=True)
class PhotoSize:
    """One size of a photo, or a thumbnail; width and height in pixels."""

    file: StoredFile
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo: its sizes, smallest first."""

    kind: ClassVar[str] = "photo"
    sizes: tuple[PhotoSize, ...]

    @property
    def file(self) -> StoredFile:
        """The file of the largest size."""
        return self.largest.file

    @property
    def largest(self) -> PhotoSize:
        """The size with the largest area."""
        return self.sizes[-1]


@dataclass(frozen=True, slots=True)
class Media:
    """A file of another kind: document, animation, sticker, video, voice and the like.

    Attributes:
        kind: Name of the message's field.
        file: The file itself.
        fields: What the Bot API object has besides file and thumbnail.
        thumbnail: A small JPEG, if the server could make one.
    """

    kind: str
    file: StoredFile
    fields: tuple[tuple[str, object], ...] = ()
    thumbnail: PhotoSize | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """Content without a file: location, contact, dice."""

    kind: str
    fields: tuple[tuple[str, object], ...]


Attachment = Photo | Media | Item


class ChatKind(StrEnum):
    """``Chat.type`` of the Bot API."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    """``ChatMember.status`` of the Bot API."""

    OWNER = "creator"
    ADMIN = "administrator"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"


PRESENT = frozenset({Status.OWNER, Status.ADMIN, Status.MEMBER})


@dataclass(frozen=True, slots=True)
class Member:
    """A user's standing in a chat."""

    user: User
    status: Status = Status.MEMBER
    is_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message; ``data`` is empty where it is no callback button."""

    text: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands at one moment; an edit makes another object.

    Attributes:
        words: Text, or caption if there is an attachment.
        markup: ``reply_markup`` as the bot sent it.
        service: Fields of a service message.
        thread_id: Topic or reply thread; ``is_topic`` tells which.
        poster: Who is behind a message in a chat's name; Telegram keeps it to itself.
        reaction: The bot's reaction to it.
        people_reactions: Those of people, by user id.
    """

    chat: Chat = field(compare=False)
    message_id: int = 0
    date: int = 0
    sender: User | None = None
    sender_chat: Chat | None = field(default=None, compare=False)
    words: str = ""
    entities: tuple[Entity, ...] = ()
    attachment: Attachment | None = None
    markup: Mapping[str, object] | None = field(default=None, hash=False)
    reply_to: int | None = None
    thread_id: int | None = None
    is_topic: bool = False
    media_group_id: str | None = None
    edit_date: int | None = None
    forward_origin: Mapping[str, object] | None = field(default=None, hash=False)
    external_reply: Mapping[str, object] | None = field(default=None, hash=False)
    is_automatic_forward: bool = False
    service: Mapping[str, object] | None = field(default=None, hash=False)
    poster: User | None = None
    reaction: str = ""
    people_reactions: tuple[tuple[int, str], ...] = ()

    @property
    def author(self) -> User | None:
        """Who wrote it, whatever name it is posted in."""
        return self.poster or self.sender

    @property
    def text(self) -> str | None:
        """The text of a text message, else None."""
        return self.words if self.attachment is None and self.service is None else None

    @property
    def caption(self) -> str | None:
        """The caption of a message with an attachment, else None."""
        return self.words if self.attachment is not None else None

    @property
    def photo(self) -> Photo | None:
        """The photo, if it is one."""
        return self.attachment if isinstance(self.attachment, Photo) else None

    @property
    def document(self) -> Media | None:
        """The document, if it is one."""
        found = self.attachment
        return found if isinstance(found, Media) and found.kind == "document" else None

    @property
    def data(self) -> bytes:
        """Bytes of the attached file, of the largest size if it is a photo."""
        if isinstance(self.attachment, Photo | Media):
            return self.attachment.file.data
        raise LookupError(f"message {self.message_id} has no file")

    @property
    def keyboard(self) -> list[list[Button]]:
        """Rows of inline buttons; empty without any."""
        rows = cast("list[list[Json]]", (self.markup or {}).get("inline_keyboard", []))
        return [[_button(button) for button in row] for row in rows]

    @property
    def buttons(self) -> list[Button]:
        """All inline buttons, row by row."""
        return [button for row in self.keyboard for button in row]

    @property
    def commands(self) -> list[str]:
        """The commands in the words, each as written, such as ``/stylize@atelier_bot``."""
        return [
            utf16_slice(self.words, entity.offset, entity.length)
            for entity in self.entities
            if entity.type == "bot_command"
        ]

    def but(self, **changes: object) -> Message:
        """Return a copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # field names at run time


def _button(raw: Mapping[str, object]) -> Button:
    return Button(str(raw["text"]), str(raw.get("callback_data", "")), str(raw.get("url", "")))


@dataclass(eq=False, slots=True)
class Chat:
    """A chat and all that is in it; the one thing here that changes.

    Attributes:
        messages: By message_id; deleted ones are gone.
        members: By user id, those who left included.
        topics: Names by thread id, of a forum.
        last_bot: Id of the bot that posted last: privacy mode looks at it.
        migrated_to: Id of the supergroup that this group has become.
        closed_topics: Threads in which nobody but admins may write.
        forbidden: Kinds of content that members may not send: "photo", "document", "text".
        linked: The channel whose posts are forwarded here.
    """

    id: int
    kind: ChatKind
    title: str = ""
    username: str = ""
    user: User | None = None
    is_forum: bool = False
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    members: dict[int, Member] = field(default_factory=dict, repr=False)
    topics: dict[int, str] = field(default_factory=dict)
    closed_topics: set[int] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    last_bot: int | None = None
    last_id: int = 0
    migrated_to: int | None = None
    started: bool = False
    blocked: bool = False
    linked: Chat | None = field(default=None, repr=False)

    @property
    def is_private(self) -> bool:
        """Whether it is a chat of one person with the bot."""
        return self.kind is ChatKind.PRIVATE

    @property
    def is_group(self) -> bool:
        """Whether it is a group of either kind."""
        return self.kind in {ChatKind.GROUP, ChatKind.SUPERGROUP}

    def has(self, user_id: int) -> bool:
        """Whether somebody is here now."""
        member = self.members.get(user_id)
        return member is not None and member.status in PRESENT

    def is_admin(self, user_id: int) -> bool:
        """Whether somebody runs this chat."""
        member = self.members.get(user_id)
        return member is not None and member.status in {Status.OWNER, Status.ADMIN}

    def thread_of(self, message: Message) -> int | None:
        """Return the thread of a message here, as a reply to it would have it."""
        if self.kind is not ChatKind.SUPERGROUP:
            return None
        if self.is_forum:
            return message.thread_id if message.is_topic else None
        return message.thread_id or message.message_id
