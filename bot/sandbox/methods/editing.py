"""The editMessage family, deleting, reactions and answers to buttons."""

from bot.sandbox.arguments import Arguments, Json
from bot.sandbox.decode import REACTIONS
from bot.sandbox.entities import FormattedText, utf16_length
from bot.sandbox.errors import bad_request, not_modified
from bot.sandbox.methods.access import message_in, open_chat, own_message
from bot.sandbox.methods.content import attachment, caption, keyboard, message_text
from bot.sandbox.model import Attachment, Media, Message, Photo
from bot.sandbox.render import message_json
from bot.sandbox.world import World

ANSWER_LIMIT = 200
_MANY = range(1, 101)


def edit_message_text(world: World, args: Arguments) -> Json:
    """Change a text (Bot API, "editMessageText"); a message with media has none."""
    message = own_message(world, args)
    if "rich_message" in args:
        raise bad_request("the sandbox knows no rich messages")
    words = message_text(args)
    if message.attachment is not None:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, message, args, words)


def edit_message_caption(world: World, args: Arguments) -> Json:
    """Change a caption (Bot API, "editMessageCaption"); a text message has none."""
    message = own_message(world, args)
    if message.attachment is None:
        raise bad_request("there is no caption in the message to edit")
    words = caption(args)
    return _edit(world, message, args, words)


def edit_message_media(world: World, args: Arguments) -> Json:
    """Replace media, or turn a text into media (Bot API, "editMessageMedia")."""
    message = own_message(world, args)
    media = args.json("media")
    if media is None:
        raise bad_request("media is not specified")
    inner = args.inner(media)
    kind = inner.text("type")
    if message.media_group_id is not None and _kind(message.attachment) != kind:
        raise bad_request("can't change media type in an album")
    words = caption(inner)
    made = attachment(world, kind, inner.attached(inner.text("media")), inner)
    return _edit(world, message, args, words, attachment=made)


def edit_message_reply_markup(world: World, args: Arguments) -> Json:
    """Change the buttons only (Bot API, "editMessageReplyMarkup")."""
    return _edit(world, own_message(world, args), args)


def delete_message(world: World, args: Arguments) -> bool:
    """Delete a message (Bot API, "deleteMessage").

    The bot's own, any in private, anybody's where the bot is an administrator.
    """
    chat = open_chat(world, args.chat())
    message = message_in(chat, args, "message to delete not found")
    if not _deletable(world, message):
        raise bad_request("message can't be deleted")
    world.delete(chat, message.message_id, world.bot)
    return True


def delete_messages(world: World, args: Arguments) -> bool:
    """Delete 1 to 100 messages, skipping those not found (Bot API, "deleteMessages")."""
    chat = open_chat(world, args.chat())
    wanted = args.array("message_ids")
    if len(wanted) not in _MANY:
        raise bad_request("too many message identifiers specified" if wanted else "no messages")
    found = [chat.messages[one] for one in dict.fromkeys(wanted) if one in chat.messages]
    if not all(_deletable(world, message) for message in found):
        raise bad_request("message can't be deleted")
    for message in found:
        world.delete(chat, message.message_id, world.bot)
    return True


def set_message_reaction(world: World, args: Arguments) -> bool:
    """React to a message with at most one emoji (Bot API, "setMessageReaction")."""
    message = message_in(open_chat(world, args.chat()), args, "message to react not found")
    chosen = [str(reaction.get("emoji", "")) for reaction in args.array("reaction")]
    if len(chosen) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if not set(chosen) <= REACTIONS:
        raise bad_request("REACTION_INVALID")
    world.react(message, "".join(chosen))
    return True


def answer_callback_query(world: World, args: Arguments) -> bool:
    """Answer a button (Bot API, "answerCallbackQuery"); up to 200 characters."""
    text = args.text("text")
    if utf16_length(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    if not world.answer(args.text("callback_query_id"), text, alert=args.flag("show_alert")):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return True


def _edit(
    world: World,
    message: Message,
    args: Arguments,
    words: FormattedText | None = None,
    **changes: object,
) -> Json:
    if words is not None:
        changes |= {"words": words.text, "entities": words.entities}
    changes["markup"] = keyboard(args)
    edited = message.but(**changes)
    if _shown(edited) == _shown(message):
        raise not_modified()
    return message_json(world.edit(message, **changes))


def _shown(message: Message) -> tuple[object, ...]:
    made = message.attachment
    content = made.file.file_id if isinstance(made, Photo | Media) else made
    return message.words, message.entities, content, message.markup


def _kind(made: Attachment | None) -> str:
    return made.kind if made is not None else "text"


def _deletable(world: World, message: Message) -> bool:
    chat = message.chat
    return message.author == world.bot or chat.is_private or chat.is_admin(world.bot.id)
