"""Between pictures and the numbers that a run works on."""

from __future__ import annotations

import PIL.Image
import tensorflow as tf

from core import canvas, images
from core.commission import Commission
from core.palette import lay_colours


class Rendering:
    """Brings a commission's pictures to the sizes of its stages, and points back to pictures."""

    def __init__(self, commission: Commission) -> None:
        """Makes one for a commission."""
        self._commission = commission
        self._full = commission.plan.stages[-1]

    def photo(self, size: tuple[int, int]) -> tf.Tensor:
        """The photo at a stage's size, shape (1, height, width, 3), 0 to 255."""
        return self._tensor(self._commission.content, size, self._full.size)

    def styles(self, sizes: tuple[tuple[int, int], ...]) -> list[tf.Tensor]:
        """The same of the styles."""
        return [
            self._tensor(style, size, full)
            for style, size, full in zip(
                self._commission.styles, sizes, self._full.style_sizes, strict=True
            )
        ]

    def picture(self, point: tf.Tensor, photo: tf.Tensor) -> PIL.Image.Image:
        """The picture at a point, in the painting's size and colours.

        Args:
            point: shape (1, height, width, 3).
            photo: the photo at the same size.
        """
        if (photo.shape[2], photo.shape[1]) != self._full.size:
            point = canvas.enlarge(point, photo, self.photo(self._full.size))
        return self.finished(canvas.picture(point))

    def finished(self, image: PIL.Image.Image) -> PIL.Image.Image:
        """A picture in the painting's size and colours."""
        commission = self._commission
        if image.size != commission.plan.size:
            image = images.resize(image, commission.plan.size)
        return image if commission.colours is None else lay_colours(image, commission.colours)

    def _tensor(
        self, image: PIL.Image.Image, size: tuple[int, int], full: tuple[int, int]
    ) -> tf.Tensor:
        # Made smaller by nearest neighbour, a picture would have another texture.
        nearest = self._commission.recipe.nearest and size == full
        return canvas.tensor(image, size, nearest=nearest)
