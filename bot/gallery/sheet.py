"""Contact sheets: several styles in one picture, numbered as the buttons under it."""

import io
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from core import ImageError, open_image

LAYOUT: Final = "1"
"""To be counted up whenever sheets of the same pictures come to look different."""

ACROSS: Final = 2
TILE: Final = (480, 360)
"""Width and height of a picture on a sheet, in pixels."""

_GAP: Final = 12
_PAPER: Final = (250, 248, 243)
_INK: Final = (34, 32, 30)
_BADGE: Final = 52
_MARGIN: Final = 12
_QUALITY: Final = 88

log = logging.getLogger(__name__)


def contact_sheet(pictures: Sequence[Path | Image.Image | None]) -> bytes:
    """Lay pictures out in two columns, each with its number (from 1) in a corner.

    It decodes and encodes, so call it in a thread. A picture that cannot be read leaves an empty
    field, so that the numbers stay right.

    Args:
        pictures: at least one: the host's or Atelier's own as files, people's as they were decoded
            elsewhere, at the size of `TILE`. None leaves its field empty, too.

    Returns:
        A JPEG.
    """
    across = min(ACROSS, len(pictures))
    down = -(-len(pictures) // across)
    width, height = TILE
    size = (across * (width + _GAP) + _GAP, down * (height + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    for place, picture in enumerate(pictures):
        row, column = divmod(place, across)
        corner = (_GAP + column * (width + _GAP), _GAP + row * (height + _GAP))
        tile = _tile(picture) if isinstance(picture, Path) else picture
        if tile is not None:
            sheet.paste(tile, corner)
        _number(sheet, place + 1, corner)
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return buffer.getvalue()


def _tile(picture: Path) -> Image.Image | None:
    try:
        return ImageOps.fit(open_image(picture), TILE, Image.Resampling.LANCZOS)
    except (ImageError, OSError) as error:
        log.warning("A style's picture cannot be shown: %s", error)
        return None


def _number(sheet: Image.Image, number: int, corner: tuple[int, int]) -> None:
    left, top = (edge + _MARGIN for edge in corner)
    draw = ImageDraw.Draw(sheet)
    draw.ellipse((left, top, left + _BADGE, top + _BADGE), fill=_PAPER)
    draw.text(
        (left + _BADGE / 2, top + _BADGE / 2),
        str(number),
        fill=_INK,
        font=ImageFont.load_default(size=32),
        anchor="mm",
    )
