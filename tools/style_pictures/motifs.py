"""Figures that several painters draw."""

import numpy as np

from tools.style_pictures.canvas import Array
from tools.style_pictures.sketch import Sketch, path, smooth


def frame(sketch: Sketch) -> tuple[Array, Array]:
    """The distance (H, W) to the rim of the sheet, and the place along that rim."""
    height, width = sketch.angle.shape
    across = np.minimum(sketch.x, width - sketch.x)
    down = np.minimum(sketch.y, height - sketch.y)
    return np.minimum(across, down), np.where(across < down, sketch.y, sketch.x)


def bird(cx: float, cy: float, size: float, side: int) -> tuple[Array, Array, Array]:
    """Body, wing and tail of a bird that looks to the `side`, each (N, 2)."""
    place = np.array([cx, cy])
    turn = np.array([side * size, size])
    body = smooth(
        path(
            "0.95,-0.62 0.62,-0.78 0.35,-0.55 -0.1,-0.3 -0.5,0.1 "
            "-0.2,0.45 0.35,0.4 0.62,-0.05 0.7,-0.45"
        )
    )
    wing = smooth(path("0.3,-0.22 -0.15,-0.1 -0.75,0.3 -0.2,0.3 0.28,0.15"))
    tail = smooth(path("-0.35,0.05 -0.9,0.35 -1.5,0.95 -1.1,1.0 -0.55,0.6 -0.15,0.4"))
    return place + body * turn, place + wing * turn, place + tail * turn
