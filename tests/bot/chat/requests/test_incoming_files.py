"""Files over HTTP: uncompressed pictures in, a painting of full quality out, stickers as styles."""

import io

import pytest
from PIL import Image

from bot.sandbox import Message, Person, Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.studio.ledger.model import PictureKind
from bot.telegram.backoff import Backoff
from bot.telegram.downloads import LIMIT
from tests.bot.chat.conftest import House, Open, picture
from tests.bot.chat.handlers.test_variations import delivered, painted, painted_in, settled


def is_file(message: Message) -> bool:
    return message.document is not None


async def test_the_painting_comes_as_a_file_just_as_it_was_painted(
    house: House, ada: Person
) -> None:
    painting = await painted(house, ada)
    answer = await ada.press(painting, "File")
    assert (answer.text, answer.alert) == ("Coming up: the file.", False)
    file = await ada.wait_for(is_file)
    assert file.data == picture(99)
    assert file.reply_to == painting.message_id
    assert file.document is not None
    assert dict(file.document.fields)["file_name"] == "atelier-1.jpg"
    assert not file.buttons
    assert len(await house.orders()) == 1


async def test_a_file_can_be_had_again_but_one_press_brings_one(house: House, ada: Person) -> None:
    painting = await painted(house, ada)
    await ada.press(painting, "File")
    await ada.wait_for(is_file)
    await _sent(house, 1)
    for update_id in list(house.sandbox.world.updates.history):
        house.sandbox.world.updates.redeliver(update_id)
    await ada.send_text("/help")
    await ada.wait_for(lambda message: "/cancel" in message.words)
    await house.idle()
    assert len(_files(ada)) == 1
    await ada.press(painting, "File")
    await _sent(house, 2)
    assert len(_files(ada)) == 2


async def test_a_file_waits_until_telegram_takes_it(
    house: House, sandbox: Sandbox, ada: Person
) -> None:
    painting = await painted(house, ada)
    sandbox.faults.add("sendDocument", faults.retry_after(1), times=2)
    await ada.press(painting, "File")
    assert (await ada.press(painting, "File")).text == "It is on its way already."
    await ada.wait_for(is_file)
    await _sent(house, 1)
    assert len(_files(ada)) == 1


async def test_a_file_whose_answer_was_lost_comes_all_the_same(
    house: House, sandbox: Sandbox, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.studio.courier.outbox.BACKOFF", Backoff(longest=0.05))
    painting = await painted(house, ada)
    sandbox.faults.add("sendDocument", faults.lost_request())
    await ada.press(painting, "File")
    await ada.wait_for(is_file)
    await _sent(house, 1)
    # The painting itself is not touched by what happens to its file.
    assert sandbox.calls("editMessageMedia") == []


async def test_where_files_are_not_allowed_the_bot_says_so(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    room = sandbox.group("Friends", ada, bob)
    painting = await painted_in(house, room, ada)
    refusal = ApiError(400, "Bad Request: not enough rights to send documents to the chat")
    sandbox.faults.add("sendDocument", faults.refusal(refusal))
    await bob.press(painting, "File")
    said = await bob.wait_for(lambda m: "not allowed to send files" in m.words, chat=room)
    assert said.reply_to == painting.message_id


async def test_a_file_that_is_deleted_meanwhile_is_missed_in_words(
    house: House, sandbox: Sandbox, ada: Person
) -> None:
    painting = await painted(house, ada)
    sandbox.faults.add("sendDocument", faults.retry_after(1))
    await ada.press(painting, "File")
    await sandbox.wait_for_call("sendDocument")
    async with house.ledger.begin() as transaction:
        order = await transaction.order(1)
    assert order is not None
    await house.files.delete(order.painting or "")
    await ada.wait_for(lambda m: m.words == "I no longer have this painting; it has been deleted.")
    assert not _files(ada)


async def test_the_largest_variant_of_a_photo_is_painted(house: House, ada: Person) -> None:
    await ada.send_photo(picture(1, (1600, 1200)))
    await house.idle()
    await ada.send_document(picture(2, (1600, 1200), "PNG"), "style.png", "image/png")
    house.engine.may_finish.set()
    order = await settled(house, 1)
    # Telegram has made the photo smaller; a file comes as it is.
    assert (order.content.width, order.content.height) == (1280, 960)
    assert (order.styles[0].width, order.styles[0].height) == (1600, 1200)


async def test_stickers_are_styles_first_and_photos_where_only_a_photo_is_missing(
    house: House, ada: Person
) -> None:
    style = await ada.send_sticker(_sticker())
    await ada.wait_for(lambda message: message.words.startswith("A fine style."))
    photo = await ada.send_sticker(_sticker("navy"))
    house.engine.may_finish.set()
    order = await settled(house, 1)
    assert order.content.kind is order.styles[0].kind is PictureKind.STICKER
    assert (order.content.message_id, order.styles[0].message_id) == (
        photo.message_id,
        style.message_id,
    )


async def test_a_picture_that_was_sent_before_is_not_fetched_again(
    house: House, ada: Person, bob: Person
) -> None:
    await painted(house, ada)
    fetched = len(house.sandbox.calls("getFile"))
    photo = await bob.send_photo(picture(1))
    await house.idle()
    await bob.send_photo(picture(3))
    order = await settled(house, 2)
    assert len(house.sandbox.calls("getFile")) == fetched + 1
    first = await house.order()
    assert order.content.message_id == photo.message_id
    # A file of its own: deleting the one leaves the other.
    assert order.content.path != first.content.path
    assert await house.files.read(order.content.path or "") == await house.files.read(
        first.content.path or ""
    )


async def test_a_file_over_the_limit_hears_how_large_it_may_be(
    open_house: Open, ada: Person
) -> None:
    house = await open_house()
    await ada.send_photo(picture(1))
    await ada.wait_for()
    await ada.send_document(bytes(LIMIT + 1), "style.bmp", "image/bmp")
    said = await ada.wait_for(lambda message: "too large" in message.words)
    assert "at most 20 MB" in said.words
    await ada.send_photo(picture(2))
    await house.order()


def _files(person: Person) -> list[Message]:
    return [message for message in person.from_bot() if is_file(message)]


async def _sent(house: House, number: int) -> None:
    """Wait until so many files have been sent and nothing more is under way."""
    with house.ledger.changed.subscribe() as changes:
        while sum(call.result is not None for call in house.sandbox.calls("sendDocument")) < number:
            assert await changes.wait(10)
    await delivered(house)


def _sticker(colour: str = "orange") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (512, 512), colour).save(buffer, "WEBP")
    return buffer.getvalue()
