"""What can be chosen by /settings, and how each choice is said: pure, nothing is sent or stored."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from babel import Locale, UnknownLocaleError
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.studio.ledger.model import Preferences
from bot.studio.ledger.wishes import QUALITIES
from bot.words import Words

SET: Final = "set"
"""The word before the first colon in the callback data of all these buttons."""

NOTHING: Final = "-"
"""Stands for no choice."""

DONE: Final = "done"
BACK: Final = "back"
RESET: Final = "reset"

SIZES: Final = (256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
STRENGTHS: Final = tuple(range(10, 101, 10))
YES: Final = "yes"
NO: Final = "no"


class Topic(StrEnum):
    """What a choice is about."""

    QUALITY = "quality"
    SIZE = "size"
    STRENGTH = "strength"
    COLOURS = "colours"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What this host offers to a holder, who is a person or (an id below zero) a group."""

    holder_id: int
    largest: int
    languages: tuple[str, ...]

    @property
    def for_group(self) -> bool:
        """Whether they are a group's."""
        return self.holder_id < 0

    @property
    def topics(self) -> list[Topic]:
        """What there is to choose; no language where there is but one."""
        return [topic for topic in Topic if topic is not Topic.LANGUAGE or len(self.languages) > 1]

    def values(self, topic: Topic) -> list[str]:
        """The values on offer for a topic, as they stand in callback data."""
        fitting = [size for size in SIZES if size <= self.largest]
        values: dict[Topic, Iterable[object]] = {
            Topic.QUALITY: QUALITIES,
            Topic.SIZE: fitting or [self.largest],
            Topic.STRENGTH: STRENGTHS,
            Topic.COLOURS: (YES, NO),
            Topic.LANGUAGE: self.languages,
        }
        return list(map(str, values[topic]))

    def choose(self, chosen: Preferences, topic: Topic, value: str) -> Preferences | None:
        """The preferences after a choice; None when that value is not on offer."""
        if value != NOTHING and value not in self.values(topic):
            return None
        said = None if value == NOTHING else value
        number = None if said is None or not said.isdigit() else int(said)
        return {
            Topic.QUALITY: replace(chosen, quality=said),
            Topic.SIZE: replace(chosen, size=number),
            Topic.STRENGTH: replace(chosen, strength=number),
            Topic.COLOURS: replace(chosen, keep_colours=None if said is None else said == YES),
            Topic.LANGUAGE: replace(chosen, language=said),
        }[topic]


def value_of(chosen: Preferences, topic: Topic) -> str:
    """What has been chosen about a topic, as it stands in callback data."""
    colours = None if chosen.keep_colours is None else (NO, YES)[chosen.keep_colours]
    value = {
        Topic.QUALITY: chosen.quality,
        Topic.SIZE: chosen.size,
        Topic.STRENGTH: chosen.strength,
        Topic.COLOURS: colours,
        Topic.LANGUAGE: chosen.language,
    }[topic]
    return NOTHING if value is None else str(value)


def overview(words: Words, choices: Choices) -> str:
    """The text above the list of all topics."""
    if choices.for_group:
        return words.text(
            "This group's settings, for the next paintings here. Its admins can change them."
        )
    return words.text(
        "Your settings, for your next paintings. In a group, the group's own come first."
    )


def summary(words: Words, choices: Choices, chosen: Preferences) -> str:
    """What stands in the place of the buttons at the end."""
    lines = [line(words, choices, chosen, topic) for topic in choices.topics]
    return "\n".join([words.text("Noted, for the next paintings:"), *lines])


def line(words: Words, choices: Choices, chosen: Preferences, topic: Topic) -> str:
    """A topic and what has been chosen about it."""
    value = say(words, choices, topic, value_of(chosen, topic))
    return {
        Topic.QUALITY: words.text("Quality: {value}", value=value),
        Topic.SIZE: words.text("Size: {value}", value=value),
        Topic.STRENGTH: words.text("Strength of the style: {value}", value=value),
        Topic.COLOURS: words.text("Keep the photo's colours: {value}", value=value),
        Topic.LANGUAGE: words.text("Language: {value}", value=value),
    }[topic]


def question(words: Words, topic: Topic) -> str:
    """The text above the values of one topic."""
    return {
        Topic.QUALITY: words.text(
            "How carefully should I paint? Quick takes seconds, fine takes its time."
        ),
        Topic.SIZE: words.text(
            "How large should paintings be, in pixels along the longer side? Larger takes longer."
        ),
        Topic.STRENGTH: words.text(
            "How strong should the style be? 10 stays close to the photo, 100 goes all the way."
        ),
        Topic.COLOURS: words.text("Should paintings keep the photo's own colours?"),
        Topic.LANGUAGE: words.text("Which language should I speak?"),
    }[topic]


def say(words: Words, choices: Choices, topic: Topic, value: str) -> str:
    """One value, as people read it."""
    if value == NOTHING:
        return _nothing(words, choices, topic)
    named = {
        "quick": words.text("quick"),
        "standard": words.text("standard"),
        "fine": words.text("fine"),
        YES: words.text("yes"),
        NO: words.text("no"),
    }
    if topic is Topic.LANGUAGE:
        return own_name(value)
    if topic in {Topic.QUALITY, Topic.COLOURS}:
        return named.get(value, value)
    return value


def own_name(language: str) -> str:
    """A language's name for itself, like Deutsch; its code where nobody knows the name."""
    try:
        name = Locale.parse(language, sep="_").display_name
    except (UnknownLocaleError, ValueError):
        return language
    return f"{name[:1].upper()}{name[1:]}" if name else language


def topics_keyboard(words: Words, choices: Choices, chosen: Preferences) -> InlineKeyboardMarkup:
    """A button for each topic, then Start over and Done."""
    rows = [
        [_button(line(words, choices, chosen, topic), choices, topic)] for topic in choices.topics
    ]
    last = [_button(words.text("Done"), choices, DONE)]
    if any(value_of(chosen, topic) != NOTHING for topic in choices.topics):
        last.insert(0, _button(words.text("Forget my choices"), choices, RESET))
    return InlineKeyboardMarkup([*rows, last])


def values_keyboard(
    words: Words, choices: Choices, chosen: Preferences, topic: Topic
) -> InlineKeyboardMarkup:
    """A button for each value of a topic, with a mark at the present one."""
    present = value_of(chosen, topic)

    def button(value: str) -> InlineKeyboardButton:
        label = say(words, choices, topic, value)
        mark = "✓ " if value == present else ""
        return _button(f"{mark}{label}", choices, topic, value)

    across = {Topic.STRENGTH: 5, Topic.LANGUAGE: 2}.get(topic, 3)
    rows = [[button(NOTHING)], *_in_rows(map(button, choices.values(topic)), across)]
    return InlineKeyboardMarkup([*rows, [_button(words.text("Back"), choices, BACK)]])


def _nothing(words: Words, choices: Choices, topic: Topic) -> str:
    if choices.for_group:
        return words.text("as each person likes")
    if topic is Topic.LANGUAGE:
        return words.text("as in Telegram")
    return words.text("as usual")


def _button(text: str, choices: Choices, *data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=":".join((SET, str(choices.holder_id), *data)))


def _in_rows(
    buttons: Iterable[InlineKeyboardButton], across: int
) -> list[list[InlineKeyboardButton]]:
    every = list(buttons)
    return [every[start : start + across] for start in range(0, len(every), across)]
