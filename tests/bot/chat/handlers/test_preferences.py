"""/settings over HTTP: for a person, for a group, and whose press counts."""

import asyncio
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.chat.replies.preference_texts import (
    NOTHING,
    Choices,
    Topic,
    own_name,
    topics_keyboard,
    value_of,
    values_keyboard,
)
from bot.sandbox import ChatKind, Message, Person, Sandbox
from bot.studio.ledger.model import Preferences, Wishes
from bot.studio.variations import Sizes
from bot.words import Library
from tests.bot.chat.conftest import House, Open, picture


def is_settings(message: Message) -> bool:
    return any(button.data.startswith("set:") for button in message.buttons)


async def settings_of(person: Person) -> Message:
    await person.send_text("/settings")
    return await person.wait_for(is_settings, since=person.mark() - 1)


async def ordered(house: House, person: Person, number: int = 1) -> Wishes:
    await person.send_album([picture(2 * number), picture(2 * number + 1)])
    return (await house.order(number)).wishes


async def press(person: Person, message: Message, *buttons: str) -> None:
    for button in buttons:
        answer = await person.press(message, button)
        assert not answer.alert, answer.text


def labels(message: Message) -> list[str]:
    now = message.chat.messages[message.message_id]
    return [button.text for button in now.buttons]


@pytest.fixture
def bilingual(tmp_path: Path) -> Library:
    """A library that speaks two sentences of German."""
    catalogue = Catalog(locale="de")
    sentences = {
        "Your settings, for your next paintings. In a group, the group's own come first.": (
            "Deine Einstellungen für die nächsten Bilder."
        ),
        "There is nothing to cancel.": "Da gibt es nichts abzubrechen.",
    }
    for english, german in sentences.items():
        catalogue.add(english, german)
    folder = tmp_path / "locales" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "atelier.mo").open("wb") as file:
        write_mo(file, catalogue)
    return Library(tmp_path / "locales")


async def test_a_persons_choices_apply_to_their_next_orders(house: House, ada: Person) -> None:
    message = await settings_of(ada)
    assert "Quality: as usual" in labels(message)
    await press(ada, message, "Quality: as usual", "fine")
    await press(ada, message, "Size: as usual", "384")
    await press(ada, message, "Strength of the style: as usual", "80")
    await press(ada, message, "Keep the photo's colours: as usual", "yes")
    assert labels(message)[:4] == [
        "Quality: fine",
        "Size: 384",
        "Strength of the style: 80",
        "Keep the photo's colours: yes",
    ]
    await press(ada, message, "Done")
    assert not labels(message)
    assert "Quality: fine" in message.chat.messages[message.message_id].words
    assert len(ada.from_bot()) == 1
    wishes = await ordered(house, ada)
    assert wishes == Wishes(quality="fine", size=384, strength=80, keep_colours=True)
    async with asyncio.timeout(10):
        await house.engine.began.wait()
    job = house.engine.jobs[0]
    assert (job.quality, job.size, job.strength, job.keep_colours) == ("fine", 384, 80, True)


async def test_choices_can_be_taken_back_one_by_one_and_all_at_once(
    house: House, ada: Person
) -> None:
    message = await settings_of(ada)
    await press(ada, message, "Quality: as usual", "quick", "Quality: quick")
    assert "✓ quick" in labels(message)
    await press(ada, message, "as usual")
    assert "Quality: as usual" in labels(message)
    await press(ada, message, "Quality: as usual", "Back")
    await press(ada, message, "Size: as usual", "512", "Forget my choices")
    assert "Forget my choices" not in labels(message)
    assert await ordered(house, ada) == Wishes()


async def test_pressing_twice_is_no_fault(house: House, ada: Person) -> None:
    message = await settings_of(ada)
    for _ in range(2):
        answer = await ada.press_data(message, f"set:{ada.id}:quality:fine")
        assert (answer.text, answer.alert) == ("", False)
    assert (await ordered(house, ada)).quality == "fine"


