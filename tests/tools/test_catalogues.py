"""The translators' round: extract, merge, translate, compile."""

from pathlib import Path

import pytest
from babel.core import UnknownLocaleError

from bot.words import DOMAIN, Library
from tools import catalogues
from tools.catalogues import forms, main, messages

CODE = '''
"""A part of a bot."""
def greet(words):
    """Say it."""
    # Translators: said at the door.
    hello = words.text("Hello, {name}.", name="Ada")
    many = words.count("{number} cat", "{number} cats", 3)
    return hello, many, "cats".count("a"), N_("Door")
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "sandbox").mkdir(parents=True)
    (folder / "door.py").write_text(CODE, encoding="utf-8")
    (folder / "sandbox" / "far.py").write_text("args.text('not ours')", encoding="utf-8")
    return folder


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    folder = tmp_path / "locales"
    folder.mkdir()
    return folder


def test_only_what_is_said_is_extracted(package: Path) -> None:
    found = {message.id: message for message in messages(catalogues.extract(package))}
    assert set(found) == {"Hello, {name}.", ("{number} cat", "{number} cats"), "Door"}
    assert found["Hello, {name}."].auto_comments == ["said at the door."]
    assert found["Door"].locations[0][0] == "shop/door.py"


def _translate(package: Path, locales: Path) -> None:
    catalogues.begin("de", locales)
    catalogues.renew(locales, package)
    catalogue = catalogues.read("de", locales)
    texts = {"Hello, {name}.": "Hallo, {name}.", "Door": "Tür"}
    for message in messages(catalogue):
        if isinstance(message.id, str):
            message.string = texts[message.id]
        else:
            message.string = ("{number} Katze", "{number} Katzen")
    path = locales / "de" / "LC_MESSAGES" / f"{DOMAIN}.po"
    path.write_bytes(catalogues.rendered(catalogue))


def test_a_language_goes_its_way(package: Path, locales: Path) -> None:
    catalogues.begin("de", locales)
    assert catalogues.renew(locales, package) == {"de": 3}
    assert Library(locales).words("de").text("Door") == "Door", "English until it is translated"
    _translate(package, locales)
    assert catalogues.renew(locales, package) == {"de": 0}
    words = Library(locales).words("de-CH")
    assert words.text("Hello, {name}.", name="Ada") == "Hallo, Ada."
    assert words.count("{number} cat", "{number} cats", 1) == "1 Katze"
    assert words.count("{number} cat", "{number} cats", 2) == "2 Katzen"


def test_a_changed_sentence_is_not_guessed(package: Path, locales: Path) -> None:
    _translate(package, locales)
    changed = CODE.replace("Hello, {name}.", "Hello again, {name}.")
    (package / "door.py").write_text(changed, encoding="utf-8")
    assert catalogues.renew(locales, package) == {"de": 1}
    kept = {message.id: forms(message) for message in messages(catalogues.read("de", locales))}
    assert kept["Hello again, {name}."] == ("",)
    assert kept["Door"] == ("Tür",)
    assert "Hello, {name}." not in kept


def test_renewing_twice_changes_nothing(package: Path, locales: Path) -> None:
    catalogues.begin("ar", locales)
    catalogues.renew(locales, package)
    before = {path: path.read_bytes() for path in locales.rglob("*.*o*") if path.is_file()}
    assert len(before) == 3
    catalogues.renew(locales, package)
    assert {path: path.read_bytes() for path in before} == before


def test_nobody_speaks_klingon(locales: Path) -> None:
    with pytest.raises(UnknownLocaleError):
        catalogues.begin("tlh_XX", locales)


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--new" in capsys.readouterr().out
