from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
import tensorflow as tf

import core
from core.recipes import RECIPES
from core.run import run
from core.tensors import enlarge
from tests.core.faulty import Faulty, specification

Pixels = npt.NDArray[np.float64]

SMALL = core.Options(size=96, iterations=24)


def pixels(image: PIL.Image.Image) -> Pixels:
    return np.asarray(image, np.float64)


@pytest.fixture(scope="module")
def steps(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> list[core.Step]:
    return list(painter.paint(photo, portrait, SMALL))


def test_steps_count_up_to_the_painting(steps: list[core.Step]) -> None:
    iterations = [step.iteration for step in steps]
    assert iterations == sorted(iterations)
    assert sorted(set(iterations)) == list(range(1, 25))
    assert {step.iterations for step in steps} == {24}
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    middle = next(step for step in steps if step.iteration == 12)
    assert 0 < middle.share < 0.4, "half of the iterations, at the small sizes, are cheap"
    assert steps[-1].losses.total < steps[-1].photo_loss
    elapsed = [step.elapsed for step in steps]
    assert elapsed == sorted(elapsed)
    for step in steps:
        parts = step.losses.content + step.losses.style + step.losses.variation
        assert step.losses.total == pytest.approx(parts)
        assert step.losses.content > 0
        assert step.losses.style > 0
        assert step.losses.variation > 0


def test_every_step_shows_the_picture_in_its_final_size(steps: list[core.Step]) -> None:
    for step in steps:
        assert step.image.size == (96, 64)
        assert step.image.mode == "RGB"
        assert step.image is step.image


def test_the_painting_is_between_photo_and_style(
    steps: list[core.Step], photo: PIL.Image.Image
) -> None:
    painting = pixels(steps[-1].image)
    small = pixels(photo.resize((96, 64), PIL.Image.Resampling.LANCZOS))
    assert np.abs(painting - small).mean() > 4, "it is not the photo"
    likeness = np.corrcoef(painting.mean(-1).ravel(), small.mean(-1).ravel())[0, 1]
    assert likeness > 0.4, "but shows what the photo shows"


def test_the_style_loss_falls_within_the_last_size(steps: list[core.Step]) -> None:
    assert steps[-1].losses.style < 0.85 * steps[0].losses.style


def test_same_seed_same_picture_and_another_seed_another(
    painter: core.Painter,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    steps: list[core.Step],
) -> None:
    again = list(painter.paint(photo, portrait, SMALL))[-1]
    assert again.image.tobytes() == steps[-1].image.tobytes()
    other = list(painter.paint(photo, portrait, replace(SMALL, seed=1)))[-1]
    assert other.image.tobytes() != steps[-1].image.tobytes()


@pytest.mark.parametrize(
    ("content", "style", "size", "wanted"),
    [
        ((192, 128), (40, 300), 64, (64, 43)),
        ((100, 200), (300, 300), 64, (32, 64)),
        ((400, 20), (100, 100), 48, (48, 2)),
        ((16, 16), (16, 320), 40, (40, 40)),
    ],
)
def test_the_painting_has_the_contents_shape_whatever_the_styles(
    painter: core.Painter,
    photo: PIL.Image.Image,
    content: tuple[int, int],
    style: tuple[int, int],
    size: int,
    wanted: tuple[int, int],
) -> None:
    options = core.Options(size=size, iterations=3)
    for step in painter.paint(photo.resize(content), photo.resize(style), options):
        assert step.image.size == wanted


def test_a_flat_picture_is_painted_and_stays_sane(
    painter: core.Painter, photo: PIL.Image.Image
) -> None:
    grey = PIL.Image.new("RGB", (64, 48), (120, 130, 140))
    for content, style in ((grey, photo), (photo, grey), (grey, grey)):
        last = list(painter.paint(content, style, core.Options(size=48, iterations=4)))[-1]
        assert np.isfinite(last.losses.total)
        assert last.iteration == 4
        assert last.image.size[0] == 48


def test_pictures_that_cannot_be_painted_are_refused_at_once(
    painter: core.Painter, photo: PIL.Image.Image
) -> None:
    with pytest.raises(core.ImageTooSmallError):
        painter.paint(PIL.Image.new("RGB", (1, 1)), photo)
    with pytest.raises(core.AspectRatioError):
        painter.paint(photo, PIL.Image.new("RGB", (4000, 20)))
    with pytest.raises(core.WeightsError):
        painter.paint(photo, photo, core.Options(weights="/nowhere/vgg19.weights.h5"))


@pytest.mark.parametrize("recipe", ["atelier", "seed"])
def test_closing_stops_within_one_evaluation_and_steps_stay_valid(
    request: pytest.FixtureRequest,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    recipe: str,
) -> None:
    objective = Faulty(request.getfixturevalue(recipe))
    task = specification(RECIPES[recipe], photo, portrait, size=64, iterations=24)
    painting = run(objective, task)
    assert objective.calls == 0, "nothing happens before the first step is asked for"
    first = next(painting)
    assert objective.calls == 1
    second = next(painting)
    assert objective.calls == 2
    for calls in range(3, 12):
        next(painting)
        assert objective.calls == calls
    painting.close()
    assert objective.calls == 11
    assert first.image.size == second.image.size == (64, 43)


@pytest.mark.parametrize("resumed", [False, True])
def test_a_painting_that_keeps_to_a_time_counts_to_its_end(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image, *, resumed: bool
) -> None:
    options = core.Options(size=64, seconds=0.7)
    saved = next(painter.paint(photo, portrait, options)).checkpoint() if resumed else None
    steps = list(painter.paint(photo, portrait, options, resume=saved))
    assert (steps[-1].share, steps[-1].iteration) == (1, steps[-1].iterations)
    assert steps[-1].image.size == (64, 43)
    for kind in ("iteration", "share", "elapsed"):
        values = [getattr(step, kind) for step in steps]
        assert values == sorted(values)
    assert all(step.iteration <= step.iterations for step in steps)


@pytest.fixture(scope="module")
def seed_steps(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> list[core.Step]:
    return list(painter.paint(photo, portrait, core.Options(recipe="seed", size=64)))


def test_the_seed_recipes_loss_falls_as_the_listings_does(seed_steps: list[core.Step]) -> None:
    totals = {step.iteration: step.losses.total for step in seed_steps}
    assert list(totals) == list(range(1, 21))
    assert len(seed_steps) <= 20 * 22
    assert totals[1] > 1e6, "sums, not means"
    values = list(totals.values())
    assert values == sorted(values, reverse=True)
    assert values[4] < values[0] / 2


def test_seed_fast_gets_as_low_as_the_seed_recipe_in_fewer_evaluations(
    painter: core.Painter,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    seed_steps: list[core.Step],
) -> None:
    fast = list(painter.paint(photo, portrait, core.Options(recipe="seed-fast", size=64)))
    # It leaves out parts of a few per cent.
    assert fast[-1].losses.total < 0.95 * seed_steps[-1].losses.total
    assert len(fast) < len(seed_steps) / 2.5


def test_weights_pull_the_painting_their_way(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    def last(**weights: float) -> core.Step:
        options = core.Options(size=64, iterations=10, **weights)  # type: ignore[arg-type]
        return list(painter.paint(photo, portrait, options))[-1]

    small = pixels(photo.resize((64, 43), PIL.Image.Resampling.LANCZOS))
    near = np.abs(pixels(last(content_weight=100.0).image) - small).mean()
    far = np.abs(pixels(last(content_weight=0.0).image) - small).mean()
    assert near < far
    rough, smooth = (
        np.abs(np.diff(pixels(last(variation_weight=weight).image), axis=1)).mean()
        for weight in (0.0, 10.0)
    )
    assert smooth < rough
    assert last(style_weight=0.0).losses.style == 0


def test_stylize_paints_to_the_end(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    seen: list[core.Step] = []
    options = core.Options(size=48, iterations=3)
    painting = core.stylize(photo, portrait, options, on_step=seen.append, painter=painter)
    last = {step.iteration: step.losses for step in seen}
    assert list(last) == [1, 2, 3]
    assert painting.image.tobytes() == seen[-1].image.tobytes()
    assert painting.losses == seen[-1].losses
    assert painting.history == tuple(last.values())
    assert painting.iterations == 3
    assert painting.elapsed == seen[-1].elapsed


def test_a_warm_painter_names_its_device(painter: core.Painter) -> None:
    painter.warm()
    assert painter.describe()


def test_enlarging_the_photo_itself_gives_the_finer_photo() -> None:
    random = np.random.default_rng(3)
    coarse = tf.constant(random.uniform(0, 255, (1, 8, 10, 3)), tf.float32)
    finer = tf.constant(random.uniform(0, 255, (1, 16, 20, 3)), tf.float32)
    np.testing.assert_allclose(enlarge(coarse, coarse, finer), finer, atol=1e-3)
    brighter = enlarge(tf.minimum(coarse + 20, 255), coarse, tf.fill((1, 16, 20, 3), 100.0))
    assert float(tf.reduce_mean(brighter)) == pytest.approx(119, abs=2)


def test_no_frame_appears_at_the_border(painter: core.Painter) -> None:
    """A style of even texture gives a painting whose border is like its inside."""
    random = np.random.default_rng(5)
    texture = PIL.Image.fromarray(random.integers(60, 200, (64, 64, 3)).astype(np.uint8))
    options = core.Options(size=96, iterations=12, content_weight=0.0)
    grey = PIL.Image.new("RGB", (96, 96), (128, 128, 128))
    painted = pixels(list(painter.paint(grey, texture, options))[-1].image)
    border = np.concatenate([painted[:4].reshape(-1, 3), painted[-4:].reshape(-1, 3)])
    inside = painted[20:-20, 20:-20].reshape(-1, 3)
    assert np.abs(border.mean(0) - inside.mean(0)).max() < 12
    assert border.std() == pytest.approx(inside.std(), rel=0.35)
