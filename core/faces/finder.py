"""Finds faces in photos of any size."""

from __future__ import annotations

from importlib import resources
from typing import Final

import numpy as np
import numpy.typing as npt
import PIL.Image
import tensorflow as tf

from core.errors import WeightsError
from core.faces.face import Face

FOLDER: Final = "saved_model"
SIDE: Final = 192
"""Pixels that the network sees, each way."""

_LEAST_SCORE: Final = 0.5
_SAME: Final = 0.3
"""Overlap, as a part of the area that two boxes cover together, from which on they are one face."""

_CELLS: Final = 48
"""Places at which the network looks for a face, each way."""

Boxes = npt.NDArray[np.float64]


class FaceFinder:
    """BlazeFace in its full-range form: faces of a twentieth of the picture's long side and more.

    The same photo gives the same faces on the same machine.
    """

    def __init__(self) -> None:
        """Loads the network.

        Raises:
            WeightsError: its files are missing from the installation or damaged.
        """
        try:
            with resources.as_file(resources.files("core.faces") / FOLDER) as folder:
                self._network = tf.saved_model.load(str(folder))
        except (OSError, tf.errors.OpError) as error:
            raise WeightsError(
                "The shipped face finder is missing or damaged; please reinstall Atelier."
            ) from error

    def find(self, photo: PIL.Image.Image) -> tuple[Face, ...]:
        """The faces in a photo, the surest first.

        Args:
            photo: RGB.
        """
        scale = SIDE / max(photo.size)
        size = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
        left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
        whole = PIL.Image.new("RGB", (SIDE, SIDE))
        whole.paste(photo.resize(size, PIL.Image.Resampling.BOX), (left, top))
        picture = np.asarray(whole, np.float32)[np.newaxis] / np.float32(127.5) - np.float32(1)
        found, scores = self._network.find(picture)
        # Each cell has the middle, the size and six points of its face, in pixels from the cell's.
        points = np.asarray(found, np.float64).reshape(-1, 8, 2)
        cells = (np.indices((_CELLS, _CELLS)).reshape(2, -1).T[:, ::-1] + 0.5) * (SIDE / _CELLS)
        points[:, [0, 2, 3, 4, 5, 6, 7]] += cells[:, np.newaxis]
        logits = np.clip(np.asarray(scores, np.float64).reshape(-1), -80, 80)
        sure = 1 / (1 + np.exp(-logits))
        kept = sure >= _LEAST_SCORE
        offset, unit = np.array([left, top]), np.array(size)
        merged = _merged(points[kept], sure[kept])
        return tuple(Face.of((points - offset) / unit, points[1] / unit) for points in merged)


def _merged(points: Boxes, scores: npt.NDArray[np.float64]) -> list[Boxes]:
    """One of all that are the same face: their mean, by their scores."""
    faces = []
    order = np.argsort(-scores, kind="stable")
    points, scores = points[order], scores[order]
    while len(points):
        same = _overlap(points[0], points) > _SAME
        same[0] = True
        faces.append(np.average(points[same], axis=0, weights=scores[same]))
        points, scores = points[~same], scores[~same]
    return faces


def _overlap(one: Boxes, others: Boxes) -> npt.NDArray[np.float64]:
    """Of one box with others: the area in common as a part of the area of both."""
    low = np.maximum(one[0] - one[1] / 2, others[:, 0] - others[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, others[:, 0] + others[:, 1] / 2)
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    overlap: npt.NDArray[np.float64] = common / (
        np.prod(one[1]) + np.prod(others[:, 1], axis=1) - common
    )
    return overlap
