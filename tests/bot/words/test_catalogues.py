"""Every language says everything, rightly and within Telegram's limits."""

import gettext
import io
import re
from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages import Catalog, Message

from bot.chat.replies import preference_texts
from bot.chat.replies.preference_texts import Choices, Topic
from bot.studio.courier.prompts import placeholder
from bot.studio.ledger.model import Draft, Preferences
from bot.telegram import menus, profile
from bot.telegram.place import Place
from bot.words import DOMAIN, LOCALES, Library, Words
from tools import catalogues
from tools.catalogues import forms, messages

LANGUAGES = ["ar", "de", "es", "fr", "it", "ja", "pt", "ru", "tr", "uk", "zh_Hans"]

TEXT = 4096
CAPTION = 1024
CALLBACK_ANSWER = 200
PLACEHOLDER = 64
COMMAND = 256
NAME, DESCRIPTION, SHORT_DESCRIPTION = 64, 512, 120
BUTTON = 40
"""Telegram cuts a button's text off where its row ends, about here in a row of its own."""
BUTTON_OF_THREE = 14

NEVER_IN_AN_ANSWER = ("Send me two pictures, one after", "Send me a photo and a picture whose")
"""All other messages are short enough even for the answer to a button."""

LONGEST = {
    "amount": "1,234.5",
    "bar": "█" * 12,
    "bot": "b" * 32,
    "cancelled": 100_000,
    "failed": 100_000,
    "free": "999.9 GB",
    "limit": 2000,
    "name": "n" * 32,
    "orders": "o" * 30,
    "page": 100,
    "pages": 100,
    "painted": 100_000,
    "percent": 100,
    "pixels": 1000,
    "running": 1000,
    "share": 999,
    "step": 10_000,
    "steps": 10_000,
    "style": "s" * 32,
    "styles": 10,
    "times": 100,
    "used": "999.9 GB",
    "value": "v" * 30,
    "waiting": 1000,
    "time": "t" * 30,
    "mean": "t" * 30,
    "most": "t" * 30,
}

SHORT_IN_THE_KEYBOARD = ("Stronger", "Softer", "Larger")
BUTTONS = (
    "Another style",
    "Back",
    "Cancel",
    "Done",
    "File",
    "Forget my choices",
    "Keep the photo's colours",
    "No",
    "Swap photo and style",
    "Take the style's colours",
    "Yes, forget",
    *SHORT_IN_THE_KEYBOARD,
)


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


@pytest.fixture(scope="module", params=["en", *LANGUAGES])
def words(request: pytest.FixtureRequest, library: Library) -> Words:
    return library.words(request.param)


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return catalogues.read(request.param)


def template() -> Catalog:
    return catalogues.read_template()


