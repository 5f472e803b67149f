"""Two pictures become a painting.

    import core

    content = core.open_image("photo.jpg")
    style = core.open_image("painting.jpg")
    for step in core.paint(content, style, core.Options(size=512)):
        print(step.iteration, step.losses.total)
    step.image.save("painted.png")

Importing this package is light: TensorFlow is imported when `paint`, `stylize`,
`Painter` or `OUT_OF_MEMORY` is first named.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from core.checkpoint import CheckpointError
from core.errors import (
    AspectRatioError,
    AtelierError,
    ComputationError,
    ImageError,
    ImageTooLargeError,
    ImageTooSmallError,
    NotAnImageError,
    OptionsError,
    TruncatedImageError,
    UnsupportedImageError,
    WeightsError,
)
from core.images import encode_jpeg, encode_png, open_image, resize
from core.notes import Note, NoteKind
from core.options import Options
from core.steps import Losses, Painting, Step

if TYPE_CHECKING:
    from core.adapted_plan import OUT_OF_MEMORY
    from core.painter import Painter, paint, stylize

__all__ = [
    "OUT_OF_MEMORY",
    "AspectRatioError",
    "AtelierError",
    "CheckpointError",
    "ComputationError",
    "ImageError",
    "ImageTooLargeError",
    "ImageTooSmallError",
    "Losses",
    "NotAnImageError",
    "Note",
    "NoteKind",
    "Options",
    "OptionsError",
    "Painter",
    "Painting",
    "Step",
    "TruncatedImageError",
    "UnsupportedImageError",
    "WeightsError",
    "encode_jpeg",
    "encode_png",
    "open_image",
    "paint",
    "resize",
    "stylize",
]

_LATE = {
    "OUT_OF_MEMORY": "core.adapted_plan",
    "Painter": "core.painter",
    "paint": "core.painter",
    "stylize": "core.painter",
}


def __getattr__(name: str) -> object:
    if name in _LATE:
        # TensorFlow imports Keras, which would import what this names, be it installed or not.
        os.environ["KERAS_BACKEND"] = "tensorflow"
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
