"""/privacy and /forget over HTTP."""

import asyncio
from datetime import timedelta
from pathlib import Path

from telegram import Update

from bot.chat.handlers.privacy import privacy
from bot.sandbox import Message, Person, Sandbox
from bot.sandbox.faults import hold
from bot.studio.ledger.model import Draft, PictureState, Preferences
from bot.telegram.place import Place
from bot.words import Library
from tests.bot.chat.conftest import House, Open, is_painting, picture


def asks(message: Message) -> bool:
    return any(button.data.startswith("forget:") for button in message.buttons)


def images(folder: Path) -> list[Path]:
    return list((folder / "images").glob("??/*"))


async def asked(person: Person, **where: object) -> Message:
    mark = person.mark()
    await person.send_text("/forget@atelier_bot", **where)  # type: ignore[arg-type]
    return await person.wait_for(asks, since=mark, **where)  # type: ignore[arg-type]


async def test_privacy_is_three_sentences_with_the_hosts_own_days(
    open_house: Open, sandbox: Sandbox, ada: Person
) -> None:
    await open_house(retention_days=3)
    await ada.send_text("/privacy")
    said = await ada.wait_for(lambda message: "3 days" in message.words)
    assert said.words.count(". ") == 2
    assert "/forget" in said.words
    group = sandbox.group("Friends", ada)
    await ada.send_text("/privacy@atelier_bot", chat=group)
    await ada.wait_for(lambda message: "3 days" in message.words, chat=group)


def test_privacy_counts_days_and_knows_none() -> None:
    words = Library().words("en")
    assert "1 day after" in privacy(words, timedelta(days=1))
    assert "as soon as" in privacy(words, timedelta(0))


async def test_forgetting_deletes_everything_at_once_and_says_so(
    house: House, ada: Person, bob: Person, tmp_path: Path
) -> None:
    house.engine.may_finish.set()
    await bob.send_album([picture(8), picture(9)])
    await bob.wait_for(is_painting)
    await ada.send_album([picture(1), picture(2)])
    painting = await ada.wait_for(is_painting)
    await ada.send_photo(picture(3))
    await ada.wait_for(lambda message: message.words.startswith("Lovely"))
    async with house.ledger.begin() as transaction:
        await transaction.save_preferences(ada.id, Preferences(quality="fine"))
    assert len(images(tmp_path)) == 7
    question = await asked(ada)
    await ada.press(question, "Yes, forget")
    said = ada.chat.messages[question.message_id]
    assert said.words.startswith("Forgotten")
    assert not said.buttons
    assert len(images(tmp_path)) == 3
    async with house.ledger.begin() as transaction:
        assert await transaction.order(2) is None
        assert await transaction.preferences(ada.id) == Preferences()
        place = Place(chat_id=ada.id)
        assert await transaction.draft(place, ada.id) == Draft(place=place, user_id=ada.id)
        assert await transaction.picture_of_message(ada.id, painting.message_id) is None
    assert [order.user_id for order in await house.orders()] == [bob.id]
    swap = await ada.press_data(painting, "again:2:swap")
    assert swap.alert
    await house.idle()
    async with house.ledger.begin() as transaction:
        assert await transaction.kept_updates() == []


async def test_what_is_being_painted_stops_and_its_card_says_so(
    house: House, ada: Person, tmp_path: Path
) -> None:
    await ada.send_album([picture(1), picture(2)])
    card = await ada.wait_for(lambda message: "cancel:1" in str(message.buttons))
    async with asyncio.timeout(10):
        await house.engine.began.wait()
    question = await asked(ada)
    await ada.press(question, "Yes, forget")
    async with asyncio.timeout(10):
        await house.engine.was_halted.wait()
    closed = await ada.wait_for(
        lambda message: message.message_id == card.message_id and not message.buttons
    )
    assert closed.words == "Cancelled."
    assert not images(tmp_path)
    assert not await house.orders()
    house.engine.may_finish.set()
    await ada.send_album([picture(3), picture(4)])
    await ada.wait_for(is_painting)


