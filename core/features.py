"""VGG19's convolutions as a feature network, and where their weights come from.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
Recognition", 2014.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import keras
import tensorflow as tf

from core.errors import WeightsError
from core.precision import Precision
from core.recipes import Padding
from core.weights import Kernels, shipped

MEANS: Final = (123.68, 116.779, 103.939)
"""ImageNet's mean red, green and blue, which the network expects subtracted."""


def load_vgg19(weights: str = "shipped") -> Kernels:
    """Loads the convolutions' weights.

    Args:
        weights: "shipped": those in this package, as far as block5_conv2;
            "imagenet": Keras' own download; else the path of a Keras weights
            file of VGG19 without its top.

    Raises:
        WeightsError: the weights cannot be had, or do not fit.
    """
    if weights == "shipped":
        return shipped()
    if weights == "imagenet":
        try:
            model = keras.applications.VGG19(include_top=False, weights="imagenet")
        except Exception as error:  # Keras raises bare Exception for a failed download.
            raise WeightsError(
                "Keras' ImageNet weights could not be downloaded; the shipped ones need no network."
            ) from error
    else:
        path = Path(weights)
        if not path.is_file():
            raise WeightsError(f"There is no weights file {weights}.")
        if path.suffix not in {".h5", ".keras"}:
            raise WeightsError(
                f"{weights} is not a Keras weights file (.weights.h5, .h5 or .keras)."
            )
        model = keras.applications.VGG19(include_top=False, weights=None)
        try:
            model.load_weights(path)
        except Exception as error:  # HDF5 and Keras raise many kinds for files that do not fit.
            raise WeightsError(f"{weights} does not hold the weights of Keras' VGG19.") from error
    return {
        layer.name: tuple(layer.get_weights())
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D)
    }


class FeatureNetwork:
    """The convolutions of a VGG19 with a choice of padding and precision.

    With zero padding and float32 it computes what Keras' model does.
    """

    def __init__(
        self, kernels: Kernels, padding: Padding, precision: Precision = Precision.FLOAT32
    ) -> None:
        self._padding = padding
        self._dtype = precision.value
        self._layers = [
            (name, tf.cast(kernel, self._dtype), tf.cast(bias, self._dtype))
            for name, (kernel, bias) in kernels.items()
        ]

    def __call__(self, pictures: tf.Tensor, layers: Collection[str]) -> dict[str, tf.Tensor]:
        """Computes features.

        Args:
            pictures: shape (n, height, width, 3), RGB, 0 to 255, float32, both
                sides at least 16.
            layers: names of convolutions, such as "block4_conv2".

        Returns:
            For each layer its output after the rectifier, float32, of shape
            (n, height / d, width / d, channels) with d = 1, 2, 4, 8, 16 for
            blocks 1 to 5, rounded down.
        """
        wanted = set(layers)
        features: dict[str, tf.Tensor] = {}
        values = tf.reverse(pictures - tf.constant(MEANS, pictures.dtype), axis=[-1])
        values = tf.cast(values, self._dtype)
        for name, kernel, bias in self._layers:
            if len(features) == len(wanted):
                break
            if name.endswith("_conv1") and name != "block1_conv1":
                values = tf.nn.max_pool2d(values, 2, 2, "VALID")
            values = tf.nn.relu(tf.nn.bias_add(self._convolve(values, kernel), bias))
            if name in wanted:
                features[name] = tf.cast(values, pictures.dtype)
        if missing := wanted - set(features):
            raise ValueError(f"Layer {min(missing)} is not a convolution of VGG19.")
        return features

    def _convolve(self, values: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        if self._padding is Padding.ZERO:
            return tf.nn.conv2d(values, kernel, 1, "SAME")
        mirrored = tf.pad(values, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
        return tf.nn.conv2d(mirrored, kernel, 1, "VALID")
