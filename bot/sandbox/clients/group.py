"""A handle of a group or channel, for scripts."""

from __future__ import annotations

from bot.sandbox import membership
from bot.sandbox.clients.person import Person
from bot.sandbox.clients.sender import Sender
from bot.sandbox.entities import find_entities
from bot.sandbox.model import (
    CHANNEL_BOT,
    GROUP_ANONYMOUS_BOT,
    TELEGRAM,
    Chat,
    ChatKind,
    Member,
    Message,
    Status,
    User,
)
from bot.sandbox.render import chat_json
from bot.sandbox.world import World


class Group:
    """A group, supergroup, forum or channel; all its methods take effect at once."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """Its id, below zero."""
        return self.chat.id

    @property
    def owner(self) -> User:
        """Who made it."""
        members = self.chat.members.values()
        return next(member.user for member in members if member.status is Status.OWNER)

    @property
    def messages(self) -> list[Message]:
        """What stands in it now, oldest first."""
        return list(self.chat.messages.values())

    @property
    def from_bot(self) -> list[Message]:
        """What stands in it now of the bot's."""
        return [one for one in self.messages if one.author == self.world.bot]

    def add(self, *people: Person) -> None:
        """Let people in."""
        for person in people:
            membership.join(self.world, self.chat, person.user, by=self.owner)

    def remove(self, person: Person) -> None:
        """Throw somebody out."""
        membership.leave(self.world, self.chat, person.user, by=self.owner)

    def add_bot(self, *, admin: bool = False, by: Person | None = None) -> None:
        """Let the bot in, as a member or an administrator."""
        status = Status.ADMIN if admin else Status.MEMBER
        actor = by.user if by is not None else self.owner
        membership.join(self.world, self.chat, self.world.bot, by=actor, status=status)

    def remove_bot(self) -> None:
        """Throw the bot out."""
        membership.leave(self.world, self.chat, self.world.bot, by=self.owner)

    def promote_bot(self) -> None:
        """Make the bot an administrator: it reads everything from now on."""
        self._promote(self.world.bot, Status.ADMIN)

    def promote(self, person: Person, *, anonymous: bool = False) -> None:
        """Make somebody an administrator, on request one who posts as the group."""
        self._promote(person.user, Status.ADMIN, anonymous=anonymous)

    def forbid(self, *contents: str) -> None:
        """Let members, the bot among them, send no "photo", "document" or "text"."""
        self.chat.forbidden |= set(contents)

    def topic(self, name: str) -> int:
        """Open a topic; returns its thread id."""
        return membership.open_topic(self.world, self.chat, name, by=self.owner)

    def close_topic(self, thread: int) -> None:
        """Close a topic."""
        membership.close_topic(self.world, self.chat, thread, by=self.owner)

    def migrate(self) -> Group:
        """Turn a group into a supergroup; this handle goes on naming the old one."""
        return Group(self.world, membership.migrate(self.world, self.chat))

    def anonymous(self, admin: Person) -> Sender:
        """Return the sender of an administrator who posts as the group itself."""
        if not self.chat.is_admin(admin.id):
            raise PermissionError(f"{admin.user.name} is no administrator here")
        return Sender(
            self.world,
            self.chat,
            user=GROUP_ANONYMOUS_BOT,
            sender_chat=self.chat,
            poster=admin.user,
        )

    def as_channel(self, channel: Group) -> Sender:
        """Return the sender of somebody who posts here in a channel's name."""
        return Sender(self.world, self.chat, user=CHANNEL_BOT, sender_chat=channel.chat)

    def automatic(self, channel: Group, message_id: int = 1) -> Sender:
        """Return the sender that forwards a linked channel's posts here by itself."""
        self.chat.linked = channel.chat
        origin = {
            "type": "channel",
            "date": self.world.now(),
            "chat": chat_json(channel.chat),
            "message_id": message_id,
        }
        return Sender(
            self.world,
            self.chat,
            user=TELEGRAM,
            sender_chat=channel.chat,
            extra={"is_automatic_forward": True, "forward_origin": origin},
        )

    def as_itself(self) -> Sender:
        """Return the channel as a sender: its posts have no ``from``."""
        if self.chat.kind is not ChatKind.CHANNEL:
            raise PermissionError("only a channel speaks for itself")
        return Sender(self.world, self.chat, user=None, sender_chat=self.chat)

    def other_bot(self, text: str, *, reply_to: Message | None = None) -> Message:
        """Let another bot say something: then it is the one that posted last."""
        other = User(7_999_999_999, "Other", username="other_bot", is_bot=True)
        self.world.users[other.id] = other
        return self.world.post(
            Message(
                chat=self.chat,
                sender=other,
                words=text,
                entities=find_entities(text),
                reply_to=reply_to.message_id if reply_to is not None else None,
            )
        )

    def _promote(self, user: User, status: Status, *, anonymous: bool = False) -> None:
        member = Member(user, status, anonymous)
        membership.set_standing(self.world, self.chat, member, by=self.owner)
