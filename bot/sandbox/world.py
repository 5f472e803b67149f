"""The state of the sandbox and what can happen in it. Knows nothing of HTTP."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.sandbox.files import FileStore
from bot.sandbox.journal import Journal
from bot.sandbox.model import (
    STAND_INS,
    Attachment,
    Chat,
    ChatKind,
    Media,
    Message,
    Photo,
    User,
)
from bot.sandbox.profile import Profile
from bot.sandbox.render import (
    chat_json,
    inaccessible_json,
    message_json,
    reactions_json,
    user_json,
)
from bot.sandbox.updates import UpdateQueue
from bot.sandbox.visibility import Privacy, is_visible

Json = dict[str, object]

_FIRST_PERSON = 5_000_000_001
_FIRST_GROUP = -4_000_000_001
_FIRST_SUPERGROUP = -1_002_000_000_001
QUERY_LIFETIME = 60.0
"""Seconds within which a press of a button wants its answer."""


class EventKind(StrEnum):
    """What can happen in a chat."""

    MESSAGE = "message"
    EDIT = "edit"
    DELETE = "delete"
    PRESS = "press"
    ANSWER = "answer"
    ACTION = "action"
    REACTION = "reaction"
    BLOCK = "block"
    UNBLOCK = "unblock"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        at: When, in seconds of the monotonic clock.
        actor: Who did it; None for a channel itself.
        message: The message as it stood then: a snapshot.
        detail: Button text, callback answer, chat action or reaction.
        query: Callback query it belongs to.
        alert: Whether a callback answer shows as an alert.
    """

    kind: EventKind
    at: float
    chat: Chat
    actor: User | None
    message: Message | None = None
    detail: str = ""
    query: str = ""
    alert: bool = False


