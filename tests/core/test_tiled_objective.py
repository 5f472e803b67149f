from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core import painter as painters
from core import tiles as module
from core.features import FeatureNetwork
from core.objective import Evaluation, Objective, Targets, Weights, mixed
from core.recipes import ATELIER, RECIPES
from core.tensors import tensor
from core.tiled_objective import TiledObjective
from core.tiles import HALO, STRIDE, tiles
from core.weights import Kernels
from core.whole_objective import WholeObjective


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(16, 4096), width=st.integers(16, 4096), pixels=st.integers(90_000, 2_000_000)
)
def test_cores_cover_a_picture_once_and_tiles_see_all_around(
    height: int, width: int, pixels: int
) -> None:
    cut = tiles(height, width, pixels)
    covered = 0
    for tile in cut:
        for whole, own, length in (
            (tile.rows, tile.core_rows, height),
            (tile.columns, tile.core_columns, width),
        ):
            assert whole[0] == max(0, own[0] - HALO)
            assert whole[1] == min(length, own[1] + HALO)
            assert own[0] % STRIDE == whole[0] % STRIDE == 0
        covered += (tile.core_rows[1] - tile.core_rows[0]) * (
            tile.core_columns[1] - tile.core_columns[0]
        )
        assert tile.pixels <= pixels
    assert covered == height * width
    assert len({(tile.core_rows, tile.core_columns) for tile in cut}) == len(cut)


@pytest.mark.parametrize(("name", "masked"), [("atelier", True), ("seed", False)])
def test_tiles_give_the_whole_pictures_loss_and_gradient(
    request: pytest.FixtureRequest,
    vgg19: Kernels,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    masked: bool,
) -> None:
    monkeypatch.setattr(module, "LEAST_TILE_PIXELS", 1)
    recipe = RECIPES[name]
    network = FeatureNetwork(vgg19, recipe.padding)
    whole: WholeObjective = request.getfixturevalue(name)
    cut = TiledObjective(network, recipe, whole, pixels=240 * 150)
    # Odd sides, so that the pools' rounding counts.
    size = 301, 139
    assert len(tiles(size[1], size[0], 240 * 150)) >= 2
    content, style = tensor(photo, size), tensor(portrait, (320, 114))
    mask = tf.reshape(tf.linspace(0.0, 1.0, size[0] * size[1]), (1, size[1], size[0], 1))
    raised = 1.0 + 4.0 * mask[:, ::-1]
    noise = np.random.default_rng(1).normal(0, 20, content.shape).astype(np.float32)
    weights = Weights(0.3, 1.0, 0.1)

    def measured(objective: Objective) -> tuple[Targets, Evaluation]:
        known = objective.statistics(content), objective.statistics(style)
        wanted = mixed(known, (0.3, 0.7))
        targets = objective.targets(content, wanted, *((mask, raised) if masked else ()))
        return targets, objective.evaluate(content + noise, targets, weights)

    targets, expected = measured(whole)
    cut_targets, found = measured(cut)
    np.testing.assert_allclose(cut_targets.photo, targets.photo, rtol=1e-3)
    for ours, theirs in zip(
        tf.nest.flatten((cut_targets.content, cut_targets.style)),
        tf.nest.flatten((targets.content, targets.style)),
        strict=True,
    ):
        if ours is None:  # the recipe `seed` has no centring, and there are no weights
            continue
        scale = float(tf.reduce_max(tf.abs(theirs)))
        # Tiles keep no more than a float16, which rounds by up to 2.5e-4 below 1.
        exact = 3.5e-4 if ours.dtype == np.float16 else 1e-4 * scale
        np.testing.assert_allclose(ours, theirs, atol=exact)
    for part in ("content", "style", "variation", "total"):
        assert getattr(found.losses, part) == pytest.approx(
            getattr(expected.losses, part), rel=1e-4
        )
    difference = np.abs(found.gradient - expected.gradient).max()
    assert difference < 1e-3 * np.abs(expected.gradient).max()


def test_a_small_photo_with_a_large_style_is_painted_again_and_again(
    photo: PIL.Image.Image, portrait: PIL.Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The style alone is computed in tiles; the second painting finds all graphs traced."""
    monkeypatch.setattr(module, "LEAST_TILE_PIXELS", 1)
    monkeypatch.setattr(painters, "TILE_PIXELS", 250 * 130)
    painter = core.Painter()
    options = core.Options(size=96, iterations=2, style_size=2.5, start_model="none")
    wide = portrait.crop((0, 40, 160, 100))
    first, second = (list(painter.paint(photo, wide, options))[-1] for _ in range(2))
    assert first.losses == second.losses
    assert first.losses.total < first.photo_loss


def test_tiles_become_smaller_but_not_for_ever(vgg19: Kernels, atelier: WholeObjective) -> None:
    network = FeatureNetwork(vgg19, ATELIER.padding)
    objective: TiledObjective | None = TiledObjective(network, ATELIER, atelier)
    sizes = []
    while objective is not None:
        sizes.append(objective.pixels)
        objective = objective.with_less_memory()
    assert sizes == [800_000, 400_000, 200_000, 100_000]