async def test_nobody_presses_anothers_settings_nor_what_is_not_on_offer(
    open_house: Open, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    house = await open_house(sizes=Sizes(usual=256, largest=384))
    message = await settings_of(ada)
    forged = await bob.press_data(message, f"set:{ada.id}:quality:fine")
    assert forged.alert
    for data in (f"set:{ada.id}:size:512", f"set:{ada.id}:quality:best", f"set:{ada.id}:size:x"):
        assert (await ada.press_data(message, data)).alert
    strange = await ada.press_data(message, f"set:{ada.id}:colour")
    assert not strange.alert
    await press(ada, message, "Size: as usual")
    assert "384" in labels(message)
    assert "512" not in labels(message)
    group = sandbox.group("Friends", ada)
    elsewhere = await ada.press_data(message, f"set:{group.id}:quality:fine")
    assert elsewhere.alert
    assert await ordered(house, ada) == Wishes()


async def test_a_choice_is_cut_to_what_the_host_allows_now(open_house: Open, ada: Person) -> None:
    house = await open_house(sizes=Sizes(usual=256, largest=384))
    async with house.ledger.begin() as transaction:
        await transaction.save_preferences(ada.id, Preferences(size=1024))
    assert (await ordered(house, ada)).size == 384


async def test_a_groups_choices_come_before_its_members_and_only_there(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    group = sandbox.group("Friends", ada, bob)
    private = await settings_of(bob)
    await press(bob, private, "Quality: as usual", "fine")
    await press(bob, private, "Strength of the style: as usual", "30")

    await ada.send_text("/settings@atelier_bot", chat=group)
    message = await ada.wait_for(is_settings, chat=group)
    stranger = await bob.press(message, "Quality: as each person likes")
    assert stranger.alert
    await press(ada, message, "Quality: as each person likes", "quick")
    await press(ada, message, "Size: as each person likes", "256", "Done")

    await bob.send_photo(picture(1), "/stylize@atelier_bot", chat=group)
    asked = await bob.wait_for(lambda m: "reply to this" in m.words, chat=group)
    await bob.send_photo(picture(2), chat=group, reply_to=asked)
    assert (await house.order()).wishes == Wishes(quality="quick", size=256, strength=30)
    assert await ordered(house, bob, 2) == Wishes(quality="fine", strength=30)


async def test_members_are_sent_to_their_own_settings(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    group = sandbox.group("Friends", ada, bob)
    await bob.send_text("/settings@atelier_bot", chat=group)
    answer = await bob.wait_for(lambda m: "admins" in m.words, chat=group)
    assert not answer.buttons
    await house.idle()
    assert not any(is_settings(message) for message in group.from_bot)


async def test_anonymous_admins_and_grown_groups_keep_the_groups_choices(
    house: House, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    group = sandbox.group("Friends", ada, bob, kind=ChatKind.GROUP)
    await ada.send_text("/settings@atelier_bot", chat=group)
    first = await ada.wait_for(is_settings, chat=group)
    await press(ada, first, "Quality: as each person likes", "fine")
    grown = group.migrate()
    await house.idle()
    grown.promote(bob, anonymous=True)
    await grown.anonymous(bob).send_text("/settings@atelier_bot")
    message = await bob.wait_for(is_settings, chat=grown)
    assert "Quality: fine" in labels(message)
    await press(bob, message, "Quality: fine", "standard")
    assert "Quality: standard" in labels(message)


async def test_a_chosen_language_comes_before_telegrams_and_a_groups_before_both(
    open_house: Open, sandbox: Sandbox, bilingual: Library
) -> None:
    house = await open_house(library=bilingual)
    ada = sandbox.person("Ada", language="en")
    message = await settings_of(ada)
    assert "Language: as in Telegram" in labels(message)
    await press(ada, message, "Language: as in Telegram", "Deutsch")
    assert message.chat.messages[message.message_id].words.startswith("Deine Einstellungen")
    await ada.send_text("/cancel")
    await ada.wait_for(lambda m: m.words.startswith("Da gibt es nichts"))
    await ada.send_album([picture(1), picture(2)])
    assert (await house.order()).language == "de"

    group = sandbox.group("Friends", ada)
    await ada.send_text("/cancel@atelier_bot", chat=group)
    await ada.wait_for(lambda m: m.words.startswith("Da gibt es nichts"), chat=group)
    async with house.ledger.begin() as transaction:
        await transaction.save_preferences(group.id, Preferences(language="en"))
    await house.chat.resume()
    await ada.send_text("/cancel@atelier_bot", chat=group)
    await ada.wait_for(lambda m: m.words.startswith("There is nothing"), chat=group)


async def test_there_is_no_choice_of_one_language(
    open_house: Open, ada: Person, tmp_path: Path
) -> None:
    await open_house(library=Library(tmp_path / "none"))
    message = await settings_of(ada)
    assert not any(label.startswith("Language") for label in labels(message))


def test_languages_are_called_what_their_speakers_call_them() -> None:
    assert own_name("de") == "Deutsch"
    assert own_name("zh_Hans") == "中文 (简体)"
    assert own_name("xx") == "xx"


@pytest.mark.parametrize("holder_id", [123_456_789_012_345, -1_001_234_567_890_123])
def test_callback_data_fits(holder_id: int) -> None:
    codes = ("en", "zh_Hans", "pt_BR")
    choices = Choices(holder_id=holder_id, largest=4096, languages=codes)
    words = Library().words("en")
    keyboards = [topics_keyboard(words, choices, Preferences(size=512))]
    keyboards += [values_keyboard(words, choices, Preferences(), topic) for topic in Topic]
    data = [
        str(button.callback_data)
        for keyboard in keyboards
        for row in keyboard.inline_keyboard
        for button in row
    ]
    assert max(len(one.encode()) for one in data) <= 64
    assert len(data) > 30


def test_each_value_on_offer_can_be_chosen_and_read_back() -> None:
    choices = Choices(holder_id=1, largest=2048, languages=("en", "de"))
    for topic in Topic:
        for value in [*choices.values(topic), NOTHING]:
            chosen = choices.choose(Preferences(), topic, value)
            assert chosen is not None
            assert value_of(chosen, topic) == value
    assert Choices(holder_id=1, largest=64, languages=("en",)).values(Topic.SIZE) == ["64"]
