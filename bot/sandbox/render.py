"""The model as the Bot API's JSON."""

from bot.sandbox.model import (
    Attachment,
    Chat,
    ChatKind,
    Item,
    Media,
    Member,
    Message,
    Photo,
    PhotoSize,
    Status,
    User,
)

Json = dict[str, object]

_ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


def _present(**fields: object) -> Json:
    """Keep the fields that are there: the Bot API omits empty ones."""
    return {name: value for name, value in fields.items() if value not in (None, "", False)}


def user_json(user: User) -> Json:
    """Render a ``User``."""
    optional = _present(
        last_name=user.last_name, username=user.username, language_code=user.language_code
    )
    return {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name, **optional}


def chat_json(chat: Chat) -> Json:
    """Render a ``Chat``."""
    named = (
        _present(
            first_name=chat.user.first_name,
            last_name=chat.user.last_name,
            username=chat.user.username,
        )
        if chat.user
        else _present(title=chat.title, username=chat.username, is_forum=chat.is_forum)
    )
    return {"id": chat.id, "type": chat.kind.value, **named}


def full_chat_json(chat: Chat) -> Json:
    """Render a ``ChatFullInfo``."""
    gifts = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        chat.is_private,
    )
    full: Json = {
        **chat_json(chat),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts,
    }
    if chat.is_group:
        full["permissions"] = {
            "can_send_messages": "text" not in chat.forbidden,
            "can_send_photos": "photo" not in chat.forbidden,
            "can_send_documents": "document" not in chat.forbidden,
        }
    if chat.linked is not None:
        full["linked_chat_id"] = chat.linked.id
    return full


def member_json(member: Member) -> Json:
    """Render a ``ChatMember`` of the kind that its status asks for."""
    body: Json = {"status": member.status.value, "user": user_json(member.user)}
    match member.status:
        case Status.OWNER:
            body["is_anonymous"] = member.is_anonymous
        case Status.ADMIN:
            body |= dict.fromkeys(_ADMIN_RIGHTS, True)
            body |= {"can_be_edited": False, "is_anonymous": member.is_anonymous}
        case Status.KICKED:
            body["until_date"] = 0
        case Status.MEMBER | Status.LEFT:
            pass
    return body


def size_json(size: PhotoSize) -> Json:
    """Render a ``PhotoSize``."""
    return {**size.file.to_json(), "width": size.width, "height": size.height}


def attachment_json(attachment: Attachment) -> Json:
    """Render the message fields that an attachment fills."""
    match attachment:
        case Photo(sizes=sizes):
            return {"photo": [size_json(size) for size in sizes]}
        case Item(kind=kind, fields=fields):
            return {kind: dict(fields)}
        case Media(kind=kind, file=file, fields=fields, thumbnail=thumbnail):
            body: Json = {**file.to_json(), **dict(fields)}
            if thumbnail is not None:
                body["thumbnail"] = size_json(thumbnail)
            if kind != "animation":
                return {kind: body}
            # For backward compatibility an animation fills both fields (Bot API, "Message").
            document = {
                name: value
                for name, value in body.items()
                if name not in {"width", "height", "duration"}
            }
            return {"animation": body, "document": document}


def message_json(message: Message, *, depth: int = 1) -> Json:
    """Render a ``Message``; the message replied to is included ``depth`` levels deep."""
    body: Json = {
        "message_id": message.message_id,
        "date": message.date,
        "chat": chat_json(message.chat),
    }
    body |= _present(
        message_thread_id=message.thread_id,
        is_topic_message=message.is_topic,
        edit_date=message.edit_date,
        media_group_id=message.media_group_id,
        forward_origin=message.forward_origin,
        external_reply=message.external_reply,
        is_automatic_forward=message.is_automatic_forward,
    )
    if message.sender is not None:
        body["from"] = user_json(message.sender)
    if message.sender_chat is not None:
        body["sender_chat"] = chat_json(message.sender_chat)
    if message.service is not None:
        body |= message.service
    body |= _content_json(message)
    if message.markup is not None and "inline_keyboard" in message.markup:
        body["reply_markup"] = dict(message.markup)
    original = _original(message)
    if original is not None and depth > 0:
        body["reply_to_message"] = message_json(original, depth=depth - 1)
    return body


def _content_json(message: Message) -> Json:
    entities = [entity.to_json() for entity in message.entities]
    if message.attachment is None:
        return _present(text=message.words, entities=entities or None)
    captions = _present(caption=message.words, caption_entities=entities or None)
    return {**attachment_json(message.attachment), **captions}


def _original(message: Message) -> Message | None:
    """Find what a message replies to.

    In a topic, what replies to nothing else replies to the message that made the topic.
    """
    anchor = message.reply_to or (message.thread_id if message.is_topic else None)
    return message.chat.messages.get(anchor) if anchor is not None else None


def origin_json(message: Message) -> Json:
    """Render the ``MessageOrigin`` that a forward of this message carries."""
    if message.forward_origin is not None:
        return dict(message.forward_origin)
    source = message.sender_chat
    if source is None:
        user = user_json(message.sender) if message.sender is not None else None
        return {"type": "user", "date": message.date, "sender_user": user}
    if source.kind is ChatKind.CHANNEL:
        place: Json = {"chat": chat_json(source), "message_id": message.message_id}
        return {"type": "channel", "date": message.date, **place}
    return {"type": "chat", "date": message.date, "sender_chat": chat_json(source)}


def external_reply_json(message: Message) -> Json:
    """Render the ``ExternalReplyInfo`` of a reply to this message from another chat or topic."""
    body: Json = {"origin": origin_json(message)}
    if message.chat.kind in {ChatKind.SUPERGROUP, ChatKind.CHANNEL}:
        body |= {"chat": chat_json(message.chat), "message_id": message.message_id}
    if message.attachment is not None:
        body |= attachment_json(message.attachment)
    return body


def inaccessible_json(chat: Chat, message_id: int) -> Json:
    """Render an ``InaccessibleMessage``."""
    return {"chat": chat_json(chat), "message_id": message_id, "date": 0}


def reactions_json(emoji: str) -> list[Json]:
    """Render what one person has put on a message: one ``ReactionTypeEmoji`` or none."""
    return [{"type": "emoji", "emoji": emoji}] if emoji else []
