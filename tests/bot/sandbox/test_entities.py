"""Mark-up and marked stretches."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import ApiError
from bot.sandbox.entities import (
    find_entities,
    formatted,
    parse_html,
    utf16_length,
    utf16_slice,
)

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TAGS = st.sampled_from(["b", "strong", "i", "em", "u", "s", "code", "blockquote", "tg-spoiler"])


@given(WORDS)
def test_escaped_text_comes_back(text: str) -> None:
    assert parse_html(html.escape(text).replace("&#x27;", "'")).text == text


@given(WORDS, TAGS, WORDS.filter(bool), TAGS, WORDS)
def test_nested_tags_mark_what_they_enclose(
    before: str, outer: str, inside: str, inner: str, after: str
) -> None:
    source = (
        f"{html.escape(before)}<{outer}>{html.escape(inside)}<{inner}>x🎨</{inner}></{outer}>"
        f"{html.escape(after)}"
    )
    parsed = parse_html(source)
    assert parsed.text == f"{before}{inside}x🎨{after}"
    marked = {utf16_slice(parsed.text, one.offset, one.length) for one in parsed.entities}
    assert marked == {f"{inside}x🎨", "x🎨"}


@given(WORDS)
def test_trimming_leaves_entities_on_their_words(text: str) -> None:
    marked = formatted(f" \n{html.escape(text)}<b>x🎨</b>  ", "HTML", [])
    assert marked.text == f"{text}x🎨".strip()
    [bold] = [entity for entity in marked.entities if entity.type == "bold"]
    assert utf16_slice(marked.text, bold.offset, bold.length) == "x🎨"
    assert bold.offset + bold.length == utf16_length(marked.text)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>é<i>x</b></i>", 'Unmatched end tag at byte offset 9, expected "</i>", found "</b>"'),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ('<span class="x">x</span>', 'Unsupported start tag "span" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ],
)
def test_wrong_markup_is_explained(source: str, complaint: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_html(source)
    assert refusal.value.description == f"Bad Request: can't parse entities: {complaint}"


def test_links_and_languages() -> None:
    parsed = parse_html('<a href="https://example.com/?a=1&amp;b=2">x</a><pre>y</pre>')
    assert [dict(entity.extra) for entity in parsed.entities] == [
        {"url": "https://example.com/?a=1&b=2"},
        {},
    ]
    [code] = parse_html('<code class="language-python">x</code>').entities
    assert dict(code.extra) == {"language": "python"}
    [quote] = parse_html("<blockquote expandable>x</blockquote>").entities
    assert quote.type == "expandable_blockquote"


def test_other_parse_modes_are_refused() -> None:
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        formatted("*x*", "MarkdownV2", [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start", [("bot_command", "/start")]),
        ("🎨 /stylize@atelier_bot mosaic", [("bot_command", "/stylize@atelier_bot")]),
        ("a/b and /x/y", []),
        (
            "ask @ada_l, see https://example.com/x",
            [("mention", "@ada_l"), ("url", "https://example.com/x")],
        ),
        ("#art", [("hashtag", "#art")]),
    ],
)
def test_what_telegram_finds_by_itself(text: str, found: list[tuple[str, str]]) -> None:
    assert [
        (one.type, utf16_slice(text, one.offset, one.length)) for one in find_entities(text)
    ] == found


def test_nothing_is_found_in_code() -> None:
    marked = formatted("<code>/start</code> /help", "HTML", [])
    assert [entity.type for entity in marked.entities] == ["code", "bot_command"]


def test_given_entities_are_kept() -> None:
    marked = formatted("bold", "", [{"type": "bold", "offset": 0, "length": 4}])
    assert [entity.to_json() for entity in marked.entities] == [
        {"type": "bold", "offset": 0, "length": 4}
    ]
