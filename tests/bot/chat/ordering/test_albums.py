"""Albums over HTTP: collected, ordered, resumed, and told apart from single pictures."""

import asyncio

from telegram import Update

from bot.sandbox import Person
from bot.sandbox.faults import hold, lost_request
from bot.studio.ledger.model import Order, OrderState, PictureState
from bot.telegram.place import Place
from tests.bot.chat.conftest import House, Open, is_painting, picture

LOVELY = "Lovely. Now send the picture whose style you like."


def roles(order: Order) -> tuple[int, ...]:
    return (order.content.message_id, *(style.message_id for style in order.styles))


async def test_an_album_of_two_is_one_order(house: House, ada: Person) -> None:
    photo, style = await ada.send_album([picture(1), picture(2)])
    assert roles(await house.order()) == (photo.message_id, style.message_id)
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting)
    assert painting.reply_to == photo.message_id
    assert house.said() == []
    assert len(await house.orders()) == 1


async def test_an_album_is_not_torn_apart_however_slowly_it_is_handled(
    open_house: Open, ada: Person
) -> None:
    house = await open_house(album_quiet=0.0, most_styles=4)
    sent = await ada.send_album([picture(number) for number in range(5)])
    assert roles(await house.order()) == tuple(message.message_id for message in sent)


async def test_an_album_of_files_is_one_order(house: House, ada: Person) -> None:
    photo, style = await ada.send_album([picture(1), picture(2)], as_documents=True)
    assert roles(await house.order()) == (photo.message_id, style.message_id)


async def test_the_caption_turns_an_album_round(house: House, ada: Person) -> None:
    first, second = await ada.send_album([picture(1), picture(2)], "Style")
    assert roles(await house.order()) == (second.message_id, first.message_id)
    first, second = await ada.send_album([picture(3), picture(4)], "photo", captioned=1)
    assert roles(await house.order(2)) == (second.message_id, first.message_id)
    first, second = await ada.send_album([picture(5), picture(6)], "My style of life")
    assert roles(await house.order(3)) == (first.message_id, second.message_id)


async def test_further_pictures_are_styles_as_far_as_they_can_be_blended(
    open_house: Open, ada: Person
) -> None:
    house = await open_house(most_styles=3)
    sent = await ada.send_album([picture(number) for number in range(5)])
    order = await house.order()
    assert roles(order) == tuple(message.message_id for message in sent[:4])
    await ada.wait_for(lambda message: "3 styles at most; 1 more is left out" in message.words)


async def test_without_blending_it_is_said_which_pictures_were_used(
    house: House, ada: Person
) -> None:
    sent = await ada.send_album([picture(number) for number in range(3)])
    assert roles(await house.order()) == (sent[0].message_id, sent[1].message_id)
    await ada.wait_for(lambda message: "1 more is left out" in message.words)


async def test_an_album_of_one_is_a_single_picture(house: House, ada: Person) -> None:
    alone = await ada.send_photo(picture(1), album="42")
    await ada.wait_for(lambda message: message.words == LOVELY)
    style = await ada.send_photo(picture(2))
    assert roles(await house.order()) == (alone.message_id, style.message_id)


async def test_a_broken_picture_is_named_when_the_album_is_settled(
    open_house: Open, ada: Person
) -> None:
    house = await open_house(album_quiet=60.0)
    album = house.sandbox.world.new_album()
    photo = await ada.send_photo(picture(1), album=album)
    await ada.send_document(b"no picture", "style.png", "image/png", album=album)
    await _until_refused(house, 2)
    await house.chat.albums.flush(ada.id)
    answer = await ada.wait_for(lambda message: "Your photo is kept" in message.words)
    assert answer.words.startswith("1 of these pictures can't be used.")
    style = await ada.send_photo(picture(2))
    assert roles(await house.order()) == (photo.message_id, style.message_id)
    assert len(house.said()) == 1


async def test_a_broken_picture_of_an_album_is_told_though_the_first_telling_is_lost(
    open_house: Open, ada: Person
) -> None:
    house = await open_house(album_quiet=60.0)
    album = house.sandbox.world.new_album()
    for number in (1, 2):
        await ada.send_photo(picture(number), album=album)
    await ada.send_document(b"no picture", "style.png", "image/png", album=album)
    await _until_refused(house, 3)
    house.sandbox.faults.add("sendMessage", lost_request(), chat=ada.id)
    await house.chat.albums.flush(ada.id)
    told = await ada.wait_for(lambda message: "these pictures can't be used" in message.words)
    # The other two are an order, so that nothing is asked for.
    assert told.words == "1 of these pictures can't be used."
    assert roles(await house.order()) == (1, 2)


