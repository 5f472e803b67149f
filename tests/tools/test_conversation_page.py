"""The conversation page cannot drift from the words of the code."""

import re
from pathlib import Path

import pytest

from bot.demo.scenarios import SCENARIOS
from tools import catalogues
from tools.catalogues import forms, messages
from tools.conversation_page.__main__ import LIST, PAGE, listing, main

LABELS = ("Atelier    ", "(becomes)  ", "notice     ", "alert      ")


@pytest.fixture(scope="module")
def halves() -> tuple[str, str]:
    talk, heading, rest = PAGE.read_text(encoding="utf-8").partition(LIST)
    return talk, heading + rest


def said(talk: str) -> list[str]:
    """What the bot says on the page, without attachments and buttons, each on one line."""
    found = []
    for block in re.findall(r"```text\n(.*?)\n```", talk, re.DOTALL):
        for bubble in block.split("\n\n"):
            if bubble.lstrip("\n").startswith(LABELS):
                lines = [line[len(LABELS[0]) :] for line in bubble.lstrip("\n").splitlines()]
                words = " ".join(line for line in lines if not line.startswith("["))
                found.append(words.strip("“”"))
    return [words for words in found if words]


def pattern(text: str) -> str:
    parts = re.split(r"(\{\w+\})", " ".join(text.split()))
    return "".join(_placeholder(p) if p.startswith("{") else re.escape(p) for p in parts)


def _placeholder(name: str) -> str:
    numbers = {"{number}", "{percent}", "{step}", "{steps}", "{limit}", "{pixels}"}
    if name in numbers:
        return r"\d+"
    return "[█░]+" if name == "{bar}" else ".{1,90}?"


def test_every_sentence_is_listed(halves: tuple[str, str]) -> None:
    assert halves[1] == listing(), "run `make words`"
    for message in messages(catalogues.extract()):
        text = message.id if isinstance(message.id, str) else message.id[0]
        assert text.replace("\n", " ⏎ ") in halves[1], "run `make words`"


def test_every_scenario_is_there(halves: tuple[str, str]) -> None:
    titles = re.findall(r"^## (.*)$", halves[0], re.MULTILINE)
    assert titles == [scenario.title for scenario in SCENARIOS]


def test_the_bot_still_says_what_the_page_shows(halves: tuple[str, str]) -> None:
    """A sentence that has been changed since means: run `python -m tools.conversation_page`."""
    english = [
        form
        for message in messages(catalogues.read_template())
        for form in ((message.id,) if isinstance(message.id, str) else message.id)
    ]
    german = [form for message in messages(catalogues.read("de")) for form in forms(message)]
    bar_alone = "[█░]+"
    sentences = "|".join([bar_alone, *map(pattern, (*english, *german))])
    speakable = re.compile(rf"(?:{sentences})(?:,? (?:{sentences}))*")
    spoken = said(halves[0])
    assert len(spoken) > 40
    for words in spoken:
        assert speakable.fullmatch(words), words


def test_the_list_alone_leaves_the_transcript(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Talk\n\nHello.\n\n" + LIST + "\n\nold", encoding="utf-8")
    assert main(["--list", "--page", str(page)]) == 0
    assert page.read_text(encoding="utf-8") == "# Talk\n\nHello.\n\n" + listing()
