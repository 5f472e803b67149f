"""Own styles over HTTP: `/save NAME`, choosing, listing, deleting."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.handlers.own_styles import MOST_STYLES, cleaned, is_name
from bot.gallery import normalised
from bot.sandbox import Group, Message, Person
from bot.studio.ledger.model import PictureState
from tests.bot.chat.conftest import House, picture
from tests.bot.chat.handlers.test_styles import is_gallery, label, says, shown
from tests.bot.chat.ordering.test_style_by_name import CALL, painted_in

HOW = (
    "Reply to a picture with /save and a name, like /save Water lilies, "
    "and I keep it for you as a style."
)
SAVED = "Saved as “{0}”. It is under /styles, and /stylize {0} paints in it."


def begins(text: str) -> Callable[[Message], bool]:
    return lambda message: message.words.startswith(text)


async def save(person: Person, name: str, seed: int = 5) -> Message:
    """A photo that is saved as a style; the bot's answer."""
    since = person.mark()
    await person.send_photo(picture(seed), f"/save {name}")
    return await person.wait_for(says(SAVED.format(name)), since=since)


@pytest.fixture
async def room(house: House, ada: Person, bob: Person) -> Group:
    room = house.sandbox.group("Friends", ada, bob)
    await ada.wait_for(lambda message: "Hello, I am Atelier" in message.words, chat=room)
    return room


async def test_a_saved_style_is_painted_in(house: House, ada: Person) -> None:
    own = await ada.send_photo(picture(5))
    await ada.wait_for(begins("Lovely."))
    await ada.send_text("/save Water lilies", reply_to=own)
    await ada.wait_for(says(SAVED.format("Water lilies")))
    # The picture was sent to be saved, not to be painted.
    photo = await ada.send_photo(picture(1), "/stylize water LILIES")
    order = await house.order()
    assert order.content.message_id == photo.message_id
    assert [style.message_id for style in order.styles] == [own.message_id]
    await painted_in(house)


async def test_a_name_works_in_groups_for_its_owner_only(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    await save(ada, "Lily")
    photo = await bob.send_photo(picture(1), chat=room)
    await bob.send_text(f"{CALL} lily", chat=room, reply_to=photo)
    await bob.wait_for(begins("I don't know a style called “lily”"), chat=room)
    await ada.send_text(f"{CALL} lily", chat=room, reply_to=photo)
    order = await house.order()
    assert (order.user_id, order.content.message_id) == (ada.id, photo.message_id)
    assert order.styles[0].place.chat_id == ada.id
    # Nor does a forged button.
    await bob.send_text("/styles@atelier_bot", chat=room)
    gallery = await bob.wait_for(is_gallery, chat=room)
    assert not any("Lily" in button.text for button in gallery.buttons)
    answer = await bob.press_data(gallery, "pick:o1:0")
    assert answer.alert
    assert len(await house.orders()) == 1


async def test_saving_in_a_group(house: House, room: Group, ada: Person, bob: Person) -> None:
    theirs = await bob.send_sticker(picture(3, (512, 512), "WEBP"), chat=room)
    await ada.send_text("/save@atelier_bot Cat", chat=room, reply_to=theirs)
    await ada.wait_for(
        says("Saved for you as “Cat”. /stylize@atelier_bot Cat paints in it."), chat=room
    )
    await ada.send_photo(picture(1), "/stylize cat")
    assert (await house.order()).styles[0].message_id == theirs.message_id


async def test_own_styles_come_first_in_private(
    house: House, room: Group, ada: Person, bob: Person
) -> None:
    for number in range(7):
        await save(ada, f"Style {number}", seed=number)
    await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    assert gallery.words == "Your own styles: tap one to choose it. Page 1 of 5."
    assert [button.text for button in gallery.buttons if "pick:" in button.data] == [
        f"{place}  Style {place - 1}" for place in range(1, 7)
    ]
    await ada.press(gallery, "›")
    assert shown(gallery).buttons[0].text == "1  Style 6"
    await ada.press(gallery, "›")
    assert shown(gallery).words == "My styles: tap one to choose it. Page 3 of 5."
    await ada.press(gallery, "‹")
    await ada.send_photo(picture(20))
    await ada.press(gallery, "1  Style 6")
    assert (await house.order()).styles[0].caption == "/save Style 6"
    for person, where in ((ada, room), (bob, bob)):
        await person.send_text("/styles@atelier_bot", chat=where)
        others = await person.wait_for(is_gallery, chat=where)
        assert others.words == "My styles: tap one to choose it. Page 1 of 3."


async def test_deleting(house: House, ada: Person) -> None:
    await save(ada, "Lily")
    await save(ada, "Rose", seed=6)
    await ada.send_text("/styles")
    gallery = await ada.wait_for(is_gallery)
    await ada.press(gallery, "Delete one…")
    assert shown(gallery).words == "Which one shall I delete?"
    await ada.press(gallery, "Back")
    await ada.press(gallery, "Delete one…")
    data = label(shown(gallery), "✕ Lily")
    assert (await ada.press(gallery, data)).text == "Deleted: Lily."
    assert not any("Lily" in button.text for button in shown(gallery).buttons)
    assert (await ada.press_data(gallery, data)).text == "That one is deleted already."
    async with house.ledger.begin() as transaction:
        gone = await transaction.picture(1)
    assert gone is not None
    assert gone.state is PictureState.GONE
    await ada.send_text("/stylize lily")
    await ada.wait_for(begins("I don't know a style called “lily”"))
    # With the last one the page goes, too.
    await ada.press(gallery, "Delete one…")
    await ada.press(gallery, label(shown(gallery), "✕ Rose"))
    assert shown(gallery).words == "My styles: tap one to choose it. Page 1 of 3."
    await ada.press_data(gallery, "tidy:0:0")
    assert shown(gallery).words == "My styles: tap one to choose it. Page 1 of 3."


async def test_nobody_deletes_anothers_style(house: House, ada: Person, bob: Person) -> None:
    await save(ada, "Lily")
    await bob.send_text("/styles")
    gallery = await bob.wait_for(is_gallery)
    await bob.press_data(gallery, "toss:1:0:0")
    async with house.ledger.begin() as transaction:
        assert [style.title for style in await transaction.saved_styles(ada.id)] == ["Lily"]


async def test_a_name_that_is_given_anew_stands_for_the_new_picture(
    house: House, ada: Person
) -> None:
    await save(ada, "Lily")
    new = await ada.send_photo(picture(6), "/save LILY")
    await ada.wait_for(says("“LILY” is this picture from now on."))
    await ada.send_photo(picture(1), "/stylize lily")
    assert (await house.order()).styles[0].message_id == new.message_id


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", HOW),
        ("x" * 33, "A name has 1 to 32 letters, digits, spaces or hyphens."),
        ("a/b", "A name has 1 to 32 letters, digits, spaces or hyphens."),
        ("---", "A name has 1 to 32 letters, digits, spaces or hyphens."),
        ("Mosaic", "“Mosaic” is a style of mine; please choose another name."),
        ("stained glass", "“stained glass” is a style of mine; please choose another name."),
    ],
)
async def test_a_name_of_no_use(house: House, ada: Person, name: str, said: str) -> None:
    await ada.send_photo(picture(5), f"/save {name}")
    await ada.wait_for(says(said))
    async with house.ledger.begin() as transaction:
        assert await transaction.saved_styles(ada.id) == []


