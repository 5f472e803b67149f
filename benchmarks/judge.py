"""Judging a painting by a network that no painter here optimises: VGG16.

Two distances, since either alone can be gamed:

- style: mean over five layers of ||G(painting) - G(style)|| / ||G(style)||, where G is the Gram
  matrix of a layer's features divided by their number of positions (Gatys et al. 2016,
  section 2.2, made relative so that every layer counts alike);
- content: LPIPS between painting and photo.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.lpips import VGG16, Features


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The two held-out distances of one painting; smaller is closer."""

    style: float
    content: float


class Judge:
    """VGG16 with the LPIPS heads."""

    def __init__(self, archive: Path) -> None:
        """Reads the weights; see `benchmarks.lpips`."""
        self._network = VGG16(archive)

    def judge(self, painting: Image.Image, content: Image.Image, style: Image.Image) -> Verdict:
        """Compare a painting with its photo and its style, each at the painting's long side."""
        painted = self._network.features(painting)
        photo = self._network.features(photo_at(painting, content))
        look = self._network.features(style_at(painting, style))
        return Verdict(
            style=style_distance(painted, look), content=self._network.distance(painted, photo)
        )


def photo_at(painting: Image.Image, content: Image.Image) -> Image.Image:
    """The photo at a painting's size."""
    return content.convert("RGB").resize(painting.size, Image.Resampling.LANCZOS)


def style_at(painting: Image.Image, style: Image.Image) -> Image.Image:
    """The style with the painting's long side."""
    scale = max(painting.size) / max(style.size)
    size = max(1, round(style.width * scale)), max(1, round(style.height * scale))
    return style.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def style_distance(a: Sequence[Features], b: Sequence[Features]) -> float:
    """How far the one's Gram matrices are from the other's, as a part of these; mean of layers."""
    distances = []
    for x, y in zip(a, b, strict=True):
        wanted = _gram(y)
        distances.append(float(np.linalg.norm(_gram(x) - wanted) / np.linalg.norm(wanted)))
    return float(np.mean(distances))


def _gram(features: Features) -> NDArray[np.float64]:
    flat = features.reshape(-1, features.shape[-1]).astype(np.float64)
    gram: NDArray[np.float64] = flat.T @ flat / len(flat)
    return gram
