"""How large a picture may be, and pictures in another size."""

from __future__ import annotations

from typing import Final

import PIL.Image

from core.errors import AspectRatioError, ImageTooLargeError, ImageTooSmallError

MAX_MEGABYTES: Final = 100
"""Larger files are refused unread."""

MAX_MEGAPIXELS: Final = 50
"""Pictures of more pixels are refused before they are decoded."""

MAX_MEGAPIXELS_REDUCED: Final = 120
"""The same for JPEG files, which are decoded at a part of their size."""

MAX_MEGABYTES_DECODING: Final = 640
"""Pictures that take more memory while they are decoded are refused before."""

MAX_ASPECT_RATIO: Final = 20
"""Long side over short side; Telegram's own bound for photos."""

MIN_SIDE: Final = 16
"""Pixels on each side; less holds nothing that could be painted."""

WORKING_SIDE: Final = 4096
"""Larger pictures are shrunk to this long side at once; no painting is larger."""


def check_size(width: int, height: int) -> None:
    """Refuses sizes that cannot be painted from.

    Raises:
        ImageTooSmallError: a side is shorter than `MIN_SIDE`.
        AspectRatioError: the sides differ by more than `MAX_ASPECT_RATIO`.
    """
    short, long = sorted((width, height))
    if short < MIN_SIDE:
        raise ImageTooSmallError(width, height, MIN_SIDE)
    if long > short * MAX_ASPECT_RATIO:
        raise AspectRatioError(width, height, MAX_ASPECT_RATIO)


def check_cost(size: tuple[int, int], megapixels: float, memory: float) -> None:
    """Refuses pictures that would take too much memory.

    Args:
        size: width and height in pixels.
        megapixels: the most that the format may have.
        memory: bytes that decoding takes at its peak.

    Raises:
        ImageTooLargeError: there are too many pixels for their kind.
    """
    width, height = size
    pixels = width * height / 1e6
    affordable = pixels * MAX_MEGABYTES_DECODING * 1e6 / memory if memory else megapixels
    limit = min(megapixels, int(affordable))
    if pixels > limit:
        raise ImageTooLargeError(width, height, limit)


def fit(width: int, height: int, long_side: int) -> tuple[int, int]:
    """The size with the same aspect ratio and the given long side, in pixels."""
    scale = long_side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def resize(
    image: PIL.Image.Image, size: tuple[int, int], *, nearest: bool = False
) -> PIL.Image.Image:
    """The picture in another size.

    Args:
        image: any picture.
        size: width and height in pixels.
        nearest: by nearest neighbour instead of Lanczos' filter.
    """
    filter_ = PIL.Image.Resampling.NEAREST if nearest else PIL.Image.Resampling.LANCZOS
    return image.resize(size, filter_)