async def test_no_deletes_nothing_and_strangers_cannot_answer(
    house: House, sandbox: Sandbox, ada: Person, bob: Person, tmp_path: Path
) -> None:
    group = sandbox.group("Friends", ada, bob)
    await bob.send_photo(picture(1))
    await bob.wait_for(lambda message: message.words.startswith("Lovely"))
    question = await asked(bob, chat=group)
    # Ada runs the group, but Bob is his own.
    stranger = await ada.press(question, "Yes, forget")
    assert stranger.alert
    await bob.press(question, "No")
    assert group.chat.messages[question.message_id].words == "Nothing was deleted."
    await house.idle()
    assert len(images(tmp_path)) == 1


async def test_a_groups_admins_can_have_forgotten_what_was_done_in_its_name(
    house: House, sandbox: Sandbox, ada: Person, bob: Person, tmp_path: Path
) -> None:
    group = sandbox.group("Friends", ada, bob)
    group.promote(ada, anonymous=True)
    voice = group.anonymous(ada)
    await voice.send_photo(picture(1), "/stylize@atelier_bot")
    await ada.wait_for(lambda message: "reply to this" in message.words, chat=group)
    async with house.ledger.begin() as transaction:
        await transaction.save_preferences(group.id, Preferences(quality="fine"))
    mark = ada.mark()
    await voice.send_text("/forget@atelier_bot")
    question = await ada.wait_for(asks, chat=group, since=mark)
    assert "group's name" in question.words
    stranger = await bob.press(question, "Yes, forget")
    assert stranger.alert
    await ada.press(question, "Yes, forget")
    await house.idle()
    assert not images(tmp_path)
    async with house.ledger.begin() as transaction:
        assert await transaction.preferences(group.id) == Preferences()


async def test_a_photo_that_was_deleted_can_be_painted_again_from_its_message(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    group = sandbox.group("Friends", ada, bob)
    house.engine.may_finish.set()
    photo = await ada.send_photo(picture(1), chat=group)
    await bob.send_photo(picture(2), "/stylize@atelier_bot", chat=group, reply_to=photo)
    await bob.wait_for(is_painting, chat=group)
    question = await asked(ada, chat=group)
    await ada.press(question, "Yes, forget")
    first = await house.order()
    assert first.content.state is PictureState.GONE
    mark = bob.mark()
    await bob.send_photo(picture(3), "/stylize@atelier_bot", chat=group, reply_to=photo)
    await bob.wait_for(is_painting, chat=group, since=mark)
    again = await house.order(2)
    assert again.content.id == first.content.id
    assert again.content.state is PictureState.READY


async def test_a_card_on_its_way_goes_when_its_order_is_forgotten(
    house: House, ada: Person
) -> None:
    question = await asked(ada)
    arrived = asyncio.Event()
    house.sandbox.faults.add("sendMessage", hold(arrived, after_effect=True), chat=ada.id)
    await ada.send_album([picture(1), picture(2)])
    card = await ada.wait_for(lambda message: "cancel:" in str(message.buttons))
    await ada.press(question, "Yes, forget")
    arrived.set()
    gone = await ada.wait_for_deletion()
    assert gone.message_id == card.message_id


async def test_a_card_about_to_be_closed_goes_when_its_order_is_forgotten(
    house: House, ada: Person
) -> None:
    question = await asked(ada)
    await ada.send_album([picture(1), picture(2)])
    card = await ada.wait_for(lambda message: "cancel:" in str(message.buttons))
    told = asyncio.Event()
    house.sandbox.faults.add("sendPhoto", hold(told), chat=ada.id)
    house.engine.may_finish.set()
    with house.ledger.changed.subscribe() as changes:
        while not (await house.order()).state.final:
            assert await changes.wait(10)
    await ada.press(question, "Yes, forget")
    gone = await ada.wait_for_deletion()
    assert gone.message_id == card.message_id
    told.set()


async def test_updates_kept_before_lose_their_text(house: House, ada: Person) -> None:
    question = await asked(ada)
    release = asyncio.Event()
    entered = asyncio.Event()
    process = house.application.process_update

    async def slowly(update: object) -> None:
        if isinstance(update, Update) and update.message is not None:
            entered.set()
            await release.wait()
        await process(update)

    house.application.process_update = slowly  # type: ignore[method-assign]
    await ada.send_text("my secret")
    async with asyncio.timeout(10):
        await entered.wait()
    async with house.ledger.begin() as transaction:
        assert any("my secret" in payload for _, payload in await transaction.kept_updates())
    await ada.press(question, "Yes, forget")
    async with house.ledger.begin() as transaction:
        assert not any("my secret" in payload for _, payload in await transaction.kept_updates())
    release.set()
