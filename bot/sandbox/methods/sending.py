"""sendMessage, sendPhoto and their kin; copying and forwarding."""

from collections.abc import Callable
from typing import cast

from bot.sandbox.arguments import Arguments, Json
from bot.sandbox.entities import FormattedText
from bot.sandbox.errors import bad_request
from bot.sandbox.methods.access import known_chat, message_in, open_chat, require_right
from bot.sandbox.methods.content import attachment, caption, keyboard, message_text
from bot.sandbox.model import Attachment, Chat, ChatKind, Message
from bot.sandbox.render import message_json, origin_json
from bot.sandbox.world import EventKind, World

_ALBUM = range(2, 11)
_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def send_message(world: World, args: Arguments) -> Json:
    """Send a text (Bot API, "sendMessage")."""
    blank = _blank(world, args, "text")
    marked = message_text(args)
    sent = world.post(_filled(blank, args, marked, None))
    return message_json(sent)


def _file_method(kind: str) -> Callable[[World, Arguments], Json]:
    """Make the method that sends one kind of file."""

    def send(world: World, args: Arguments) -> Json:
        blank = _blank(world, args, kind)
        words = caption(args)
        made = attachment(world, kind, args.file(kind), args)
        return message_json(world.post(_filled(blank, args, words, made)))

    return send


send_photo = _file_method("photo")
send_document = _file_method("document")
send_animation = _file_method("animation")
send_sticker = _file_method("sticker")


def send_media_group(world: World, args: Arguments) -> list[Json]:
    """Send an album of 2 to 10 photos or documents (Bot API, "sendMediaGroup")."""
    items = [args.inner(item) for item in args.array("media")]
    if len(items) not in _ALBUM:
        raise bad_request("wrong number of media: an album has 2-10 items")
    kinds = {item.text("type") for item in items}
    if len(kinds) > 1:
        raise bad_request("can't mix documents with other media types in an album")
    kind = kinds.pop()
    blank = _blank(world, args, kind)
    made = [
        (attachment(world, kind, item.attached(item.text("media")), item), caption(item))
        for item in items
    ]
    album = world.new_album()
    sent = [
        world.post(_filled(blank, args, words, one).but(media_group_id=album))
        for one, words in made
    ]
    return [message_json(message) for message in sent]


def send_chat_action(world: World, args: Arguments) -> bool:
    """Show that the bot is busy (Bot API, "sendChatAction")."""
    chat = open_chat(world, args.chat())
    action = args.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    _thread(chat, args)
    world.record(EventKind.ACTION, chat, world.bot, None, action)
    return True


def copy_message(world: World, args: Arguments) -> Json:
    """Send a message's content as one's own (Bot API, "copyMessage")."""
    original = _original(world, args, "copy", "copied")
    blank = _blank(world, args, "text")
    words = FormattedText(original.words, original.entities)
    if original.attachment is not None and "caption" in args:
        words = caption(args)
    sent = world.post(_filled(blank, args, words, original.attachment))
    return {"message_id": sent.message_id}


def forward_message(world: World, args: Arguments) -> Json:
    """Forward a message with its origin (Bot API, "forwardMessage")."""
    original = _original(world, args, "forward", "forwarded")
    blank = _blank(world, args, "text")
    words = FormattedText(original.words, original.entities)
    forwarded = _filled(blank, args, words, original.attachment)
    sent = world.post(forwarded.but(forward_origin=origin_json(original)))
    return message_json(sent)


def _original(world: World, args: Arguments, verb: str, done: str) -> Message:
    source = known_chat(world, args.chat("from_chat_id"))
    original = message_in(source, args, f"message to {verb} not found")
    if original.service is not None:
        raise bad_request(f"the message can't be {done}")
    return original


def _blank(world: World, args: Arguments, content: str) -> Message:
    """Make a message without content, after checking chat, rights, thread and reply."""
    chat = open_chat(world, args.chat())
    require_right(world, chat, content)
    thread = _thread(chat, args)
    in_channel = chat.kind is ChatKind.CHANNEL
    return Message(
        chat=chat,
        sender=None if in_channel else world.bot,
        sender_chat=chat if in_channel else None,
        poster=world.bot if in_channel else None,
        thread_id=thread,
        reply_to=_reply(chat, args),
    )


def _filled(
    blank: Message, args: Arguments, words: FormattedText, made: Attachment | None
) -> Message:
    return blank.but(
        words=words.text, entities=words.entities, attachment=made, markup=keyboard(args)
    )


def _thread(chat: Chat, args: Arguments) -> int | None:
    """Read ``message_thread_id``, which only topics of a forum have.

    Raises:
        ApiError: 400 "message thread not found" or "TOPIC_CLOSED".
    """
    if "message_thread_id" not in args:
        return None
    thread = args.integer("message_thread_id")
    if not chat.is_forum or thread not in chat.topics:
        raise bad_request("message thread not found")
    if thread in chat.closed_topics:
        raise bad_request("TOPIC_CLOSED")
    return thread


def _reply(chat: Chat, args: Arguments) -> int | None:
    parameters = args.json("reply_parameters")
    if parameters is None:
        return None
    elsewhere = parameters.get("chat_id", chat.id)
    if elsewhere != chat.id:
        raise bad_request("the sandbox knows no replies to other chats")
    message_id = cast("int", parameters["message_id"])
    if message_id in chat.messages:
        return message_id
    if parameters.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")
