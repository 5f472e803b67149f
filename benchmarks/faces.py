"""Judging a painting by whether another network finds the photo's faces in it again: MTCNN.

Zhang et al. 2016, "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks", as the package `mtcnn` carries it.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_NEAR = 0.5
"""How far a face's landmarks may be from the photo's on average, as a part of the distance
between its eyes, for it to be the same face."""

Landmarks = NDArray[np.float64]
"""Eyes, nose and corners of the mouth, shape (5, 2), in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacesFound:
    """Which of a photo's faces are in a painting.

    Attributes:
        faces: in the photo.
        errors: of each that was found again, the mean distance of its five landmarks from the
            photo's, as a part of the distance between its eyes.
    """

    faces: int
    errors: tuple[float, ...]


class FaceJudge:
    """MTCNN with its default thresholds."""

    def __init__(self, packages: Path) -> None:
        """Loads it from a folder where the package is installed."""
        sys.path.append(str(packages))
        from mtcnn import MTCNN  # noqa: PLC0415 (only from that folder)

        self._network = MTCNN()

    def judge(self, painting: Image.Image, photo: Image.Image) -> FacesFound:
        """Looks for the photo's faces; both pictures have the same size."""
        painted = self._faces(painting)
        errors = []
        faces = self._faces(photo)
        for face in faces:
            eyes = float(np.linalg.norm(face[0] - face[1]))
            distances = [
                float(np.linalg.norm(other - face, axis=1).mean()) / eyes for other in painted
            ]
            if distances and min(distances) <= _NEAR:
                errors.append(min(distances))
        return FacesFound(faces=len(faces), errors=tuple(errors))

    def _faces(self, image: Image.Image) -> list[Landmarks]:
        names = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
        found = self._network.detect_faces(np.asarray(image.convert("RGB")))
        return [np.array([face["keypoints"][name] for name in names], np.float64) for face in found]
