"""A face, and how firmly a painting is to hold on to the photo at each place of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

WHOLE: Final = 1.5
"""How much more the skin counts for the content than places without a face."""

PARTS: Final = 6.0
"""The same of the eyes, the nose and the mouth, beside that."""

_PART: Final = 0.16
"""Radius of an eye, nose or mouth, as a part of the face's height."""

_PARTS: Final = 4
"""Points of a face that are held most: its eyes, nose and mouth, which come before its ears."""

_DIGITS: Final = 4

Point = tuple[float, float]
"""Across and down, as a part of the photo's width and height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A face in a photo.

    Attributes:
        middle: of the face, from brows to chin.
        size: its width and height, as parts of the photo's.
        parts: eyes, nose and mouth.
    """

    middle: Point
    size: Point
    parts: tuple[Point, ...]

    @classmethod
    def of(cls, points: npt.NDArray[np.float64], size: npt.NDArray[np.float64]) -> Self:
        """A face as a network tells of it.

        Args:
            points: its middle, anything, eyes, nose, mouth and more, shape (n, 2).
            size: its width and height, shape (2,).
        """
        middle, _, *parts = (_point(point) for point in points)
        return cls(middle=middle, size=_point(size), parts=tuple(parts[:_PARTS]))


def _point(numbers: npt.NDArray[np.float64]) -> Point:
    across, down = np.round(numbers, _DIGITS).tolist()
    return across, down


def content_weights(
    faces: Sequence[Face], size: tuple[int, int], firmness: float = 1.0
) -> npt.NDArray[np.float32]:
    """How much each place of a photo counts for the content, with faces in it.

    Softly from the one to the other: there is no edge for a painting to show.

    Args:
        faces: in the photo.
        size: width and height in pixels.
        firmness: factor for how much more the faces count.

    Returns:
        Shape (1, height, width, 1); 1 far from any face.
    """
    width, height = size
    across = (np.arange(width, dtype=np.float64) + 0.5)[np.newaxis, :]
    down = (np.arange(height, dtype=np.float64) + 0.5)[:, np.newaxis]
    raised = np.zeros((height, width))
    for face in faces:
        scale = face.size[0] * width, face.size[1] * height

        def away(point: Point, radius: float, scale: Point = scale) -> npt.NDArray[np.float64]:
            """Squared distance in radii, each a part of the face's width and height."""
            x = (across - point[0] * width) / (radius * scale[0])
            y = (down - point[1] * height) / (radius * scale[1])
            return x**2 + y**2

        whole = np.exp(-(away(face.middle, 0.6) ** 2))
        parts = np.max([np.exp(-away(part, _PART)) for part in face.parts], axis=0)
        raised = np.maximum(raised, WHOLE * whole + PARTS * parts)
    return (1.0 + firmness * raised).astype(np.float32)[np.newaxis, :, :, np.newaxis]
