"""What the bot and an engine's child process say to each other, and its form on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

from pydantic import TypeAdapter, ValidationError

from bot.engines.frames import Frame, FrameError
from bot.engines.protocol import Job, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class OfJob:
    """Something about one attempt at one order."""

    order_id: int
    epoch: int

    def belongs_to(self, other: "OfJob") -> bool:
        """Whether both are about the same attempt."""
        return (self.order_id, self.epoch) == (other.order_id, other.epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint(OfJob):
    """To the child: paint this. The fields are those of `Job`, with the size decided."""

    content: bytes
    styles: tuple[bytes, ...]
    size: int
    iterations: int | None
    quality: str | None
    strength: int | None
    keep_colours: bool | None
    resume: bytes | None = None

    @classmethod
    def order(cls, job: Job, *, size: int, iterations: int | None) -> Self:
        """Make the message for a job; `size` and `iterations` stand where the job has none."""
        values = {field.name: getattr(job, field.name) for field in fields(job)}
        values["size"] = job.size or size
        values["iterations"] = job.iterations or iterations
        return cls(**values)


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
    """From the child: the fields are those of `Progress`."""

    iteration: int
    iterations: int
    loss: float
    first_loss: float
    elapsed: float
    remaining: float | None
    share: float
    preview: bytes | None
    checkpoint: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted(OfJob):
    """From the child: the end of the attempt; the fields are those of `Finished`."""

    image: bytes
    width: int
    height: int
    elapsed: float
    note: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(OfJob):
    """From the child: the end of the attempt; the job is at fault, see `JobRefused`."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(OfJob):
    """From the child: the end of the attempt, as it was told."""


Message = Paint | Stop | Ready | Unfit | Begun | Stepped | Painted | Refused | Stopped

_KINDS: Final[Mapping[str, TypeAdapter[Message]]] = {
    kind.__name__: TypeAdapter(kind)
    for kind in (Paint, Stop, Ready, Unfit, Begun, Stepped, Painted, Refused, Stopped)
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
            case _:
                return value

    header = {field.name: place(getattr(message, field.name)) for field in fields(message)}
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
