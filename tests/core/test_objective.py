"""What the photo itself loses: nothing where it is kept, or where nothing else is wanted."""

from __future__ import annotations

import PIL.Image
import pytest
import tensorflow as tf

from core.objective import Targets
from core.tensors import tensor
from core.whole_objective import WholeObjective

SIZE = 96, 64


@pytest.fixture
def pictures(photo: PIL.Image.Image, portrait: PIL.Image.Image) -> tuple[tf.Tensor, tf.Tensor]:
    return tensor(photo, SIZE), tensor(portrait, SIZE)


def test_the_photo_is_its_own_content(
    atelier: WholeObjective, seed: WholeObjective, pictures: tuple[tf.Tensor, tf.Tensor]
) -> None:
    content, style = pictures
    wanted = atelier.targets(content, atelier.statistics(style))
    own = atelier.targets(content, atelier.statistics(content))
    assert own.photo[:2] == pytest.approx((0.0, 0.0), abs=1e-3)
    # Where the style's mean is wanted, the photo's is a way off.
    assert 0.01 < wanted.photo[0] < 1
    assert seed.targets(content, seed.statistics(style)).photo[0] == 0


def test_where_the_photo_is_kept_so_is_its_mean(
    atelier: WholeObjective, pictures: tuple[tf.Tensor, tf.Tensor]
) -> None:
    content, style = pictures
    wanted = atelier.statistics(style)

    def masked(grey: float) -> Targets:
        return atelier.targets(content, wanted, tf.fill((1, SIZE[1], SIZE[0], 1), grey))

    assert masked(1.0).photo[0] == pytest.approx(0.0, abs=1e-3)
    assert masked(0.0).photo[0] == pytest.approx(
        atelier.targets(content, wanted).photo[0], rel=1e-4
    )
