"""The start model's picture: shown first, as long as it is better, and `quick`'s painting."""

import numpy as np
import PIL.Image
import pytest

from core import Options, Painter
from core.start import StartModelError


def picture(seed: int, size: tuple[int, int]) -> PIL.Image.Image:
    generator = np.random.default_rng(seed)
    coarse = PIL.Image.fromarray(generator.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    return coarse.resize(size, PIL.Image.Resampling.BICUBIC)


CONTENT, STYLE = picture(1, (96, 64)), picture(2, (80, 80))


def test_a_quick_painting_is_one_step_in_full_size(painter: Painter) -> None:
    (step,) = painter.paint(CONTENT, STYLE, Options(size=96, quality="quick"))
    assert (step.iteration, step.iterations, step.share) == (1, 1, 1.0)
    assert step.image.size == (96, 64)
    assert np.abs(np.asarray(step.image, int) - np.asarray(CONTENT, int)).mean() > 10


def test_a_quick_painting_without_a_start_model_is_minimised(painter: Painter) -> None:
    options = Options(size=64, quality="quick", start_model="none")
    steps = list(painter.paint(CONTENT, STYLE, options))
    assert steps[-1].iterations > 1


def test_the_first_step_is_the_start_models(painter: Painter) -> None:
    quick = next(painter.paint(CONTENT, STYLE, Options(size=96, quality="quick")))
    steps = painter.paint(CONTENT, STYLE, Options(size=96))
    first = next(steps)
    steps.close()
    assert np.array_equal(np.asarray(first.image), np.asarray(quick.image))


def test_the_loss_never_rises_within_the_first_size(painter: Painter) -> None:
    totals = [
        step.losses.total
        for step in painter.paint(CONTENT, STYLE, Options(size=96, iterations=8))
        if step.share < 0.2
    ]
    assert totals == sorted(totals, reverse=True)


def test_at_strength_0_the_photo_is_better_than_any_first_picture(painter: Painter) -> None:
    options = Options(size=96, iterations=2, strength=0)
    last = list(painter.paint(CONTENT, STYLE, options))[-1]
    assert np.abs(np.asarray(last.image, int) - np.asarray(CONTENT, int)).mean() < 3


def test_masked_places_of_the_first_picture_stay_the_photos(painter: Painter) -> None:
    mask = PIL.Image.fromarray(np.tile(np.repeat(np.array([0, 255], np.uint8), 48), (64, 1)))
    options = Options(size=96, quality="quick", mask=mask)
    (step,) = painter.paint(CONTENT, STYLE, options)
    changed = np.abs(np.asarray(step.image, int) - np.asarray(CONTENT, int)).mean((0, 2))
    assert changed[52:].max() == 0
    assert changed[:44].mean() > 10


def test_a_start_model_that_is_not_there_is_named(painter: Painter) -> None:
    with pytest.raises(StartModelError, match="nowhere"):
        painter.paint(CONTENT, STYLE, Options(start_model="/nowhere"))
