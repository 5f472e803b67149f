"""The state of a painting under way, as a value that can be saved and continued from."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import PIL.Image

from core.errors import AtelierError
from core.notes import Note, NoteKind
from core.schedule import Plan, StagePlan, shrunk

FORMAT: Final = 3

Array = npt.NDArray[np.float32]


class CheckpointError(AtelierError):
    """A checkpoint is damaged, or belongs to another painting."""

    def __init__(self) -> None:
        super().__init__("That checkpoint is damaged, or belongs to another painting.")


@dataclass(frozen=True, slots=True)
class State:
    """Where a painting stands: all that is needed to go on as if it had never stopped.

    Attributes:
        painting: `fingerprint` of what is painted.
        stage: the plan's stage, from 0.
        iteration: iterations done in it.
        before: iterations done in earlier stages.
        elapsed: seconds that it took so far.
        size: width and height that the stage works at, in pixels.
        point: the picture, shape (1, height, width, 3), 0 to 255.
        pairs: what the minimiser remembers: steps and changes of gradient,
            each of the picture's shape, the oldest first. They have no more
            digits than bfloat16, see `core.minimise`, and no more are saved.
        note: what a person should know about the painting so far.
    """

    painting: str
    stage: int
    iteration: int
    before: int
    elapsed: float
    size: tuple[int, int]
    point: Array
    pairs: tuple[tuple[Array, Array], ...]
    note: Note | None = None

    def fits(self, painting: str, plan: Plan) -> bool:
        """Whether it is a state of that painting.

        Args:
            painting: the `fingerprint` of what is to be painted.
            plan: how it is to be painted.
        """
        return (
            self.painting == painting
            and 0 <= self.stage < len(plan.stages)
            and min(self.iteration, self.before) >= 0
            and shrunk(plan.stages[self.stage], max(self.size)).size == self.size
        )

    def stages(self, plan: Plan) -> list[StagePlan]:
        """The plan's stages as the run had made them that this is a state of."""
        stages = list(plan.stages)
        stages[self.stage] = shrunk(stages[self.stage], max(self.size))
        if self.note is not None and self.note.kind is NoteKind.SMALLER:
            # For want of memory it had given up the sizes beyond.
            del stages[self.stage + 1 :]
        return stages

    def encode(self, limit: int | None = None) -> bytes:
        """Makes a file of it.

        Args:
            limit: the most bytes wanted. The oldest pairs are left out for it:
                the painting then still goes on from the same picture, but not
                by exactly the same steps. The picture itself is always kept.
        """
        kept = len(self.pairs)
        if limit is not None:
            # A pair takes as much as the picture: two arrays, of half the bytes.
            kept = max(0, min(kept, limit // max(1, self.point.nbytes) - 1))
        pairs = self.pairs[len(self.pairs) - kept :]
        about = asdict(replace(self, point=np.zeros(0, np.float32), pairs=()))
        del about["point"], about["pairs"]
        buffer = io.BytesIO()
        np.savez(
            buffer,
            about=np.frombuffer(json.dumps({"format": FORMAT, **about}).encode(), np.uint8),
            point=self.point,
            steps=_halved([step for step, _ in pairs]),
            changes=_halved([change for _, change in pairs]),
        )
        return buffer.getvalue()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Reads what `encode` made; no code in it is ever run.

        Raises:
            CheckpointError: it is nothing of the kind.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                about: dict[str, Any] = dict(json.loads(arrays["about"].tobytes()))
                point = np.asarray(arrays["point"], np.float32)
                steps, changes = _whole(arrays["steps"]), _whole(arrays["changes"])
            if about.pop("format") != FORMAT:
                raise CheckpointError
            size, note = _size(about.pop("size")), about.pop("note")
            state = cls(
                **about,
                size=size,
                note=None if note is None else _note(**note),
                point=point,
                pairs=tuple(zip(steps, changes, strict=True)),
            )
            shape = (1, state.size[1], state.size[0], 3)
            arrays_fit = all(part.shape == shape for pair in state.pairs for part in pair)
            if point.shape != shape or not arrays_fit or not np.isfinite(point).all():
                raise CheckpointError
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise CheckpointError from error
        return state


def _halved(vectors: list[Array]) -> npt.NDArray[np.uint16]:
    """The first half of each number's bytes, which is its bfloat16."""
    numbers = np.array(vectors, np.float32)
    return (numbers.view(np.uint32) >> 16).astype(np.uint16)


def _whole(halves: npt.NDArray[np.uint16]) -> Array:
    """What `_halved` was made of."""
    return (halves.astype(np.uint32) << 16).view(np.float32)


def _note(kind: str, size: list[int] | None) -> Note:
    return Note(NoteKind(kind), None if size is None else _size(size))


def _size(size: list[int]) -> tuple[int, int]:
    width, height = size
    return int(width), int(height)


def fingerprint(pictures: tuple[PIL.Image.Image, ...], *facts: object) -> str:
    """Tells paintings apart: the same for the same pictures and facts.

    Args:
        pictures: content, styles and mask.
        facts: whatever else decides the painting; their `repr` counts.
    """
    digest = hashlib.sha256(repr(facts).encode())
    for picture in pictures:
        digest.update(f"{picture.mode} {picture.size}".encode())
        digest.update(picture.tobytes())
    return digest.hexdigest()
