"""What the original says of two real photos, by `python -m tests.tools.stylisation_reference`.

Of the pictures every eighth pixel of every eighth row is kept.

The photos are `astronaut.jpg` (Eileen Collins, NASA, public domain) and
`chelsea.jpg` (a cat, by Stefan van der Walt, CC0), both as in scikit-image.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

FOLDER = Path(__file__).with_name("start_data")
REFERENCE = FOLDER / "reference.npz"
STEP = 8


def photo(name: str) -> npt.NDArray[np.float32]:
    """Reads a photo of `FOLDER` as float32 (height, width, 3) from 0 to 1."""
    with Image.open(FOLDER / name) as image:
        return np.asarray(image.convert("RGB"), np.float32) / np.float32(255)
