"""The shipped weights of VGG19's convolutions, as far as block5_conv2.

`vgg19.npz` is made by `python -m tools.convert_vgg19` and holds, for every
convolution, 8-bit indices in Keras' order (height, width, input, output), a
table of 256 float32 values and a float32 bias.
"""

from __future__ import annotations

from importlib import resources

import numpy as np
import numpy.typing as npt

from core.errors import WeightsError

FILE_NAME = "vgg19.npz"

LAYERS: tuple[str, ...] = (
    *(f"block{block}_conv{conv}" for block in (1, 2) for conv in (1, 2)),
    *(f"block{block}_conv{conv}" for block in (3, 4) for conv in (1, 2, 3, 4)),
    *(f"block5_conv{conv}" for conv in (1, 2)),
)
"""The convolutions whose weights are shipped, in the network's order."""

Kernels = dict[str, tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]
"""By layer, in the network's order: the kernel, of shape (3, 3, input, output), and the bias,
of shape (output,)."""


def shipped() -> Kernels:
    """Reads the shipped weights of `LAYERS`.

    Raises:
        WeightsError: the file is missing from the installation or damaged.
    """
    try:
        with (
            resources.files(__name__).joinpath(FILE_NAME).open("rb") as file,
            np.load(file, allow_pickle=False) as archive,
        ):
            return {
                layer: (
                    archive[f"{layer}/table"][archive[f"{layer}/index"]],
                    archive[f"{layer}/bias"],
                )
                for layer in LAYERS
            }
    except (OSError, KeyError, ValueError) as error:
        raise WeightsError(
            f"The shipped weights ({FILE_NAME}) are missing or damaged; please reinstall Atelier."
        ) from error
