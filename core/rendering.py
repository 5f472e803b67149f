"""Between pictures and the numbers that a run works on."""

from __future__ import annotations

import PIL.Image
import tensorflow as tf

from core import images, tensors
from core.faces import content_weights
from core.keep_mask import mask_tensor
from core.objective import Objective, Targets, eigen_weighted, mixed
from core.palette import lay_colours
from core.schedule import StagePlan
from core.specification import Specification


class Rendering:
    """Brings a painting's pictures to the sizes of its stages, and points back to pictures."""

    def __init__(self, spec: Specification) -> None:
        """Makes one for a painting."""
        self._spec = spec
        self._full = spec.plan.stages[-1]
        self._known: tuple[object, Targets] | None = None

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

    def targets(self, objective: Objective, stage: StagePlan, photo: tf.Tensor) -> Targets:
        """What pictures are compared with in a stage.

        Args:
            objective: which compares them.
            stage: the stage.
            photo: at its size.
        """
        key = objective, stage.size, stage.style_sizes
        if self._known is None or self._known[0] != key:
            # Forgotten first: two sizes' targets need not be held at once.
            self._known = None
            spec = self._spec
            styles = [objective.statistics(style) for style in self.styles(stage.style_sizes)]
            wanted = mixed(styles, spec.shares)
            if spec.mix < 1.0:
                wanted = mixed([objective.statistics(photo), wanted], [1.0 - spec.mix, spec.mix])
            mask = None if spec.mask is None else mask_tensor(spec.mask, stage.size)
            weights = None
            if spec.faces:
                weights = tf.constant(content_weights(spec.faces, stage.size, spec.firmness))
            self._known = key, objective.targets(photo, wanted, mask, weights)
        return eigen_weighted(self._known[1], stage.eigen_weight)

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