def length(text: str) -> int:
    """Telegram counts UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def ids(catalogue: Catalog) -> set[object]:
    return {message.id for message in messages(catalogue)}


def sources(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def filled(text: str) -> str:
    return text.format_map({"number": 200, **LONGEST})


def commands(text: str) -> list[str]:
    return sorted(re.findall(r"/[a-z]+(?:@\{bot\})?", text))


def numbers_of_forms(catalogue: Catalog) -> list[list[int]]:
    """The numbers from 0 to 200 that each plural form is for."""
    choose = gettext.c2py(catalogue.plural_expr)
    found: list[list[int]] = [[] for _ in range(catalogue.num_plurals)]
    for number in range(201):
        found[choose(number)].append(number)
    return found


def every_form() -> Iterator[tuple[str, Message, str]]:
    for language in LANGUAGES:
        for message in messages(catalogues.read(language)):
            for form in forms(message):
                yield language, message, form


def test_all_languages_are_there(library: Library) -> None:
    assert list(library.languages) == ["en", *LANGUAGES]
    assert catalogues.languages() == LANGUAGES


def test_the_template_has_every_sentence_of_the_code() -> None:
    extracted, committed = catalogues.extract(), template()
    assert len(extracted) > 180
    assert ids(extracted) == ids(committed), "run `make words`"


def test_a_language_has_every_sentence_and_no_doubtful_one(catalogue: Catalog) -> None:
    assert ids(catalogue) == ids(template()), "run `make words`"
    lacking = [message.id for message in messages(catalogue) if not all(forms(message))]
    assert not lacking
    assert not [message.id for message in messages(catalogue) if message.fuzzy]


def test_what_is_compiled_is_what_translators_wrote(catalogue: Catalog) -> None:
    path = LOCALES / str(catalogue.locale) / "LC_MESSAGES" / f"{DOMAIN}.mo"
    assert path.read_bytes() == catalogues.compiled(catalogue), "run `make words`"


def test_the_compiled_catalogue_answers_with_the_translation(catalogue: Catalog) -> None:
    compiled = gettext.GNUTranslations(io.BytesIO(catalogues.compiled(catalogue)))
    for message in messages(catalogue):
        if isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string


def test_placeholders_are_those_of_the_sentence(catalogue: Catalog) -> None:
    """A form for a single number may say it in words, as Arabic does; so may what covers one."""
    for message in messages(catalogue):
        wanted = set().union(*map(placeholders, sources(message)))
        if isinstance(message.id, str):
            assert placeholders(forms(message)[0]) == wanted, message.id
            continue
        for form, numbers in zip(forms(message), numbers_of_forms(catalogue), strict=True):
            found = placeholders(form)
            single = len([number for number in numbers if number]) <= 1
            assert found == wanted or (single and found == wanted - {"number"}), (message.id, form)


def test_every_number_has_a_form(catalogue: Catalog, library: Library) -> None:
    assert all(numbers_of_forms(catalogue)[1:])
    words = library.words(str(catalogue.locale))
    for message in messages(catalogue):
        if isinstance(message.id, str):
            continue
        assert len(forms(message)) == catalogue.num_plurals
        singular, plural = sources(message)
        for number in range(201):
            text = words.count(singular, plural, number, **LONGEST)
            assert text.strip()
            assert "{" not in text
            assert number < 3 or str(number) in text


def test_the_slavic_and_arabic_forms_go_with_their_numbers(library: Library) -> None:
    def days(language: str, number: int) -> str:
        return library.words(language).count(
            "{number} order today", "{number} orders today", number
        )

    assert [days("ru", n) for n in (1, 2, 5, 11, 21)] == [
        "1 заказ сегодня",
        "2 заказа сегодня",
        "5 заказов сегодня",
        "11 заказов сегодня",
        "21 заказ сегодня",
    ]
    assert days("uk", 22) == "22 замовлення сьогодні"
    assert [days("ar", n) for n in (0, 1, 2, 3, 11, 100)] == [
        "لا طلبات اليوم",
        "طلب واحد اليوم",
        "طلبان اليوم",
        "3 طلبات اليوم",
        "11 طلبًا اليوم",
        "100 طلب اليوم",
    ]
    assert days("ja", 1) == "今日の注文 1 件"


def test_commands_and_lines_stay_as_they_are() -> None:
    for language, message, form in every_form():
        source = sources(message)[-1]
        reduced = isinstance(message.id, tuple) and not commands(form)
        assert reduced or commands(form) == commands(source), (language, form)
        assert form.count("\n") == source.count("\n"), (language, form)
        assert form == form.strip(), (language, form)
        assert "!" not in form, (language, form)
        assert "¡" not in form, (language, form)


def test_every_sentence_is_within_telegrams_limits() -> None:
    english = [
        ("en", message, source) for message in messages(template()) for source in sources(message)
    ]
    for language, message, form in (*english, *every_form()):
        source = sources(message)[0]
        limit = CAPTION if source.startswith(NEVER_IN_AN_ANSWER) else CALLBACK_ANSWER
        assert 1 <= length(filled(form)) <= limit, (language, form)


def test_button_texts_are_short(words: Words) -> None:
    for text in BUTTONS:
        limit = BUTTON_OF_THREE if text in SHORT_IN_THE_KEYBOARD else BUTTON
        assert length(words.text(text)) <= limit, words.text(text)
    offered = Choices(holder_id=1, largest=4096, languages=("en", *LANGUAGES))
    for topic in Topic:
        keyboards = (
            preference_texts.topics_keyboard(words, offered, Preferences(keep_colours=True)),
            preference_texts.values_keyboard(words, offered, Preferences(), topic),
        )
        for keyboard in keyboards:
            for row in keyboard.inline_keyboard:
                for button in row:
                    assert length(button.text) * len(row) <= 3 * BUTTON_OF_THREE + 6, button.text


def test_menus_are_within_telegrams_limits(words: Words) -> None:
    for _, listed in menus.menus(words, {1}):
        for command in listed:
            assert 1 <= length(command.description) <= COMMAND


def test_the_profile_is_within_telegrams_limits(words: Words) -> None:
    assert 1 <= length(profile.name(words)) <= NAME
    assert 1 <= length(profile.description(words)) <= DESCRIPTION
    assert 1 <= length(profile.short_description(words)) <= SHORT_DESCRIPTION


def test_the_hints_fit_the_input_field(words: Words) -> None:
    for key in ("The picture whose style you like", "The photo to paint"):
        assert 1 <= length(words.text(key)) <= PLACEHOLDER
    draft = Draft(place=Place(chat_id=-1, private=False), user_id=1)
    assert placeholder(draft, words) == words.text("The photo to paint")


def test_captions_that_turn_an_album_round_are_one_word(words: Words) -> None:
    """`bot.chat.ordering.drafts.arranged` compares a whole caption with them."""
    for word in ("style", "swap", "photo"):
        assert re.fullmatch(r"\w+", words.text(word).replace("入れ替え", "x")), words.text(word)


def test_arabic_keeps_what_is_latin_together() -> None:
    """Right to left, a slash or a unit would else jump to the other end (UAX #9, isolates)."""
    begin, end = "[\u2066\u2068]", "\u2069"
    for message in messages(catalogues.read("ar")):
        for form in forms(message):
            assert len(re.findall(begin, form)) == form.count(end), form
            outside = re.sub(f"{begin}[^{end}]*{end}", "", form)
            assert not re.search(r"[A-Za-z/]", re.sub(r"\{\w+\}", "", outside)) or (
                sources(message)[0] == "Atelier"
            ), form
            assert not placeholders(outside) & {"bot", "free", "name", "style", "used"}, form


def test_the_arabic_bar_fills_from_the_right(library: Library) -> None:
    words = library.words("ar")
    line = words.text("{bar} {percent} %", bar="███░", percent=75)
    assert line.startswith("\u200f"), "without a strong letter the line has no direction"
    assert "\u206675%\u2069" in line


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("en-GB", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("pt-br", "pt"),
        ("PT", "pt"),
        ("zh-hans", "zh_Hans"),
        ("zh_CN", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("zh-hant-tw", "zh_Hans"),
        ("zh_Hans", "zh_Hans"),
        ("uk", "uk"),
        ("nl", "en"),
        ("-", "en"),
    ],
)
def test_the_closest_language_is_spoken(library: Library, tag: str | None, language: str) -> None:
    assert library.words(tag).language == language


def test_languages_are_offered_by_their_own_names(library: Library) -> None:
    assert [preference_texts.own_name(language) for language in library.languages] == [
        "English",
        "العربية",
        "Deutsch",
        "Español",
        "Français",
        "Italiano",
        "日本語",
        "Português",
        "Русский",
        "Türkçe",
        "Українська",
        "中文 (简体)",
    ]


def test_times_are_said_as_people_do(library: Library) -> None:
    assert library.words("en").seconds(41) == "about 40 seconds"
    assert library.words("de").seconds(200) == "etwa 3 Minuten"
    assert library.words("ar").seconds(120) == "نحو دقيقتين"
    assert library.words("ru").seconds(41) == "~40 сек"
    assert library.words("ja").seconds(7200) == "約 2 時間"
