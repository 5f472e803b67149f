"""What a call sends: texts, captions, keyboards and files, checked as the server checks them."""

import mimetypes

from bot.sandbox.arguments import Arguments, Json
from bot.sandbox.decode import Upload
from bot.sandbox.entities import FormattedText, formatted, utf16_length
from bot.sandbox.errors import bad_request, too_large
from bot.sandbox.files import PHOTO_LIMIT, UPLOAD_LIMIT, FileStore
from bot.sandbox.media import (
    UnreadableImageError,
    animation,
    document,
    open_image,
    photo,
    sticker,
)
from bot.sandbox.model import Attachment, Photo
from bot.sandbox.world import World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTON_DATA_LIMIT = 64
_MAX_SIDES = 10_000
_MAX_RATIO = 20


def message_text(args: Arguments) -> FormattedText:
    """Read a message's text; 1 to 4096 UTF-16 units after parsing.

    Raises:
        ApiError: 400 "message text is empty" or "message is too long".
    """
    marked = formatted(args.text("text"), args.text("parse_mode"), args.array("entities"))
    if not marked.text:
        raise bad_request("message text is empty")
    if utf16_length(marked.text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return marked


def caption(args: Arguments) -> FormattedText:
    """Read a caption; up to 1024 UTF-16 units after parsing.

    Raises:
        ApiError: 400 "message caption is too long".
    """
    marked = formatted(
        args.text("caption"), args.text("parse_mode"), args.array("caption_entities")
    )
    if utf16_length(marked.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return marked


def keyboard(args: Arguments) -> Json | None:
    """Read ``reply_markup``; an inline keyboard without buttons is none.

    Raises:
        ApiError: 400 "BUTTON_DATA_INVALID" and the like.
    """
    markup = args.json("reply_markup")
    if markup is None or "inline_keyboard" not in markup:
        return markup
    rows = markup["inline_keyboard"]
    buttons = [button for row in rows for button in row] if isinstance(rows, list) else []
    for button in buttons:
        _check_button(button)
    return markup if buttons else None


def _check_button(button: Json) -> None:
    if not str(button["text"]).strip():
        raise bad_request("can't parse inline keyboard button: text buttons are unallowed")
    actions = set(button) - {"text", "icon_custom_emoji_id", "style"}
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: text buttons are unallowed in the inline keyboard"
        )
    if "callback_data" in button:
        size = len(str(button["callback_data"]).encode())
        if not 1 <= size <= BUTTON_DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and "." not in str(button["url"]):
        raise bad_request("BUTTON_URL_INVALID")


def attachment(world: World, kind: str, given: Upload | str, args: Arguments) -> Attachment:
    """Make the attachment of a message of the bot.

    Args:
        world: Where the files are kept.
        kind: "photo", "document", "animation" or "sticker".
        given: Upload, or the file_id of something sent before.
        args: The call, for file name, measures and content detection.

    Raises:
        ApiError: 400 or 413, if Telegram would not take the file.
    """
    if isinstance(given, str):
        return _again(world, kind, given)
    if not given.data:
        raise bad_request("file must be non-empty")
    if len(given.data) > UPLOAD_LIMIT:
        raise too_large()
    match kind:
        case "photo":
            return _photo(world.files, given.data)
        case "sticker":
            return sticker(world.files, given.data, emoji=args.text("emoji"))
        case "animation":
            return animation(world.files, given.data, given.filename, _mime_type(given))
    if _mime_type(given) == "image/gif" and not args.flag("disable_content_type_detection"):
        return animation(world.files, given.data, given.filename, "image/gif")
    return document(world.files, given.data, given.filename, _mime_type(given))


def _again(world: World, kind: str, file_id: str) -> Attachment:
    """Send a stored file once more; its kind stays what it was."""
    if not file_id:
        raise bad_request("file must be non-empty")
    found = world.attachments.get(file_id)
    if found is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if found.kind != kind:
        raise bad_request(
            f"can't use file of type {found.kind.capitalize()} as {kind.capitalize()}"
        )
    return found


def _photo(files: FileStore, data: bytes) -> Photo:
    if len(data) > PHOTO_LIMIT:
        raise bad_request(
            f"file of size {len(data)} bytes is too big for a photo; "
            f"the maximum size is {PHOTO_LIMIT} bytes"
        )
    try:
        image = open_image(data)
    except UnreadableImageError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    width, height = image.size
    ratio = max(width, height) / min(width, height)
    if width + height > _MAX_SIDES or ratio > _MAX_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return photo(files, image)


def _mime_type(upload: Upload) -> str:
    guessed, _ = mimetypes.guess_type(upload.filename)
    return guessed or upload.mime_type
