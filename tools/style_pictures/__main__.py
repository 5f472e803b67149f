"""Renders the style pictures that ship with Atelier: `python -m tools.style_pictures`."""

import argparse
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from bot.gallery.styles import PICTURES
from tools.style_pictures.canvas import to_image
from tools.style_pictures.painters import PAINTERS

MOST_BYTES = 150_000
"""A shipped picture is no larger than this."""


def render(name: str, scale: float = 1.0) -> Image.Image:
    """Paints one of the shipped styles.

    Args:
        name: A key of `PAINTERS`.
        scale: Pixels per unit; 1 is the size that ships.

    Returns:
        The picture in RGB, the same for the same arguments.

    Raises:
        KeyError: No painter has this name.
    """
    return to_image(PAINTERS[name](scale))


def encode(picture: Image.Image) -> bytes:
    """The picture as the best JPEG within `MOST_BYTES`."""
    low, high, best = 30, 95, b""
    while low <= high:
        quality = (low + high) // 2
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= MOST_BYTES:
            best, low = buffer.getvalue(), quality + 1
        else:
            high = quality - 1
    if not best:
        raise ValueError(f"{picture.width} x {picture.height} does not fit {MOST_BYTES} bytes.")
    return best


def main(arguments: Sequence[str] | None = None) -> int:
    """Renders the named styles, or all of them, into a folder."""
    parser = argparse.ArgumentParser(prog="python -m tools.style_pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PAINTERS))
    parser.add_argument("--out", type=Path, default=PICTURES, metavar="DIR")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in PAINTERS]
    if unknown:
        parser.error(f"no such style: {', '.join(unknown)}")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or PAINTERS:
        path = options.out / f"{name}.jpg"
        data = encode(render(name))
        path.write_bytes(data)
        sys.stdout.write(f"{path}  {len(data) // 1000} kB\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
