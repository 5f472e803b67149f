"""Between pictures and the numbers that a run works on."""

from __future__ import annotations

import PIL.Image
import tensorflow as tf

from core import images, tensors
from core.palette import lay_colours
from core.specification import Specification


class Rendering:
    """Brings a painting's pictures to the sizes of its stages, and points back to pictures."""

    def __init__(self, spec: Specification) -> None:
        """Makes one for a painting."""
        self._spec = spec
        self._full = spec.plan.stages[-1]

    def photo(self, size: tuple[int, int]) -> tf.Tensor:
        """The photo at a stage's size, shape (1, height, width, 3), 0 to 255."""
        return self._tensor(self._spec.content, size, self._full.size)

    def styles(self, sizes: tuple[tuple[int, int], ...]) -> list[tf.Tensor]:
        """The same of the styles."""
        return [
            self._tensor(style, size, full)
            for style, size, full in zip(
                self._spec.styles, sizes, self._full.style_sizes, strict=True
            )
        ]

    def picture(self, point: tf.Tensor, photo: tf.Tensor) -> PIL.Image.Image:
        """The picture at a point, in the painting's size and colours.

        Args:
            point: shape (1, height, width, 3).
            photo: the photo at the same size.
        """
        if (photo.shape[2], photo.shape[1]) != self._full.size:
            point = tensors.enlarge(point, photo, self.photo(self._full.size))
        return self.finished(tensors.picture(point))

    def finished(self, image: PIL.Image.Image) -> PIL.Image.Image:
        """A picture in the painting's size and colours."""
        spec = self._spec
        if image.size != spec.plan.size:
            image = images.resize(image, spec.plan.size)
        return image if spec.colours is None else lay_colours(image, spec.colours)

    def _tensor(
        self, image: PIL.Image.Image, size: tuple[int, int], full: tuple[int, int]
    ) -> tf.Tensor:
        # Made smaller by nearest neighbour, a picture would have another texture.
        nearest = self._spec.recipe.nearest and size == full
        return tensors.tensor(image, size, nearest=nearest)
