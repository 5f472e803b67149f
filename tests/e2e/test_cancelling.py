"""Cancelling a painting that would otherwise never end, and how many one person may have."""

import itertools
from collections.abc import AsyncGenerator
from statistics import median

import pytest
import pytest_asyncio

from bot.sandbox import Person
from tests.e2e import pictures
from tests.e2e.conftest import PATIENCE, Stage, card, card_says, is_card, is_running

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def ada(endless: Stage) -> AsyncGenerator[Person, None]:
    person = endless.person()
    yield person
    # The next test finds the engine free.
    while True:
        since = person.mark()
        await person.send_text("/cancel")
        said = await person.wait_for(
            lambda message: "ancel" in message.words and not is_card(message),
            timeout=PATIENCE,
            since=since,
        )
        if "nothing" in said.words:
            break


async def emerging(person: Person) -> None:
    """Wait until the picture emerges."""
    await person.wait_for(is_running, timeout=PATIENCE)


async def test_the_button_cancels(endless: Stage, ada: Person) -> None:
    await ada.send_album([pictures.photo(), pictures.style()])
    await emerging(ada)
    answer = await ada.press(await card(ada), "Cancel")
    await card_says(ada, "ancelled")
    assert not answer.alert
    await the_engine_is_free_for_another(endless)


async def the_engine_is_free_for_another(endless: Stage) -> None:
    """The computation was stopped, not only the talk about it: the next order begins."""
    bob = endless.person("Bob")
    await bob.send_album([pictures.photo(), pictures.style()])
    await emerging(bob)
    await bob.press(await card(bob), "Cancel")
    await card_says(bob, "ancelled")


async def test_the_command_cancels(endless: Stage, ada: Person) -> None:
    await ada.send_album([pictures.photo(), pictures.style()])
    await emerging(ada)
    await ada.send_text("/cancel")
    await card_says(ada, "ancelled")
    await the_engine_is_free_for_another(endless)


async def test_a_stranger_cannot_cancel(endless: Stage, ada: Person) -> None:
    mallory = endless.person("Mallory")
    await ada.send_album([pictures.photo(), pictures.style()])
    await emerging(ada)
    shown = await card(ada)
    data = next(button.data for button in shown.buttons)

    answer = await mallory.press_data(shown, data)

    assert "Only" in answer.text
    edited = await ada.wait_for(is_running, timeout=PATIENCE, since=ada.mark())
    assert is_card(edited)


async def test_cancelling_nothing_is_answered(endless: Stage) -> None:
    bob = endless.person("Bob")
    await bob.send_text("/cancel")
    said = await bob.wait_for(timeout=PATIENCE)
    assert said.words


async def test_cancelling_a_draft_forgets_the_photo(endless: Stage) -> None:
    bob = endless.person("Bob")
    await bob.send_photo(pictures.photo())
    await bob.wait_for(timeout=PATIENCE)
    since = bob.mark()
    await bob.send_text("/cancel")
    await bob.wait_for(timeout=PATIENCE, since=since)
    since = bob.mark()
    await bob.send_photo(pictures.photo())
    said = await bob.wait_for(timeout=PATIENCE, since=since)
    assert "style" in said.words
    assert not is_card(said)


async def test_nobody_has_more_orders_than_the_host_allows(ada: Person) -> None:
    cards: set[int] = set()
    for _ in range(2):
        await ada.send_album([pictures.photo(), pictures.style()])
        # A preview in the first one's card is no word about the second.
        shown = await ada.wait_for(
            lambda message: is_card(message) and message.message_id not in cards,
            timeout=PATIENCE,
        )
        cards.add(shown.message_id)
    since = ada.mark()
    await ada.send_album([pictures.photo(), pictures.style()])
    said = await ada.wait_for(
        lambda message: "already" in message.words, timeout=PATIENCE, since=since
    )
    assert "2 pictures" in said.words


async def test_who_waits_is_told_of_their_place(endless: Stage, ada: Person) -> None:
    bob = endless.person("Bob")
    await ada.send_album([pictures.photo(), pictures.style()])
    await emerging(ada)
    await bob.send_album([pictures.photo(), pictures.style()])
    # On a slow machine the card speaks of the fetching first.
    waiting = await bob.wait_for(
        lambda message: (
            is_card(message) and ("next" in message.words or "1 before" in message.words)
        ),
        timeout=PATIENCE,
    )
    await bob.press(waiting, "Cancel")
    await card_says(bob, "ancelled")


async def test_previews_come_at_a_bearable_pace(endless: Stage, ada: Person) -> None:
    await ada.send_album([pictures.photo(), pictures.style()])
    await emerging(ada)
    since = len(endless.sandbox.log)
    for _ in range(3):
        await ada.wait_for(is_running, timeout=PATIENCE, since=ada.mark())
    edits = [
        call.at
        for call in endless.sandbox.calls(
            "editMessageMedia", "editMessageCaption", "editMessageText", since=since
        )
        if call.params["chat_id"] == ada.id
    ]
    gaps = [later - earlier for earlier, later in itertools.pairwise(edits)]
    # The rule is two seconds as the bot sends. Where a busy machine takes one in late, the gap
    # after it is shorter by what the one before is longer.
    assert median(gaps) > 1.5