class World:
    """All users, chats and files, the bot's account and its queue of updates.

    Args:
        bot: The bot's user.
        privacy: What the bot may see in groups.
        clock: Wall clock in Unix seconds, for the dates of messages.
    """

    def __init__(self, bot: User, privacy: Privacy, clock: Callable[[], float] = time.time) -> None:
        self.profile = Profile(bot)
        self.privacy = privacy
        self.files = FileStore()
        self.updates = UpdateQueue()
        self.events: Journal[Event] = Journal()
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.attachments: dict[str, Attachment] = {}
        self._clock = clock
        self._presses: dict[str, Event] = {}
        self._query_ids = itertools.count(7_000_000_001)
        self._person_ids = itertools.count(_FIRST_PERSON)
        self._group_ids = itertools.count(_FIRST_GROUP, -1)
        self._supergroup_ids = itertools.count(_FIRST_SUPERGROUP, -1)
        self._album_ids = itertools.count(13_900_000_001)

    @property
    def bot(self) -> User:
        """The bot."""
        return self.profile.user

    def now(self) -> int:
        """Return the date that a message of this moment carries."""
        return int(self._clock())

    def new_user(
        self, first_name: str, *, last_name: str = "", username: str = "", language_code: str = ""
    ) -> User:
        """Make a person."""
        user = User(next(self._person_ids), first_name, last_name, username, language_code)
        self.users[user.id] = user
        return user

    def change_account(self, user: User) -> None:
        """Let somebody be as given from now on, such as with another language."""
        self.users[user.id] = user
        for chat in self.chats.values():
            if chat.user is not None and chat.user.id == user.id:
                chat.user = user
            if (member := chat.members.get(user.id)) is not None:
                chat.members[user.id] = replace(member, user=user)

    def new_chat(self, kind: ChatKind, title: str, *, is_forum: bool = False) -> Chat:
        """Make a group, supergroup or channel without members."""
        ids = self._group_ids if kind is ChatKind.GROUP else self._supergroup_ids
        chat = Chat(next(ids), kind, title, is_forum=is_forum)
        self.chats[chat.id] = chat
        return chat

    def new_album(self) -> str:
        """Return a fresh ``media_group_id``."""
        return str(next(self._album_ids))

    def private_chat(self, user: User) -> Chat:
        """Return a person's chat with the bot."""
        chat = self.chats.get(user.id)
        if chat is None:
            chat = Chat(user.id, ChatKind.PRIVATE, user=user)
            self.chats[user.id] = chat
        return chat

    def find_chat(self, chat_id: int | str) -> Chat | None:
        """Find a chat by id, or by @username."""
        if isinstance(chat_id, int):
            return self.chats.get(chat_id)
        named = chat_id.removeprefix("@").lower()
        found = (chat for chat in self.chats.values() if chat.username.lower() == named)
        return next(found, None) if named else None

    def post(self, message: Message, *, deliver: bool = True) -> Message:
        """Put a message into its chat; it gets its id and date here.

        Args:
            message: Content, sender, chat and place; id and date are overwritten.
            deliver: Whether the bot may hear of it at all.
        """
        chat = message.chat
        chat.last_id += 1
        posted = message.but(message_id=chat.last_id, date=self.now())
        posted = posted.but(**self._place(posted))
        # Before the chat remembers this one: a bare command asks who posted last until now.
        visible = deliver and is_visible(posted, self.bot, self.privacy)
        chat.messages[posted.message_id] = posted
        self._remember(posted.attachment)
        sender = posted.sender
        if sender is not None and sender.is_bot and sender.id not in STAND_INS:
            chat.last_bot = sender.id
        if chat.is_private and sender == chat.user:
            chat.started = True
        self.record(EventKind.MESSAGE, chat, sender, posted)
        if visible:
            self._tell(posted, "message")
        return posted

    def edit(self, message: Message, **changes: object) -> Message:
        """Replace a message's content; raises LookupError if it is gone."""
        current = message.chat.messages[message.message_id]
        edited = current.but(**changes, edit_date=self.now())
        message.chat.messages[message.message_id] = edited
        self._remember(edited.attachment)
        self.record(EventKind.EDIT, message.chat, edited.sender, edited)
        if is_visible(edited, self.bot, self.privacy):
            self._tell(edited, "edited_message")
        return edited

    def delete(self, chat: Chat, message_id: int, actor: User | None) -> None:
        """Delete a message; the bot hears nothing of it, as on Telegram."""
        gone = chat.messages.pop(message_id)
        self.record(EventKind.DELETE, chat, actor, gone)

    def react(self, message: Message, emoji: str) -> None:
        """Let the bot put a reaction on a message, or take it off with an empty one."""
        reacted = message.but(reaction=emoji)
        message.chat.messages[message.message_id] = reacted
        self.record(EventKind.REACTION, message.chat, self.bot, reacted, emoji)

    def react_as(self, user: User, message: Message, emoji: str) -> None:
        """Let a person put a reaction on a message, or take it off with an empty one.

        The bot hears of it where it is an administrator or in private, if it asked for this kind
        of update (Bot API, "MessageReactionUpdated").
        """
        current = message.chat.messages[message.message_id]
        before = dict(current.people_reactions)
        after = {name: one for name, one in before.items() if name != user.id}
        if emoji:
            after[user.id] = emoji
        reacted = current.but(people_reactions=tuple(after.items()))
        message.chat.messages[message.message_id] = reacted
        self.record(EventKind.REACTION, message.chat, user, reacted, emoji)
        if message.chat.is_private or message.chat.is_admin(self.bot.id):
            payload: Json = {
                "chat": chat_json(message.chat),
                "message_id": message.message_id,
                "user": user_json(user),
                "date": self.now(),
                "old_reaction": reactions_json(before.get(user.id, "")),
                "new_reaction": reactions_json(emoji),
            }
            self.updates.add("message_reaction", payload)

    def press(self, user: User, chat: Chat, message_id: int, data: str, label: str = "") -> str:
        """Press a callback button and return the query's id.

        A message deleted by now goes out as an inaccessible one.
        """
        query_id = str(next(self._query_ids))
        message = chat.messages.get(message_id)
        self._presses[query_id] = self.record(
            EventKind.PRESS, chat, user, message, label or data, query=query_id
        )
        payload: Json = {
            "id": query_id,
            "from": user_json(user),
            "chat_instance": str(abs(chat.id) * 31 + 7),
            "data": data,
            "message": message_json(message) if message else inaccessible_json(chat, message_id),
        }
        self.updates.add("callback_query", payload)
        return query_id

    def answer(self, query_id: str, text: str, *, alert: bool) -> bool:
        """Answer a press; False if it is unknown, answered or too old."""
        press = self._presses.pop(query_id, None)
        if press is None or time.monotonic() - press.at > QUERY_LIFETIME:
            return False
        where = (press.chat, press.actor, press.message)
        self.record(EventKind.ANSWER, *where, text, query=query_id, alert=alert)
        return True

    def expire_queries(self) -> None:
        """Let all presses be too old to answer from now on."""
        self._presses.clear()

    def redeliver(self, update_id: int) -> None:
        """Give the bot an update once more that it has had."""
        self.updates.redeliver(update_id)

    def record(
        self,
        kind: EventKind,
        chat: Chat,
        actor: User | None,
        message: Message | None = None,
        detail: str = "",
        *,
        query: str = "",
        alert: bool = False,
    ) -> Event:
        """Write down that something happened."""
        event = Event(kind, time.monotonic(), chat, actor, message, detail, query, alert)
        self.events.append(event)
        return event

    def member_update(self, kind: str, chat: Chat, actor: User, change: tuple[Json, Json]) -> None:
        """Tell the bot about a change of standing: ``my_chat_member`` or ``chat_member``."""
        old, new = change
        self.updates.add(
            kind,
            {
                "chat": chat_json(chat),
                "from": user_json(actor),
                "date": self.now(),
                "old_chat_member": old,
                "new_chat_member": new,
            },
        )

    def _remember(self, attachment: Attachment | None) -> None:
        """Keep an attachment by its file_ids, so that it can be sent again."""
        match attachment:
            case Photo(sizes=sizes):
                self.attachments |= {size.file.file_id: attachment for size in sizes}
            case Media(file=file):
                self.attachments[file.file_id] = attachment
            case _:
                return

    def _tell(self, message: Message, kind: str) -> None:
        """Send the bot an update about a message."""
        if message.chat.kind is ChatKind.CHANNEL:
            kind = kind.replace("message", "channel_post")
        self.updates.add(kind, message_json(message))

    def _place(self, message: Message) -> Json:
        """Find the thread: a topic stays as given, a reply goes where its original is."""
        chat = message.chat
        if chat.kind is not ChatKind.SUPERGROUP:
            return {"thread_id": None, "is_topic": False}
        thread = message.thread_id
        if thread is None and message.reply_to is not None:
            original = chat.messages.get(message.reply_to)
            thread = chat.thread_of(original) if original is not None else None
        return {"thread_id": thread, "is_topic": chat.is_forum and thread is not None}
