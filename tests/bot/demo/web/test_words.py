"""The page's words: the same in every language that the bot speaks, and no more than are used."""

import json
import re

import pytest

from bot.demo.web.network import Network
from bot.demo.web.server import STATIC
from bot.demo.web.supervisor import BotState
from bot.words import Library

WORDS: dict[str, dict[str, str]] = json.loads((STATIC / "words.json").read_text(encoding="utf-8"))
CODE = "".join(
    path.read_text(encoding="utf-8") for path in STATIC.iterdir() if path.suffix in {".js", ".html"}
)
NAMED = {
    *re.findall(r'data-(?:say|label|placeholder)="([\w-]+)"', CODE),
    *re.findall(r'say\("([\w-]+)"', CODE),
    *(f"bot-{state}" for state in BotState),
    *(f"network-{network}" for network in Network),
    *(
        f"error-{error}"
        for error in (
            "offline",
            "no-picture",
            "not-allowed",
            "gone",
            "not-understood",
            "too-large",
        )
    ),
}


def test_it_speaks_what_the_bot_speaks() -> None:
    spoken = {code.replace("_", "-").lower() for code in Library().languages}
    assert set(WORDS) == spoken


def test_every_word_that_is_used_is_there_and_the_other_way_round() -> None:
    assert set(WORDS["en"]) == NAMED


@pytest.mark.parametrize("language", WORDS)
def test_every_language_has_them_all_with_the_same_gaps(language: str) -> None:
    assert list(WORDS[language]) == list(WORDS["en"])
    for key, words in WORDS[language].items():
        assert words.strip()
        gaps = re.findall(r"\{\w+\}", words)
        assert sorted(gaps) == sorted(re.findall(r"\{\w+\}", WORDS["en"][key])), key


def test_no_text_stands_in_the_page_itself() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    body = re.sub(r"<title>.*?</title>|<[^>]*>", "", page)
    assert body.split() == ["Atelier"]