async def test_a_picture_that_turns_out_broken_after_the_order_takes_it_back(
    house: House, ada: Person
) -> None:
    gate = asyncio.Event()
    house.sandbox.faults.add("download", hold(gate), times=2)
    album = house.sandbox.world.new_album()
    photo = await ada.send_photo(picture(1), album=album)
    await ada.send_document(b"no picture", "style.png", "image/png", album=album)
    assert (await house.order()).state is OrderState.PREPARING
    gate.set()
    await ada.wait_for(lambda message: "Your photo is kept" in message.words)
    style = await ada.send_photo(picture(2))
    assert roles(await house.order(2)) == (photo.message_id, style.message_id)
    assert len(house.said()) == 1


async def test_an_album_of_videos_is_declined_once(house: House, ada: Person) -> None:
    album = house.sandbox.world.new_album()
    for number in range(3):
        name = f"{number}.pdf"
        await ada.send_document(b"%PDF", name, "application/pdf", album=album)
    await ada.send_text("/help")
    await ada.wait_for(lambda message: "/cancel" in message.words)
    assert len(house.said()) == 2


async def test_what_follows_an_album_at_once_does_not_mix_with_it(
    open_house: Open, ada: Person
) -> None:
    house = await open_house(album_quiet=30.0)
    photo, style = await ada.send_album([picture(1), picture(2)])
    other = await ada.send_photo(picture(3))
    assert roles(await house.order()) == (photo.message_id, style.message_id)
    await ada.wait_for(lambda message: message.words == LOVELY)
    last = await ada.send_photo(picture(4))
    assert roles(await house.order(2)) == (other.message_id, last.message_id)


async def test_a_part_that_comes_late_fills_the_gap_or_is_left_out(
    house: House, ada: Person
) -> None:
    photo = await ada.send_photo(picture(1), album="late")
    await ada.wait_for(lambda message: message.words == LOVELY)
    style = await ada.send_photo(picture(2), album="late")
    assert roles(await house.order()) == (photo.message_id, style.message_id)
    await ada.send_photo(picture(3), album="late")
    await ada.wait_for(lambda message: "left out" in message.words)
    assert len(await house.orders()) == 1


async def test_an_album_is_taken_up_again_after_a_kill(open_house: Open, ada: Person) -> None:
    first = await open_house(album_quiet=60.0)
    photo, style = await ada.send_album([picture(1), picture(2)])
    async with first.ledger.begin() as transaction:
        assert not await transaction.open_albums()
    await _until_open(first)
    # As the system does for whoever is killed.
    await first.ledger._sole_use.close()
    second = await open_house()
    assert roles(await second.order()) == (photo.message_id, style.message_id)
    updates = first.sandbox.world.updates.history.values()
    for update in updates:
        again = Update.de_json(update.to_json(), second.application.bot)
        await second.application.process_update(again)
    await ada.send_text("/help")
    await ada.wait_for(lambda message: "/cancel" in message.words)
    assert len(await second.orders()) == 1


async def test_a_full_house_keeps_the_photo_of_an_album(open_house: Open, ada: Person) -> None:
    house = await open_house(max_orders_per_user=1)
    await ada.send_album([picture(1), picture(2)])
    await house.order()
    photo, _ = await ada.send_album([picture(3), picture(4)])
    await ada.wait_for(lambda message: "You already have 1 picture" in message.words)
    async with house.ledger.begin() as transaction:
        draft = await transaction.draft(Place(chat_id=ada.id), ada.id)
    assert draft.content is not None
    assert draft.content.message_id == photo.message_id


async def test_albums_of_two_people_are_two_whatever_they_are_called(
    house: House, ada: Person, bob: Person
) -> None:
    for person in (ada, bob):
        await person.send_video(b"moves", album="1")
    for person in (ada, bob):
        await person.wait_for(lambda message: message.words.startswith("I can't paint videos"))
    await house.idle()
    assert len(house.said()) == 2


async def _until_open(house: House) -> None:
    with house.ledger.changed.subscribe() as changes:
        while True:
            async with house.ledger.begin() as transaction:
                albums = await transaction.open_albums()
            if albums and len(albums[0]) == 2:
                return
            assert await changes.wait(10)


async def _until_refused(house: House, picture_id: int) -> None:
    with house.ledger.changed.subscribe() as changes:
        while True:
            async with house.ledger.begin() as transaction:
                found = await transaction.picture(picture_id)
            if found is not None and found.state is PictureState.REFUSED:
                return
            assert await changes.wait(10)
