"""The whole way in other languages, over HTTP: whose app speaks what, and who chose otherwise."""

import pytest

from bot.sandbox import Message, Person, Sandbox
from bot.words import Library
from tests.bot.chat.conftest import House, is_card, is_painting, picture

LANGUAGES = [code for code in Library().languages if code != "en"]


def from_telegram(sandbox: Sandbox, language: str) -> Person:
    """Somebody whose app is set so; Telegram's tags have hyphens and small letters."""
    return sandbox.person("Ada", language=language.replace("_", "-").lower())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_painting_is_talked_about_in_the_apps_language(house: House, language: str) -> None:
    ada = from_telegram(house.sandbox, language)
    words = Library().words(language)
    await ada.send_photo(picture(1))
    asked = words.text("Lovely. Now send the picture whose style you like.")
    await ada.wait_for(lambda message: message.words == asked)
    await ada.send_photo(picture(2))
    card = await ada.wait_for(lambda message: "cancel:" in str(message.buttons))
    assert words.text("Cancel") in [button.text for button in card.buttons]
    house.engine.may_finish.set()
    painting = await ada.wait_for(is_painting)
    assert words.text("Stronger") in [button.text for button in painting.buttons]
    assert (await house.order()).language == language
    english = {"Cancel", "Stronger", "Another style"}
    assert not english & {button.text for button in (*card.buttons, *painting.buttons)}


async def test_somebody_without_a_language_is_spoken_to_in_english(house: House) -> None:
    ada = house.sandbox.person("Ada", language="")
    await ada.send_text("/start")
    await ada.wait_for(lambda message: message.words.startswith("Welcome to Atelier."))


async def test_what_was_chosen_goes_before_the_app(house: House) -> None:
    ada = from_telegram(house.sandbox, "de")
    await ada.send_text("/settings")
    settings = await ada.wait_for(lambda message: "Deine Einstellungen" in message.words)
    await ada.press(settings, "Sprache: wie in Telegram")
    names = {button.text for button in settings.chat.messages[settings.message_id].buttons}
    assert {"English", "日本語", "العربية", "中文 (简体)"} <= names
    await ada.press(settings, "日本語")
    since = ada.mark()
    await ada.send_text("/help")
    await ada.wait_for(
        lambda message: "使い方" in message.words or "画風" in message.words, since=since
    )


@pytest.mark.usefixtures("house")
async def test_commands_in_arabic_sentences_can_be_tapped(sandbox: Sandbox) -> None:
    ada = from_telegram(sandbox, "ar")
    room = sandbox.group("أصدقاء", ada)

    def introduces(message: Message) -> bool:
        return "مرحبًا" in message.words

    hello = await ada.wait_for(introduces, chat=room)
    assert hello.commands == ["/stylize@atelier_bot"]
    await ada.send_text("/help")
    told = await ada.wait_for(lambda message: "/settings" in message.words)
    assert "/privacy" in told.commands
    assert "/save" in told.commands


@pytest.mark.usefixtures("house")
async def test_an_album_is_turned_round_by_a_word_of_its_language(
    house: House, sandbox: Sandbox
) -> None:
    ada = from_telegram(sandbox, "ru")
    await ada.send_album([picture(1), picture(2, (60, 90))], "Стиль")
    await ada.wait_for(lambda message: is_card(str(message.buttons)))
    with house.ledger.changed.subscribe() as changes:
        while (order := await house.order()).content.height is None:
            assert await changes.wait(10), "the photo was never fetched"
    assert order.content.width is not None
    assert order.content.height > order.content.width
