"""Texts as Telegram counts and marks them: UTF-16 lengths, HTML mark-up, commands."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.errors import bad_request


@dataclass(frozen=True, slots=True)
class Entity:
    """A marked stretch of a text; offset and length in UTF-16 code units."""

    type: str
    offset: int
    length: int
    extra: tuple[tuple[str, object], ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return it as a ``MessageEntity``."""
        return {
            "type": self.type,
            "offset": self.offset,
            "length": self.length,
            **dict(self.extra),
        }


@dataclass(frozen=True, slots=True)
class FormattedText:
    """A text and its entities, ordered by offset."""

    text: str
    entities: tuple[Entity, ...] = ()


def utf16_length(text: str) -> int:
    """Count a text's length as Telegram does, in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """Cut the stretch that an entity marks out of a text."""
    raw = text.encode("utf-16-le")
    return raw[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/@<>&])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?(?![\w/]))"
    r"|(?P<url>https?://[^\s<>\"]+)"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31}(?!\w))"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d_]\w*)"
)


def find_entities(text: str) -> tuple[Entity, ...]:
    """Mark the commands, mentions, hashtags and links that Telegram finds by itself."""
    return tuple(
        Entity(
            str(match.lastgroup),
            utf16_length(text[: match.start()]),
            utf16_length(match.group()),
        )
        for match in _FOUND.finditer(text)
    )


def formatted(text: str, parse_mode: str, given: Sequence[Mapping[str, Any]]) -> FormattedText:
    """Turn a bot's text into what the chat shows.

    Args:
        text: As sent.
        parse_mode: "" or "HTML", in any case; the sandbox knows no other.
        given: ``MessageEntity`` objects; only looked at without a parse mode.

    Raises:
        ApiError: 400, if the mark-up cannot be parsed or the mode is unknown.
    """
    if parse_mode.lower() == "html":
        marked = parse_html(text)
    elif parse_mode:
        raise bad_request("unsupported parse_mode")
    else:
        marked = FormattedText(text, tuple(_given(entity) for entity in given))
    taken = marked.entities
    found = [
        entity
        for entity in find_entities(marked.text)
        if not any(_overlap(entity, other) for other in taken if other.type in _OPAQUE)
    ]
    entities = sorted((*taken, *found), key=lambda entity: (entity.offset, -entity.length))
    return _trim(FormattedText(marked.text, tuple(entities)))


_OPAQUE = frozenset({"code", "pre", "text_link", "text_mention"})


def _given(entity: Mapping[str, Any]) -> Entity:
    fields = dict(entity)
    kind, offset, length = (fields.pop(name) for name in ("type", "offset", "length"))
    return Entity(kind, offset, length, tuple(fields.items()))


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.offset + other.length and other.offset < one.offset + one.length


def _trim(marked: FormattedText) -> FormattedText:
    """Drop white space around the text, as the server does, and move the entities along."""
    stripped = marked.text.strip()
    if stripped == marked.text:
        return marked
    lead = utf16_length(marked.text) - utf16_length(marked.text.lstrip())
    size = utf16_length(stripped)
    entities = []
    for entity in marked.entities:
        start = max(entity.offset - lead, 0)
        end = min(entity.offset - lead + entity.length, size)
        if end > start:
            entities.append(replace(entity, offset=start, length=end - start))
    return FormattedText(stripped, tuple(entities))


_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_TOKEN = re.compile(
    r"</(?P<end>[A-Za-z][^<>]*)>|<(?P<start>[A-Za-z][^\s<>/]*)(?P<attributes>[^<>]*)>|(?P<bad><)"
    r"|(?P<text>&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);|[^<&]+|&)"
)
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")


@dataclass(slots=True)
class _HtmlReader:
    text: str = ""
    length: int = 0
    stack: list[tuple[str, Entity]] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.text += text
        self.length += utf16_length(text)

    def open(self, tag: str, given: str, at: int) -> None:
        found = _ATTRIBUTE.findall(given)
        attributes = {name: html.unescape(value.strip("\"'")) for name, value in found}
        if tag not in _TAGS or (tag == "span" and attributes.get("class") != "tg-spoiler"):
            raise _cannot_parse(f'Unsupported start tag "{tag}" at byte offset {at}')
        kind = _TAGS[tag]
        extra: tuple[tuple[str, object], ...] = ()
        if tag == "a":
            extra = (("url", attributes.get("href", "")),)
        elif tag == "tg-emoji":
            extra = (("custom_emoji_id", attributes.get("emoji-id", "")),)
        elif tag == "blockquote" and "expandable" in attributes:
            kind = "expandable_blockquote"
        elif tag == "code" and attributes.get("class", "").startswith("language-"):
            extra = (("language", attributes["class"].removeprefix("language-")),)
        self.stack.append((tag, Entity(kind, self.length, 0, extra)))

    def close(self, tag: str, at: int) -> None:
        if not self.stack:
            raise _cannot_parse(f"Unexpected end tag at byte offset {at}")
        expected, entity = self.stack.pop()
        if expected != tag:
            raise _cannot_parse(
                f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{tag}>"'
            )
        length = self.length - entity.offset
        if length:
            self.entities.append(replace(entity, length=length))


def parse_html(source: str) -> FormattedText:
    """Read the Bot API's HTML style (Bot API, "Formatting options").

    Raises:
        ApiError: 400 "can't parse entities", with the offset in bytes.
    """
    reader = _HtmlReader()
    for token in _TOKEN.finditer(source):
        at = len(source[: token.start()].encode())
        match token.lastgroup:
            case "attributes":
                reader.open(token["start"].lower(), token["attributes"], at)
            case "end":
                reader.close(token["end"].strip().lower(), at)
            case "bad":
                raise _cannot_parse(f'Unsupported start tag "" at byte offset {at}')
            case _:
                reader.add(html.unescape(token.group()))
    if reader.stack:
        tag, _ = reader.stack[-1]
        raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{tag}"')
    entities = sorted(reader.entities, key=lambda entity: (entity.offset, -entity.length))
    return FormattedText(reader.text, tuple(entities))


def _cannot_parse(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")
