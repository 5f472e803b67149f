"""What happens to groups and their members, with the service messages that tell of it."""

from bot.sandbox.model import Chat, ChatKind, Member, Message, Status, User
from bot.sandbox.render import member_json, user_json
from bot.sandbox.world import World

_TOPIC_COLOUR = 0x6FB9F0


def join(world: World, chat: Chat, user: User, *, by: User, status: Status = Status.MEMBER) -> None:
    """Let somebody into a chat, with the message that announces it."""
    set_standing(world, chat, Member(user, status), by=by)
    if chat.is_group:
        announce(world, chat, by, new_chat_members=[user_json(user)])


def leave(world: World, chat: Chat, user: User, *, by: User) -> None:
    """Let somebody leave, or be thrown out if it is by another, with the announcement."""
    status = Status.LEFT if by == user else Status.KICKED
    if user == world.bot:
        # The bot is gone before the announcement: it only hears of its own standing.
        set_standing(world, chat, Member(user, status), by=by)
        announce(world, chat, by, deliver=False, left_chat_member=user_json(user))
    else:
        announce(world, chat, by, left_chat_member=user_json(user))
        set_standing(world, chat, Member(user, status), by=by)


def migrate(world: World, chat: Chat) -> Chat:
    """Turn a group into a supergroup with a new id, as Telegram does when it must.

    Returns:
        The supergroup. The messages stay behind; the old id only tells the new one.
    """
    grown = world.new_chat(ChatKind.SUPERGROUP, chat.title)
    grown.members = dict(chat.members)
    grown.forbidden = set(chat.forbidden)
    actor = next(member.user for member in chat.members.values() if member.status is Status.OWNER)
    announce(world, chat, actor, migrate_to_chat_id=grown.id)
    chat.migrated_to = grown.id
    announce(world, grown, actor, migrate_from_chat_id=chat.id)
    return grown


def open_topic(world: World, chat: Chat, name: str, *, by: User) -> int:
    """Open a topic in a forum and return its thread id."""
    thread = chat.last_id + 1
    chat.topics[thread] = name
    created = {"name": name, "icon_color": _TOPIC_COLOUR}
    announce(world, chat, by, thread=thread, forum_topic_created=created)
    return thread


def close_topic(world: World, chat: Chat, thread: int, *, by: User) -> None:
    """Close a topic: only administrators may write in it."""
    announce(world, chat, by, thread=thread, forum_topic_closed={})
    chat.closed_topics.add(thread)


def announce(
    world: World,
    chat: Chat,
    actor: User,
    *,
    thread: int | None = None,
    deliver: bool = True,
    **fields: object,
) -> Message:
    """Post a service message with these fields."""
    message = Message(chat=chat, sender=actor, service=fields, thread_id=thread)
    return world.post(message, deliver=deliver)


def set_standing(world: World, chat: Chat, member: Member, *, by: User) -> None:
    """Change what somebody may do; Telegram announces it to nobody but the bots."""
    user = member.user
    before = chat.members.get(user.id) or Member(user, Status.LEFT)
    chat.members[user.id] = member
    change = (member_json(before), member_json(member))
    if user == world.bot:
        world.member_update("my_chat_member", chat, by, change)
    elif chat.is_admin(world.bot.id):
        world.member_update("chat_member", chat, by, change)
