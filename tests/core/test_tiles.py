from __future__ import annotations

import keras
import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from core import tiles as module
from core.features import FeatureNetwork
from core.objective import Objective, Weights
from core.recipes import RECIPES
from core.tensors import tensor
from core.tiles import HALO, STRIDE, TiledObjective, tiles


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(16, 4096), width=st.integers(16, 4096), pixels=st.integers(90_000, 2_000_000)
)
def test_cores_cover_a_picture_once_and_blocks_see_all_around(
    height: int, width: int, pixels: int
) -> None:
    cut = tiles(height, width, pixels)
    covered = 0
    for tile in cut:
        for whole, core, length in (
            (tile.rows, tile.core_rows, height),
            (tile.columns, tile.core_columns, width),
        ):
            assert whole[0] == max(0, core[0] - HALO)
            assert whole[1] == min(length, core[1] + HALO)
            assert core[0] % STRIDE == whole[0] % STRIDE == 0
        covered += (tile.core_rows[1] - tile.core_rows[0]) * (
            tile.core_columns[1] - tile.core_columns[0]
        )
        area = (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0])
        assert area <= pixels
    assert covered == height * width
    assert len({(tile.core_rows, tile.core_columns) for tile in cut}) == len(cut)


@pytest.mark.parametrize(("name", "masked"), [("atelier", True), ("seed", False)])
def test_blocks_give_the_whole_pictures_loss_and_gradient(
    vgg19: keras.Model,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    masked: bool,
) -> None:
    monkeypatch.setattr(module, "LEAST", 1)
    recipe = RECIPES[name]
    network = FeatureNetwork(vgg19, recipe.padding, recipe.pooling)
    whole, cut = Objective(network, recipe), TiledObjective(network, recipe, pixels=240 * 150)
    # Odd sides, so that the pools' rounding counts.
    size = 301, 139
    assert len(tiles(size[1], size[0], 240 * 150)) >= 2
    content, style = tensor(photo, size), tensor(portrait, (240, 170))
    mask = tf.reshape(tf.linspace(0.0, 1.0, size[0] * size[1]), (1, size[1], size[0], 1))
    noise = np.random.default_rng(1).normal(0, 20, content.shape).astype(np.float32)
    weights = Weights(0.3, 1.0, 0.1)
    results = []
    for objective in (whole, cut):
        targets = objective.targets(content, [style], mix=0.7, mask=mask if masked else None)
        results.append((targets, objective.evaluate(content + noise, targets, weights)))
    (targets, expected), (cut_targets, found) = results
    np.testing.assert_allclose(cut_targets.photo, targets.photo, rtol=1e-3)
    for ours, theirs in zip(
        tf.nest.flatten((cut_targets.content, cut_targets.style)),
        tf.nest.flatten((targets.content, targets.style)),
        strict=True,
    ):
        if ours is None:  # the recipe `seed` has no centring
            continue
        scale = float(tf.reduce_max(tf.abs(theirs)))
        # Blocks keep no more than a float16, which rounds by up to 2.5e-4 below 1.
        exact = 3.5e-4 if ours.dtype == np.float16 else 1e-4 * scale
        np.testing.assert_allclose(ours, theirs, atol=exact)
    for part in ("content", "style", "variation", "total"):
        assert getattr(found.losses, part) == pytest.approx(
            getattr(expected.losses, part), rel=1e-4
        )
    difference = np.abs(found.gradient - expected.gradient).max()
    assert difference < 1e-3 * np.abs(expected.gradient).max()


def test_blocks_become_smaller_but_not_for_ever(vgg19: keras.Model) -> None:
    recipe = RECIPES["atelier"]
    objective: TiledObjective | None = TiledObjective(
        FeatureNetwork(vgg19, recipe.padding, recipe.pooling), recipe
    )
    sizes = []
    while objective is not None:
        sizes.append(objective.pixels)
        objective = objective.frugal()
    assert sizes == [800_000, 400_000, 200_000, 100_000]
