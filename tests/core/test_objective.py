"""What the photo itself loses: nothing where it is kept, or where nothing else is wanted."""

from __future__ import annotations

import PIL.Image
import pytest
import tensorflow as tf

from core.features import FeatureNetwork
from core.objective import Objective, Targets
from core.recipes import ATELIER, SEED, Recipe
from core.tensors import tensor
from core.weights import Kernels
from core.whole_objective import WholeObjective

SIZE = 96, 64


@pytest.fixture
def pictures(photo: PIL.Image.Image, portrait: PIL.Image.Image) -> tuple[tf.Tensor, tf.Tensor]:
    return tensor(photo, SIZE), tensor(portrait, SIZE)


def objective(vgg19: Kernels, recipe: Recipe) -> Objective:
    return WholeObjective(FeatureNetwork(vgg19, recipe.padding), recipe)


def test_the_photo_is_its_own_content(
    vgg19: Kernels, pictures: tuple[tf.Tensor, tf.Tensor]
) -> None:
    content, style = pictures
    ours = objective(vgg19, ATELIER)
    wanted = ours.targets(content, ours.statistics(style))
    own = ours.targets(content, ours.statistics(content))
    assert own.photo[:2] == pytest.approx((0.0, 0.0), abs=1e-3)
    # Where the style's mean is wanted, the photo's is a way off.
    assert 0.01 < wanted.photo[0] < 1
    seed = objective(vgg19, SEED)
    assert seed.targets(content, seed.statistics(style)).photo[0] == 0


def test_where_the_photo_is_kept_so_is_its_mean(
    vgg19: Kernels, pictures: tuple[tf.Tensor, tf.Tensor]
) -> None:
    content, style = pictures
    ours = objective(vgg19, ATELIER)
    wanted = ours.statistics(style)

    def masked(grey: float) -> Targets:
        return ours.targets(content, wanted, tf.fill((1, SIZE[1], SIZE[0], 1), grey))

    assert masked(1.0).photo[0] == pytest.approx(0.0, abs=1e-3)
    assert masked(0.0).photo[0] == pytest.approx(ours.targets(content, wanted).photo[0], rel=1e-4)
