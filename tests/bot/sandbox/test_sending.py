"""Messages of the bot: texts, captions, pictures, albums, replies, and what is refused."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from telegram import Bot, ForceReply, InputMediaDocument, InputMediaPhoto, ReplyParameters
from telegram.error import BadRequest, Forbidden

from bot.sandbox import ApiError, EventKind, Person, Sandbox
from bot.sandbox.arguments import Arguments
from bot.sandbox.decode import Upload
from bot.sandbox.files import UPLOAD_LIMIT
from bot.sandbox.methods.content import attachment

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Api, Picture


@pytest.fixture(autouse=True)
async def _met(ada: Person) -> None:
    await ada.send_text("hello")


def _image(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


async def test_texts_are_counted_after_parsing_in_utf16(api: Api, ada: Person) -> None:
    async def send(text: str) -> tuple[int, object]:
        return await api("sendMessage", chat_id=ada.id, text=text, parse_mode="HTML")

    assert (await send("<b>" + "x" * 4096 + "</b>"))[0] == 200
    assert (await send("🎨" * 2048))[0] == 200
    for text in ("x" * 4097, "🎨" * 2048 + "x"):
        _, body = await send(text)
        assert body == {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: message is too long",
        }


async def test_an_empty_text_is_refused(bot: Bot, ada: Person) -> None:
    with pytest.raises(BadRequest, match=r"[Mm]essage text is empty"):
        await bot.send_message(ada.id, "  \n ")
    with pytest.raises(BadRequest, match=r"[Mm]essage text is empty"):
        await bot.send_message(ada.id, "<b></b>", parse_mode="HTML")


async def test_a_caption_may_have_1024_characters(bot: Bot, ada: Person, picture: Picture) -> None:
    await bot.send_photo(ada.id, picture(), caption="x" * 1024)
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(ada.id, picture(), caption="x" * 1025)


async def test_what_the_bot_sends_can_be_downloaded(
    bot: Bot, ada: Person, picture: Picture
) -> None:
    photo = await bot.send_photo(ada.id, picture(700, 500), caption="p")
    assert [(size.width, size.height) for size in photo.photo] == [
        (90, 64),
        (320, 229),
        (700, 500),
    ]
    original = picture(300, 200, "PNG")
    await bot.send_document(ada.id, original, filename="painting.png", caption="d")
    first, second = ada.from_bot()
    assert Image.open(io.BytesIO(first.data)).size == (700, 500)
    assert second.document is not None
    assert second.data == original
    fields = dict(second.document.fields)
    assert fields == {"file_name": "painting.png", "mime_type": "image/png"}
    assert second.document.thumbnail is not None


async def test_a_photo_can_be_sent_again_by_its_id(bot: Bot, ada: Person, picture: Picture) -> None:
    photo = await bot.send_photo(ada.id, picture())
    again = await bot.send_photo(ada.id, photo.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type photo as document"):
        await bot.send_document(ada.id, photo.photo[-1].file_id)
    with pytest.raises(BadRequest, match=r"[Ww]rong file identifier"):
        await bot.send_photo(ada.id, "AgACnonsense")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"this is no picture", "[Ii]mage_process_failed"),
        (_image(9000, 1001), "[Pp]hoto_invalid_dimensions"),
        (_image(21, 1), "[Pp]hoto_invalid_dimensions"),
        (bytes(10 * 1024 * 1024 + 1), "too big for a photo"),
        (b"", "non-empty"),
    ],
    ids=["no picture", "too large", "too narrow", "too heavy", "empty"],
)
async def test_photos_that_telegram_does_not_take(
    bot: Bot, ada: Person, data: bytes, text: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){text}"):
        await bot.send_photo(ada.id, data, filename="photo.jpg")


def test_documents_have_at_most_50_mb(sandbox: Sandbox) -> None:
    heavy = Upload("document", "heavy.tiff", "image/tiff", bytes(UPLOAD_LIMIT + 1))
    with pytest.raises(ApiError, match="413 Request Entity Too Large"):
        attachment(sandbox.world, "document", heavy, Arguments({}, {}))


async def test_an_album_is_several_messages_with_one_id(
    bot: Bot, ada: Person, picture: Picture
) -> None:
    media = [InputMediaPhoto(picture(seed=seed)) for seed in range(3)]
    sent = await bot.send_media_group(ada.id, media, caption="three")
    assert len({message.media_group_id for message in sent}) == 1
    assert [message.caption for message in sent] == ["three", None, None]
    with pytest.raises(BadRequest, match="2-10"):
        await bot.send_media_group(ada.id, media[:1])
    document = InputMediaDocument(picture())
    with pytest.raises(BadRequest):
        await bot.send_media_group(ada.id, [media[0], document])


async def test_a_reply_to_what_is_gone(bot: Bot, ada: Person) -> None:
    original = await ada.send_text("photo, please")
    await bot.send_message(ada.id, "yes", reply_to_message_id=original.message_id)
    assert ada.from_bot()[-1].reply_to == original.message_id
    await ada.delete(original)
    with pytest.raises(BadRequest, match=r"[Mm]essage to be replied not found"):
        await bot.send_message(ada.id, "?", reply_to_message_id=original.message_id)
    gentle = ReplyParameters(original.message_id, allow_sending_without_reply=True)
    await bot.send_message(ada.id, "no", reply_parameters=gentle)
    assert ada.from_bot()[-1].reply_to is None


async def test_replies_carry_their_original_one_level_deep(bot: Bot, ada: Person) -> None:
    first = await ada.send_text("first")
    second = await bot.send_message(ada.id, "second", reply_to_message_id=first.message_id)
    third = await bot.send_message(ada.id, "third", reply_to_message_id=second.message_id)
    assert third.reply_to_message is not None
    assert third.reply_to_message.text == "second"
    assert third.reply_to_message.reply_to_message is None


@pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33])
async def test_button_data_has_1_to_64_bytes(api: Api, ada: Person, data: str) -> None:
    rows = [[{"text": "Go", "callback_data": data}]]
    refusal = await api.refused(
        "sendMessage", chat_id=ada.id, text="x", reply_markup={"inline_keyboard": rows}
    )
    assert refusal == "Bad Request: BUTTON_DATA_INVALID"


async def test_force_reply_is_kept_but_not_shown(bot: Bot, ada: Person) -> None:
    sent = await bot.send_message(ada.id, "Send it", reply_markup=ForceReply(selective=True))
    assert sent.reply_markup is None
    assert ada.from_bot()[-1].markup == {"force_reply": True, "selective": True}


async def test_strangers_and_those_who_blocked(
    bot: Bot, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(12345, "hello")
    for call in (bot.send_message(bob.id, "hello"), bot.get_chat(bob.id)):
        with pytest.raises(BadRequest, match="Chat not found"):
            await call
    sandbox.group("Friends", ada, bob)
    assert (await bot.get_chat(bob.id)).first_name == "Bob"
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(bob.id, "hello")
    await ada.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ada.id, "hello")
    with pytest.raises(PermissionError):
        await ada.send_text("hello?")
    await ada.unblock()
    await bot.send_message(ada.id, "welcome back")
    *_, gone, back = await bot.get_updates()
    assert gone.my_chat_member is not None
    assert gone.my_chat_member.new_chat_member.status == "kicked"
    assert back.my_chat_member is not None
    assert back.my_chat_member.new_chat_member.status == "member"


async def test_chat_actions_are_seen(bot: Bot, ada: Person, sandbox: Sandbox) -> None:
    await bot.send_chat_action(ada.id, "upload_photo")
    assert sandbox.world.events[-1].kind is EventKind.ACTION
    assert sandbox.world.events[-1].detail == "upload_photo"
    with pytest.raises(BadRequest, match=r"[Ww]rong parameter action"):
        await bot.send_chat_action(ada.id, "dance")


async def test_copies_and_forwards(bot: Bot, ada: Person, bob: Person, picture: Picture) -> None:
    await bob.send_text("hello")
    photo = await ada.send_photo(picture(), "cat")
    await bot.copy_message(bob.id, ada.id, photo.message_id, caption="a copy")
    forwarded = await bot.forward_message(bob.id, ada.id, photo.message_id)
    copy, _ = bob.from_bot()
    assert (copy.words, copy.data) == ("a copy", photo.data)
    assert forwarded.forward_origin is not None
    assert forwarded.forward_origin.type == "user"
    with pytest.raises(BadRequest, match="to copy not found"):
        await bot.copy_message(bob.id, ada.id, 999)


async def test_stickers_and_animations(bot: Bot, ada: Person, picture: Picture) -> None:
    sticker = await bot.send_sticker(ada.id, picture(512, 512, "WEBP"))
    assert sticker.sticker is not None
    assert (sticker.sticker.width, sticker.sticker.is_animated) == (512, False)
    moving = await bot.send_document(ada.id, picture(80, 60, "GIF"), filename="x.gif")
    assert moving.animation is not None
    assert moving.document is not None
    assert (moving.animation.width, moving.animation.height) == (80, 60)
    await bot.send_animation(ada.id, picture(80, 60, "GIF"), filename="x.gif")
