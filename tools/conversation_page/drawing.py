"""A conversation as it looks on a screen: the bot at the left, people at the right."""

import textwrap
from collections.abc import Iterable

from bot.demo.bot_messages import is_card
from bot.demo.transcript import describe
from bot.sandbox import Event, EventKind

WIDTH = 84
_BUBBLE = 58
_MARGIN = 11
_LABELS = {
    EventKind.MESSAGE: "Atelier",
    EventKind.EDIT: "(becomes)",
    EventKind.DELETE: "(deleted)",
}
_HALFWAY = "██████"
"""A card's progress is shown once, when half of its bar is filled."""


def draw(events: Iterable[Event]) -> str:
    """Draw what happened, one bubble for each message and for each change worth seeing."""
    return "\n".join(line for event in _telling(events) for line in _bubble(event))


def _telling(events: Iterable[Event]) -> Iterable[Event]:
    """Leave out the edits of status cards but the middle and the last of each."""
    cards: dict[int, str] = {}
    for event in events:
        message = event.message
        if event.kind not in {*_LABELS, EventKind.PRESS, EventKind.ANSWER}:
            continue
        if event.kind is EventKind.MESSAGE and message is not None and is_card(message):
            cards[message.message_id] = "new"
        elif event.kind is EventKind.EDIT and message is not None:
            stage = cards.get(message.message_id)
            if stage is not None and is_card(message):
                if stage == "new" and _HALFWAY in message.words:
                    cards[message.message_id] = "halfway"
                else:
                    continue
        yield event


def _bubble(event: Event) -> list[str]:
    message = event.message
    if event.kind is EventKind.PRESS:
        return _right(_name(event), [f"presses {event.detail}"])
    if event.kind is EventKind.ANSWER:
        if not event.detail:
            return []
        return _left("notice" if not event.alert else "alert", [f"“{event.detail}”"])
    if message is None:
        return []
    if message.author is not None and message.author.is_bot:
        shown = describe(message)
        return _left(_LABELS[event.kind], shown[:1] if event.kind is EventKind.DELETE else shown)
    return _right(_name(event), describe(message))


def _name(event: Event) -> str:
    return event.actor.name if event.actor is not None else event.chat.title


def _left(label: str, lines: Iterable[str]) -> list[str]:
    first, *rest = _wrapped(lines)
    return ["", f"{label:<{_MARGIN}}{first}", *(" " * _MARGIN + line for line in rest)]


def _right(label: str, lines: Iterable[str]) -> list[str]:
    first, *rest = _wrapped(lines)
    end = WIDTH - _MARGIN + 2
    return ["", f"{first:>{end}}  {label}", *(f"{line:>{end}}" for line in rest)]


def _wrapped(lines: Iterable[str]) -> list[str]:
    wrapped = [
        part
        for line in lines
        # Buttons stay in their rows.
        for part in ([line] if line.startswith("[ ") else textwrap.wrap(line, _BUBBLE) or [""])
    ]
    return wrapped or [""]
