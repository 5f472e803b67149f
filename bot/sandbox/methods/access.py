"""Which chats and messages a call of the bot may touch, and the refusals."""

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request, bot_blocked, forbidden
from bot.sandbox.model import Chat, ChatKind, Message, Status
from bot.sandbox.world import World


def known_chat(world: World, chat_id: int | str) -> Chat:
    """Find a chat that the bot may look at.

    Raises:
        ApiError: 400 "chat not found", or the notice that it became a supergroup.
    """
    chat = world.find_chat(chat_id)
    if chat is None or not (chat.started or _has_met(world, chat)):
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise bad_request(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
        )
    return chat


def open_chat(world: World, chat_id: int | str) -> Chat:
    """Find a chat that the bot is in and may write to.

    Raises:
        ApiError: 400 or 403 with the reason.
    """
    chat = known_chat(world, chat_id)
    if chat.is_private:
        if chat.blocked:
            raise bot_blocked()
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat
    member = chat.members.get(world.bot.id)
    if member is None or member.status is Status.LEFT:
        raise forbidden(f"bot is not a member of the {_noun(chat)} chat")
    if member.status is Status.KICKED:
        raise forbidden(f"bot was kicked from the {_noun(chat)} chat")
    if chat.kind is ChatKind.CHANNEL and not chat.is_admin(world.bot.id):
        raise bad_request("need administrator rights in the channel chat")
    return chat


def require_right(world: World, chat: Chat, content: str) -> None:
    """Check that members may send this kind of content ("photo", "document", "text").

    Raises:
        ApiError: 400 "not enough rights ...".
    """
    if content in chat.forbidden and not chat.is_admin(world.bot.id):
        plural = "text messages" if content == "text" else f"{content}s"
        raise bad_request(f"not enough rights to send {plural} to the chat")


def message_in(chat: Chat, args: Arguments, missing: str) -> Message:
    """Find the message that ``message_id`` names.

    Raises:
        ApiError: 400 with the text ``missing``, if it is gone or never was.
    """
    message = chat.messages.get(args.integer("message_id"))
    if message is None:
        raise bad_request(missing)
    return message


def own_message(world: World, args: Arguments) -> Message:
    """Find the message of the bot that a call edits.

    Raises:
        ApiError: 400, if it is gone, somebody else's or of a kind that cannot be edited.
    """
    if "inline_message_id" in args:
        raise bad_request("MESSAGE_ID_INVALID")
    chat = open_chat(world, args.chat())
    if "message_id" not in args:
        raise bad_request("message identifier is not specified")
    message = message_in(chat, args, "message to edit not found")
    if message.author != world.bot or message.service is not None:
        raise bad_request("message can't be edited")
    if message.markup is not None and "inline_keyboard" not in message.markup:
        raise bad_request("message can't be edited")
    return message


def _has_met(world: World, chat: Chat) -> bool:
    """Whether the bot can know of a chat at all: people it has never met do not exist for it."""
    if not chat.is_private:
        return True
    bot = world.bot.id
    return any(other.has(chat.id) and other.has(bot) for other in world.chats.values())


def _noun(chat: Chat) -> str:
    return chat.kind.value
