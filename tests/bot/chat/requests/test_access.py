"""The allowlists, for messages, commands and buttons."""

import pytest

from bot.chat.requests.request import Person as Somebody
from bot.chat.requests.services import Access
from bot.sandbox import Person, Sandbox
from tests.bot.chat.conftest import Open, picture
from tests.bot.chat.handlers.test_cancel import has_cancel


@pytest.mark.parametrize(
    ("access", "person", "chat", "allowed"),
    [
        (Access(), Somebody(1), 1, True),
        (Access(), None, -5, True),
        (Access(users=frozenset({1})), Somebody(1), 1, True),
        (Access(users=frozenset({1})), Somebody(1), -5, True),
        (Access(users=frozenset({1})), Somebody(2), 2, False),
        (Access(users=frozenset({1})), None, -5, False),
        (Access(users=frozenset({-5})), Somebody(-5, is_user=False), -5, False),
        (Access(chats=frozenset({-5})), Somebody(2), -5, True),
        (Access(chats=frozenset({-5})), Somebody(-5, is_user=False), -5, True),
        (Access(chats=frozenset({-7})), Somebody(-7, is_user=False), -5, True),
        (Access(chats=frozenset({-5})), Somebody(2), 2, False),
        (Access(users=frozenset({1}), chats=frozenset({-5})), Somebody(1), 1, True),
        (Access(users=frozenset({1}), admins=frozenset({9})), Somebody(9), 9, True),
        (Access(admins=frozenset({9})), Somebody(2), 2, True),
    ],
)
def test_either_list_is_enough(
    access: Access, person: Somebody | None, chat: int, *, allowed: bool
) -> None:
    assert access.allows(person, chat) is allowed


async def test_a_stranger_is_turned_away_in_private(
    open_house: Open, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    house = await open_house(allowed_user_ids=frozenset({ada.id}))
    await bob.send_photo(picture(1))
    await bob.wait_for(lambda message: str(bob.id) in message.words)
    await bob.send_text("/start")
    await house.idle()
    assert len(bob.from_bot()) == 2
    assert not sandbox.calls("getFile")
    await ada.send_album([picture(1), picture(2)])
    card = await ada.wait_for(has_cancel)
    refused = await bob.press_data(card, "cancel:1")
    assert refused.alert
    assert "private" in refused.text
    assert not (await house.order()).state.final


@pytest.mark.parametrize("as_album", [True, False])
async def test_pictures_that_a_stranger_sends_at_once_get_one_refusal(
    open_house: Open, ada: Person, bob: Person, *, as_album: bool
) -> None:
    house = await open_house(allowed_user_ids=frozenset({ada.id}))
    if as_album:
        await bob.send_album([picture(1), picture(2)])
    else:
        await bob.send_photo(picture(1))
        await bob.send_photo(picture(2))
    await house.idle()
    assert len(bob.from_bot()) == 1


async def test_a_stranger_who_comes_back_is_answered_again(
    open_house: Open,
    sandbox: Sandbox,
    ada: Person,
    bob: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = await open_house(allowed_user_ids=frozenset({ada.id}))
    first = await bob.send_photo(picture(1))
    monkeypatch.setattr(sandbox.world, "now", lambda: first.date + 60)
    await bob.send_photo(picture(2))
    await house.idle()
    assert len(bob.from_bot()) == 2


async def test_strangers_meet_silence_in_groups_and_allowed_groups_are_open(
    open_house: Open, sandbox: Sandbox, bob: Person
) -> None:
    closed = sandbox.group("Closed", bob)
    opened = sandbox.group("Open", bob)
    house = await open_house(allowed_chat_ids=frozenset({opened.id}))
    await bob.send_photo(picture(1), "/stylize@atelier_bot", chat=closed)
    await bob.send_photo(picture(2), "/stylize@atelier_bot", chat=opened)
    await bob.wait_for(lambda message: "reply to this" in message.words, chat=opened)
    await house.idle()
    assert not closed.from_bot
