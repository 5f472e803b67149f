"""What there is to know about chats and their members."""

from bot.sandbox.arguments import Arguments, Json
from bot.sandbox.errors import bad_request
from bot.sandbox.membership import leave
from bot.sandbox.methods.access import known_chat, open_chat
from bot.sandbox.model import Chat, Member, Status
from bot.sandbox.render import full_chat_json, member_json
from bot.sandbox.world import World


def get_chat(world: World, args: Arguments) -> Json:
    """Describe a chat (Bot API, "getChat")."""
    return full_chat_json(known_chat(world, args.chat()))


def get_chat_member(world: World, args: Arguments) -> Json:
    """Describe somebody's standing (Bot API, "getChatMember")."""
    chat = open_chat(world, args.chat())
    user = world.users.get(args.integer("user_id"))
    if user is None:
        raise bad_request("user not found")
    if chat.is_private:
        inside = user in {chat.user, world.bot}
        return member_json(Member(user, Status.MEMBER if inside else Status.LEFT))
    return member_json(chat.members.get(user.id) or Member(user, Status.LEFT))


def get_chat_administrators(world: World, args: Arguments) -> list[Json]:
    """List who runs a group, other bots left out (Bot API, "getChatAdministrators")."""
    chat = _group(world, args)
    return [
        member_json(member)
        for member in chat.members.values()
        if chat.is_admin(member.user.id)
        and (not member.user.is_bot or member.user == world.bot or args.flag("return_bots"))
    ]


def get_chat_member_count(world: World, args: Arguments) -> int:
    """Count the members (Bot API, "getChatMemberCount")."""
    chat = open_chat(world, args.chat())
    return 2 if chat.is_private else sum(chat.has(user_id) for user_id in chat.members)


def leave_chat(world: World, args: Arguments) -> bool:
    """Leave a group (Bot API, "leaveChat")."""
    leave(world, _group(world, args), world.bot, by=world.bot)
    return True


def _group(world: World, args: Arguments) -> Chat:
    chat = open_chat(world, args.chat())
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    return chat
