"""One painter per technique: a function from a scale to pixels (H, W, 3), 0 to 1.

Each keeps its seed and its palette to itself, and every choice it leaves to chance is made in
units, so that the same picture comes out at any scale.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tools.style_pictures.canvas import Array
from tools.style_pictures.painters.batik import batik
from tools.style_pictures.painters.cubism import cubism
from tools.style_pictures.painters.embroidery import embroidery
from tools.style_pictures.painters.engraving import engraving
from tools.style_pictures.painters.garden import garden
from tools.style_pictures.painters.gilded import gilded
from tools.style_pictures.painters.halftone import halftone
from tools.style_pictures.painters.ink_wash import ink_wash
from tools.style_pictures.painters.marbling import marbling
from tools.style_pictures.painters.mosaic import mosaic
from tools.style_pictures.painters.pastel import pastel
from tools.style_pictures.painters.pointillism import pointillism
from tools.style_pictures.painters.stained_glass import stained_glass
from tools.style_pictures.painters.starlight import starlight
from tools.style_pictures.painters.tapestry import tapestry
from tools.style_pictures.painters.watercolour import watercolour
from tools.style_pictures.painters.woodcut import woodcut

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