async def test_what_cannot_be_saved(house: House, room: Group, ada: Person) -> None:
    await ada.send_text("/save Lily")
    await ada.wait_for(says(HOW))
    await ada.send_text("/save@atelier_bot Lily", chat=room)
    await ada.wait_for(begins("Reply to a picture with /save@atelier_bot"), chat=room)
    await ada.send_video(b"moves", caption="/save Lily")
    await ada.wait_for(begins("I can't paint videos"))
    bad = await ada.send_document(b"no picture", "a.png", "image/png", caption="/save Lily")
    told = await ada.wait_for(begins("That file is not a picture."))
    assert told.words == "That file is not a picture. So there is no style “Lily”."
    assert told.reply_to == bad.message_id
    await house.idle()
    assert not any("Saved" in message.words for message in ada.from_bot())
    async with house.ledger.begin() as transaction:
        assert await transaction.saved_styles(ada.id) == []


async def test_one_can_have_only_so_many(house: House, ada: Person) -> None:
    await save(ada, "Lily")
    async with house.ledger.begin() as transaction:
        [lily] = await transaction.saved_styles(ada.id)
        for number in range(MOST_STYLES - 1):
            await transaction.save_style(
                ada.id,
                lily.picture,
                name=f"n{number}",
                title=f"N{number}",
                language="en",
                limit=MOST_STYLES,
            )
    await ada.send_photo(picture(6), "/save Rose")
    await ada.wait_for(begins(f"You have {MOST_STYLES} styles, as many as I can keep"))


async def test_another_style_may_be_ones_own(house: House, ada: Person) -> None:
    await save(ada, "Lily")
    photo = await ada.send_photo(picture(1), "/stylize mosaic")
    house.engine.may_finish.set()
    painting = await ada.wait_for(
        lambda message: any(button.data == "styles:1" for button in message.buttons)
    )
    await ada.press(painting, "Another style")
    gallery = await ada.wait_for(is_gallery)
    await ada.press(gallery, label(gallery, "Lily"))
    order = await house.order(2)
    assert order.content.message_id == photo.message_id
    assert order.styles[0].caption == "/save Lily"


@pytest.mark.parametrize(
    "name", ["Lily", "Water lilies", "睡蓮", "Сирень 2", "زنبق", "L'été", "हिन्दी", "x" * 32]
)
def test_names_of_every_script_are_names(name: str) -> None:
    assert is_name(cleaned(name))


@given(st.text(max_size=50))
def test_a_name_is_found_by_itself(text: str) -> None:
    title = cleaned(text)
    assert cleaned(title) == title
    if is_name(title):
        assert 1 <= len(normalised(title)) <= 32
        assert normalised(normalised(title)) == normalised(title)
