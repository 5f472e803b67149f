"""Pictures from strangers: hostile bytes in, clean RGB out; and back to bytes."""

from core.images.colours import to_rgb
from core.images.encoding import encode_jpeg, encode_png
from core.images.reading import open_image
from core.images.sizes import (
    MAX_ASPECT_RATIO,
    MAX_MEGABYTES,
    MAX_MEGABYTES_DECODING,
    MIN_SIDE,
    WORKING_SIDE,
    check_size,
    fit,
    resize,
)

__all__ = [
    "MAX_ASPECT_RATIO",
    "MAX_MEGABYTES",
    "MAX_MEGABYTES_DECODING",
    "MIN_SIDE",
    "WORKING_SIDE",
    "check_size",
    "encode_jpeg",
    "encode_png",
    "fit",
    "open_image",
    "resize",
    "to_rgb",
]
