"""What is said to whoever sends more pictures than there is room for."""

import pytest

from bot.sandbox import Person, Sandbox
from tests.bot.chat.conftest import House, is_painting, picture

LOVELY = "Lovely. Now send the picture whose style you like."
NO_MORE = (
    "I can't take more pictures from you just now. Please send this one again later; "
    "/forget deletes those that I have."
)


@pytest.fixture
def _room_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.studio.ledger.pictures.MOST_BYTES", 2 * 64 * 1024)


@pytest.mark.usefixtures("_room_for_two")
async def test_of_many_pictures_too_many_it_is_said_once_and_the_rest_goes_on(
    house: House, ada: Person, bob: Person
) -> None:
    house.engine.may_finish.set()
    await ada.send_album([picture(1), picture(2), picture(3), picture(4)])
    await ada.wait_for(is_painting)
    for number in range(3):
        await ada.send_photo(picture(number))
    await bob.send_photo(picture(5))
    await bob.wait_for(lambda message: message.words == LOVELY)
    await house.idle()
    assert house.said() == [NO_MORE, LOVELY]
    assert not [message for message in bob.from_bot() if message.words == NO_MORE]


@pytest.mark.usefixtures("_room_for_two")
async def test_who_saves_a_style_or_asks_in_a_group_is_told_too(
    house: House, sandbox: Sandbox, ada: Person
) -> None:
    group = sandbox.group("Painters", ada)
    for number in range(2):
        await ada.send_photo(picture(number), f"/save lily {'i' * number}")
    await house.idle()
    await ada.send_photo(picture(3), "/save rose")
    await ada.send_photo(picture(4), "/stylize@atelier_bot", chat=group)
    for chat in (ada.chat, group.chat):
        await ada.wait_for(lambda message: message.words == NO_MORE, chat=chat)
