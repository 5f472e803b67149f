"""The engine protocol: a job in, progress and a painting out.

Bytes, not paths, cross it, so that an engine may be a child process here or a worker elsewhere.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol

from core import NoteKind as Note

__all__ = [
    "MOST_STYLES",
    "Engine",
    "EngineDied",
    "EngineError",
    "EngineLost",
    "Finished",
    "Job",
    "JobRefused",
    "Note",
    "OfJob",
    "Progress",
]

MOST_STYLES: Final = 4
"""Styles that one painting may blend: more cannot be told apart in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfJob:
    """Something about one attempt at one order."""

    order_id: int
    epoch: int

    def belongs_to(self, other: "OfJob") -> bool:
        """Whether both are about the same attempt."""
        return (self.order_id, self.epoch) == (other.order_id, other.epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(OfJob):
    """One attempt at one order.

    `content` and `styles` are encoded pictures that the bot has already decoded once. `size` is
    the painting's long side in pixels; None in what follows means the recipe's own. `resume` is
    the newest checkpoint of an earlier attempt; an engine that cannot use it starts afresh.
    """

    content: bytes
    styles: tuple[bytes, ...]
    size: int
    iterations: int | None = None
    quality: str | None = None
    strength: int | None = None
    keep_colours: bool | None = None
    resume: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job is. `elapsed` and `remaining` are seconds, `preview` a JPEG or None.

    `share` is the part of the work that is done, 0 to 1; iterations differ in what they cost.
    `loss` is what is left of the loss that the photo began with, 1 to 0, and never rises.
    `checkpoint`, now and then, is what a later attempt at the order can be continued from.
    """

    iteration: int
    iterations: int
    loss: float
    elapsed: float
    remaining: float | None
    share: float
    preview: bytes | None = None
    checkpoint: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The end of a job: the painting as `image` bytes, its size, and the seconds it took.

    `note` is what a person should know of it where it came about otherwise than planned.
    """

    image: bytes
    width: int
    height: int
    elapsed: float
    note: Note | None = None


class EngineError(Exception):
    """An engine could not finish a job."""


class EngineDied(EngineError):
    """The engine was killed, hung or exploded; it is being replaced and the job may be retried."""


class EngineLost(EngineError):
    """The engine is out of reach; the job may be retried elsewhere, and is not suspected."""


class JobRefused(EngineError):
    """The engine is well but this job cannot be done; trying again would not help.

    `reason` is a stable name (an exception class of `core`, for example).
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Engine(Protocol):
    """One device that paints one job at a time."""

    @property
    def name(self) -> str:
        """The device in words, for logs and for `python -m bot check`."""

    @property
    def has_device(self) -> bool:
        """Whether there is a device behind it; else it waits for one elsewhere."""

    @property
    def speed(self) -> float:
        """How many times as fast as a processor its kind of device paints, roughly."""

    async def start(self) -> None:
        """Bring the engine up and warm it; returns when it can take a job.

        Raises:
            EngineDied: it did not come up.
        """

    def paint(self, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        """Paint: any number of Progress, then one Finished.

        Closing the generator (or cancelling its consumer) stops the computation, too. After
        EngineDied the same engine object takes the next job: it replaces what died.

        Raises:
            EngineDied: the attempt is lost through no decision of the engine's.
            EngineLost: the same, but it is no longer known what the engine does.
            JobRefused: the job itself is at fault.
        """

    async def close(self) -> None:
        """End the engine and everything that it started, within a few seconds."""
