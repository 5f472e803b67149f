"""The stylisation network in plain TensorFlow, as a module that can be saved.

The style network is MobileNetV2 (Sandler et al., CVPR 2018) with its last layer
replaced by one of 100 numbers. The transformer is that of Johnson et al. (ECCV
2016) with mirrored borders, nearest-neighbour upsampling and conditional
instance normalisation (Dumoulin et al., ICLR 2017): after each convolution
every channel gets mean and deviation that are linear in the 100 numbers.

Everything is fully convolutional, so any size of picture goes in. Kernels stay
8-bit in the saved file and are scaled as they are used, which costs some
milliseconds a call and keeps the file at three megabytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from tools.stylisation_source import Convolution

STYLE_NUMBERS = 100
MULTIPLE = 4  # the transformer halves the picture twice
_EPSILON = 1e-5

Tensor = Any
Module = Any

_BLOCKS: tuple[tuple[str, int, bool, bool], ...] = (
    # name, stride, has an expansion, adds its input
    ("expanded_conv", 1, False, False),
    ("expanded_conv_1", 2, True, False),
    ("expanded_conv_2", 1, True, True),
    ("expanded_conv_3", 2, True, False),
    ("expanded_conv_4", 1, True, True),
    ("expanded_conv_5", 1, True, True),
    ("expanded_conv_6", 2, True, False),
    ("expanded_conv_7", 1, True, True),
    ("expanded_conv_8", 1, True, True),
    ("expanded_conv_9", 1, True, True),
    ("expanded_conv_10", 1, True, False),
    ("expanded_conv_11", 1, True, True),
    ("expanded_conv_12", 1, True, True),
    ("expanded_conv_13", 2, True, False),
    ("expanded_conv_14", 1, True, True),
    ("expanded_conv_15", 1, True, True),
    ("expanded_conv_16", 1, True, False),
)


class _Layers:
    """The variables of all convolutions, and how they are applied."""

    def __init__(self, convolutions: Mapping[str, Convolution]) -> None:
        self.variables: dict[str, dict[str, Any]] = {
            name: {
                "kernel": tf.Variable(item.kernel, trainable=False),
                "scale": tf.Variable(item.scale, trainable=False),
                "bias": tf.Variable(item.bias, trainable=False),
            }
            for name, item in convolutions.items()
        }

    def dense(self, name: str, x: Tensor, stride: int = 1, padding: str = "VALID") -> Tensor:
        """Applies an ordinary convolution."""
        held = self.variables[name]
        kernel = tf.cast(held["kernel"], tf.float32) * held["scale"]
        return tf.nn.conv2d(x, kernel, stride, padding) + held["bias"]

    def depthwise(self, name: str, x: Tensor, stride: int) -> Tensor:
        """Applies a convolution of each channel by itself."""
        held = self.variables[name]
        kernel = tf.cast(held["kernel"], tf.float32) * held["scale"][:, tf.newaxis]
        strides = (1, stride, stride, 1)
        return tf.nn.depthwise_conv2d(x, kernel, strides, "SAME") + held["bias"]

    def mirrored(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        """Applies a convolution to a picture continued by its mirror image."""
        margin = int(self.variables[name]["kernel"].shape[0]) // 2
        sides = ((0, 0), (margin, margin), (margin, margin), (0, 0))
        return self.dense(name, tf.pad(x, sides, "REFLECT"), stride)

    def normalised(self, name: str, x: Tensor, code: Tensor) -> Tensor:
        """Gives every channel the mean and deviation that the style asks for."""
        mean, variance = tf.nn.moments(x, axes=(1, 2), keepdims=True)
        scale = self.dense(f"style_params/{name}/StyleNorm/Conv_1", code)
        shift = self.dense(f"style_params/{name}/StyleNorm/Conv", code)
        return (x - mean) * (tf.math.rsqrt(variance + _EPSILON) * scale) + shift


def _style_code(layers: _Layers, style: Tensor) -> Tensor:
    x = tf.nn.relu6(layers.dense("MobilenetV2/Conv", style, 2, "SAME"))
    for block, stride, expands, adds in _BLOCKS:
        name = f"MobilenetV2/{block}"
        y = tf.nn.relu6(layers.dense(f"{name}/expand", x)) if expands else x
        y = tf.nn.relu6(layers.depthwise(f"{name}/depthwise", y, stride))
        y = layers.dense(f"{name}/project", y)
        x = x + y if adds else y
    x = tf.nn.relu6(layers.dense("MobilenetV2/Conv_1", x))
    x = tf.reduce_mean(x, axis=(1, 2), keepdims=True)
    return layers.dense("mobilenet_conv/Conv", x)[:, 0, 0, :]


def _transform(layers: _Layers, content: Tensor, code: Tensor) -> Tensor:
    height, width = tf.shape(content)[1], tf.shape(content)[2]
    code = code[:, tf.newaxis, tf.newaxis, :]
    spare = ((0, 0), (0, -height % MULTIPLE), (0, -width % MULTIPLE), (0, 0))
    x = tf.pad(content, spare, "REFLECT")
    for index, stride in ((1, 1), (2, 2), (3, 2)):
        x = tf.nn.relu(layers.mirrored(f"transformer/contract/conv{index}", x, stride))
    for index in range(1, 6):
        name = f"transformer/residual/residual{index}"
        y = layers.mirrored(f"{name}/conv1", x)
        y = tf.nn.relu(layers.normalised(f"{name}/conv1", y, code))
        y = layers.mirrored(f"{name}/conv2", y)
        x = x + layers.normalised(f"{name}/conv2", y, code)
    for index in (1, 2):
        name = f"transformer/expand/conv{index}/conv"
        x = layers.mirrored(name, _doubled(x))
        x = tf.nn.relu(layers.normalised(name, x, code))
    name = "transformer/expand/conv3/conv"
    x = tf.sigmoid(layers.normalised(name, layers.mirrored(name, x), code))
    return x[:, :height, :width, :]


def _doubled(x: Tensor) -> Tensor:
    return tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)


def build(convolutions: Mapping[str, Convolution]) -> Module:
    """Builds the module that `tf.saved_model.save` writes.

    Args:
        convolutions: those of both networks, by name.

    Returns:
        A `tf.Module` with three functions of float32 tensors, of any batch size,
        height and width (at least 8), with colours from 0 to 1:

        - `module(content, style)`: [picture], as Magenta's module on TF-Hub is
          called; a style of about 256 x 256 pixels is what it was trained on;
        - `module.style_code(style)`: the style's 100 numbers, (batch, 100);
        - `module.transform(content, code)`: the picture, of the content's shape.
    """
    layers = _Layers(convolutions)
    picture = tf.TensorSpec((None, None, None, 3), tf.float32)
    numbers = tf.TensorSpec((None, STYLE_NUMBERS), tf.float32)

    def stylise(content: Tensor, style: Tensor) -> list[Tensor]:
        return [_transform(layers, content, _style_code(layers, style))]

    def style_code(style: Tensor) -> Tensor:
        return _style_code(layers, style)

    def transform(content: Tensor, code: Tensor) -> Tensor:
        return _transform(layers, content, code)

    module: Module = tf.Module(name="arbitrary_stylisation")
    module.layers = layers.variables
    module.style_code = tf.function(style_code, input_signature=(picture,))
    module.transform = tf.function(transform, input_signature=(picture, numbers))
    module.__call__ = tf.function(stylise, input_signature=(picture, picture))
    return module
