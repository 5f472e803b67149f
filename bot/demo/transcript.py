"""The conversation in words, as it happens."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TextIO

from bot.sandbox.model import Media, Message, Photo
from bot.sandbox.world import Event, EventKind, World

_NAME_WIDTH = 10
_MARGIN = " " * (8 + 2 + _NAME_WIDTH + 2)


class Transcript:
    """Writes every event of a world but "is typing" and the like to a stream, one block each.

    Args:
        world: What to listen to, from now on.
        stream: Where to write; flushed after each event.
        clock: Wall clock in Unix seconds, for the times at the left.
    """

    def __init__(
        self,
        world: World,
        stream: TextIO,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._world = world
        self._stream = stream
        self._clock = clock
        world.events.listen(self._write)

    def _write(self, event: Event) -> None:
        if event.kind is EventKind.ACTION:
            return
        lines = self._lines(event)
        # Local time: it stands beside what the reader's own clock shows.
        stamp = f"{datetime.fromtimestamp(self._clock()).astimezone():%H:%M:%S}"
        head = f"{stamp}  {self._who(event):<{_NAME_WIDTH}}  "
        text = f"\n{_MARGIN}".join(lines)
        self._stream.write(f"{head}{text}\n")
        self._stream.flush()

    def _who(self, event: Event) -> str:
        message = event.message
        if event.kind is EventKind.ANSWER:
            name = self._world.bot.name
        elif message is not None and message.sender_chat is not None:
            name = message.sender_chat.title
        else:
            name = event.actor.name if event.actor is not None else event.chat.title
        return name

    def _lines(self, event: Event) -> list[str]:
        message = event.message
        shown = describe(message) if message is not None else [""]
        match event.kind:
            case EventKind.MESSAGE:
                lines = shown
            case EventKind.EDIT:
                number = message.message_id if message is not None else 0
                lines = [f"(edits #{number}) {shown[0]}", *shown[1:]]
            case EventKind.DELETE:
                lines = [f"(deletes: {shown[0]})"]
            case EventKind.PRESS:
                lines = [f"(presses {event.detail})"]
            case EventKind.ANSWER:
                said = f"“{event.detail}”" if event.detail else "without words"
                lines = [f"(answers the button: {said})"]
            case EventKind.REACTION:
                lines = [f"(reacts: {event.detail or 'no more'})"]
            case _:
                lines = [f"({event.detail or event.kind.value})"]
        place = "" if event.chat.is_private else f"in {event.chat.title}: "
        return [place + lines[0], *lines[1:]]


def describe(message: Message) -> list[str]:
    """Put a message into lines: what is attached, the words, the buttons."""
    lines = []
    if message.service is not None:
        lines.append(f"({', '.join(message.service).replace('_', ' ')})")
    lines.extend([*_attached(message), *message.words.splitlines()])
    lines.extend(" ".join(f"[ {button.text} ]" for button in row) for row in message.keyboard)
    return lines or ["(nothing)"]


def _attached(message: Message) -> list[str]:
    match message.attachment:
        case None:
            return []
        case Photo(sizes=sizes):
            largest = sizes[-1]
            return [f"[photo {largest.width}x{largest.height}]"]
        case Media(kind=kind, fields=fields, file=file):
            name = str(dict(fields).get("file_name", ""))
            size = f"{len(file.data) / 1024:.0f} kB"
            return [f"[{' '.join(part for part in (kind, name, size) if part)}]"]
        case other:
            return [f"[{other.kind}]"]
