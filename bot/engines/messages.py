"""What the bot and an engine's child process say to each other, and its form on the wire.

To the child goes a `Job` of the protocol as it is; progress and paintings come back as such, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot.engines.frames import Frame, FrameError
from bot.engines.protocol import Finished, Job, OfJob, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(OfJob):
    """To the child: stop that attempt and say Stopped. It may have ended already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """From the child: it is warm and takes jobs. `device` is what TensorFlow calls the device."""

    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """From the child: it cannot come up, for a reason that a person can mend."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun(OfJob):
    """From the child: the pictures are decoded and the computation begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped(OfJob):
    """From the child: how far the attempt is."""

    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted(OfJob):
    """From the child: the end of the attempt, and what came of it."""

    finished: Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(OfJob):
    """From the child: the end of the attempt; the job is at fault, see `JobRefused`."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(OfJob):
    """From the child: the end of the attempt, as it was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Died(OfJob):
    """From a worker elsewhere: the end of the attempt, since its own engine died."""

    message: str


Message = Job | Stop | Ready | Unfit | Begun | Stepped | Painted | Refused | Stopped | Died

_KINDS: Final[Mapping[str, TypeAdapter[Message]]] = {
    kind.__name__: TypeAdapter(kind)
    for kind in (Job, Stop, Ready, Unfit, Begun, Stepped, Painted, Refused, Stopped, Died)
}


def to_frame(message: Message) -> Frame:
    """Put a message into a frame: bytes become blobs, and an index stands in their place."""
    blobs: list[bytes] = []

    def place(value: object) -> object:
        match value:
            case bytes():
                blobs.append(value)
                return {"blob": len(blobs) - 1}
            case tuple():
                return [place(item) for item in value]
            case Progress() | Finished():
                return of(value)
            case _:
                return value

    def of(value: Message | Progress | Finished) -> dict[str, object]:
        return {field.name: place(getattr(value, field.name)) for field in fields(value)}

    header = of(message)
    return Frame({"kind": type(message).__name__, **header}, tuple(blobs))


def from_frame(frame: Frame) -> Message:
    """Take a message out of a frame, each field checked against its type.

    Raises:
        FrameError: there is no such message.
    """

    def take(value: object) -> object:
        match value:
            case {"blob": int(index)} if 0 <= index < len(frame.blobs):
                return frame.blobs[index]
            case list():
                return tuple(take(item) for item in value)
            case dict():
                return {name: take(item) for name, item in value.items()}
            case _:
                return value

    kind = frame.header.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise FrameError(f"There is no message {str(kind)[:40]!r}.")
    values = {name: take(value) for name, value in frame.header.items() if name != "kind"}
    try:
        return _KINDS[kind].validate_python(values)
    except ValidationError as error:
        faults = ", ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in error.errors()
        )
        raise FrameError(f"A message {kind} is malformed ({faults}).") from None
