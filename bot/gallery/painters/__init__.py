"""One painter per technique: a function from a scale to pixels (H, W, 3), 0 to 1.

Each keeps its seed and its palette to itself, and every choice it leaves to chance is made in
units, so that the same picture comes out at any scale.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.gallery.canvas import Array
from bot.gallery.painters.batik import batik
from bot.gallery.painters.cubism import cubism
from bot.gallery.painters.embroidery import embroidery
from bot.gallery.painters.engraving import engraving
from bot.gallery.painters.garden import garden
from bot.gallery.painters.gilded import gilded
from bot.gallery.painters.halftone import halftone
from bot.gallery.painters.ink_wash import ink_wash
from bot.gallery.painters.marbling import marbling
from bot.gallery.painters.mosaic import mosaic
from bot.gallery.painters.pastel import pastel
from bot.gallery.painters.pointillism import pointillism
from bot.gallery.painters.stained_glass import stained_glass
from bot.gallery.painters.starlight import starlight
from bot.gallery.painters.tapestry import tapestry
from bot.gallery.painters.watercolour import watercolour
from bot.gallery.painters.woodcut import woodcut

Painter = Callable[[float], Array]

PAINTERS: Mapping[str, Painter] = MappingProxyType(
    {
        "starlight": starlight,
        "garden": garden,
        "pastel": pastel,
        "pointillism": pointillism,
        "woodcut": woodcut,
        "engraving": engraving,
        "halftone": halftone,
        "stained-glass": stained_glass,
        "mosaic": mosaic,
        "tapestry": tapestry,
        "embroidery": embroidery,
        "batik": batik,
        "ink-wash": ink_wash,
        "watercolour": watercolour,
        "marbling": marbling,
        "cubism": cubism,
        "gilded": gilded,
    }
)

__all__ = ["PAINTERS", "Painter"]
