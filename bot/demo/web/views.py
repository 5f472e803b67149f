"""What stands in the sandbox as JSON for the page: one message, chat or person."""

from urllib.parse import quote

from bot.sandbox import Chat, Message, Person, Photo, User
from bot.sandbox.files import StoredFile
from bot.sandbox.model import Item, Media, PhotoSize

Json = dict[str, object]


def person_view(person: Person, *, scripted: bool) -> Json:
    """Somebody who may speak; `scripted` are those who play the scenes."""
    return {
        "id": person.id,
        "name": person.user.name,
        "language": person.user.language_code,
        "scripted": scripted,
    }


def chat_view(chat: Chat, bot: User) -> Json:
    """A chat without its messages."""
    return {
        "id": chat.id,
        "title": bot.name if chat.is_private else chat.title,
        "private": chat.is_private,
        "members": [member for member in chat.members if chat.has(member)],
        "started": chat.started,
        "blocked": chat.blocked,
    }


def message_view(message: Message) -> Json:
    """A message as it stands."""
    author = message.author
    markup = message.markup or {}
    return {
        "id": message.message_id,
        "chat": message.chat.id,
        "date": message.date,
        "edited": message.edit_date is not None,
        "from": author.id if author is not None else 0,
        "name": author.name if author is not None else message.chat.title,
        "bot": author is not None and author.is_bot,
        "words": message.words,
        "entities": [entity.to_json() for entity in message.entities],
        "reply_to": message.reply_to,
        "album": message.media_group_id,
        "service": message.service,
        "reactions": [
            *([message.reaction] if message.reaction else []),
            *(emoji for _, emoji in message.people_reactions),
        ],
        "keyboard": [
            [{"text": one.text, "data": one.data, "url": one.url} for one in row]
            for row in message.keyboard
        ],
        "force_reply": markup if markup.get("force_reply") else None,
        "attachment": _attachment(message),
    }


def address(file: StoredFile) -> str:
    """Where the page finds a file; the same bytes have the same address in every run."""
    return f"file/{quote(file.path)}?{quote(file.unique_id)}"


def _attachment(message: Message) -> Json | None:
    match message.attachment:
        case None:
            return None
        case Photo(sizes=sizes):
            # The smallest that is sharp in a bubble, also on a screen with small pixels.
            shown = next((size for size in sizes if size.width >= 640), sizes[-1])
            return {"kind": "photo", "src": address(sizes[-1].file), **_measures(shown)}
        case Item(kind=kind):
            return {"kind": kind}
        case Media(kind=kind, file=file, fields=fields, thumbnail=thumbnail):
            known = dict(fields)
            return {
                "kind": kind,
                "src": address(file),
                "name": known.get("file_name", kind),
                "size": len(file.data),
                **(_measures(thumbnail) if thumbnail is not None else {}),
            }


def _measures(size: PhotoSize) -> Json:
    return {"small": address(size.file), "width": size.width, "height": size.height}
