"""Devices that run out of memory or compute nonsense, and pictures with nothing in them."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

import core
from core.checkpoint import State
from core.features import FeatureNetwork
from core.recipes import ATELIER
from core.run import run
from core.specification import Specification
from core.tiled_objective import TiledObjective
from core.weights import Kernels
from core.whole_objective import WholeObjective
from tests.core.faulty import Faulty, specification


@pytest.fixture
def objective(atelier: WholeObjective) -> Faulty:
    return Faulty(atelier)


def cat(photo: PIL.Image.Image, style: PIL.Image.Image, size: int = 192) -> Specification:
    return specification(ATELIER, photo, style, size=size, iterations=10)


@pytest.mark.parametrize(("largest", "painted"), [(100 * 70, (96, 64)), (70 * 50, (67, 45))])
def test_want_of_memory_gives_a_smaller_painting_and_a_note(
    objective: Faulty,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    largest: int,
    painted: tuple[int, int],
) -> None:
    objective.largest = largest
    steps = list(run(objective, cat(photo, portrait)))
    assert steps[0].losses.total > steps[-1].losses.total
    assert steps[-1].note == core.Note(core.NoteKind.SMALLER, painted)
    assert steps[-1].image.size == (192, 128)
    assert steps[-1].iteration == steps[-1].iterations == 10
    assert steps[-1].share == 1


def test_a_smaller_painting_goes_on_from_a_checkpoint_as_one(
    objective: Faulty, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    objective.largest = 70 * 50
    task = cat(photo, portrait)
    steps = list(run(objective, task))
    saved = [State.decode(step.checkpoint()) for step in steps[1:-2]]
    objective.largest = 10**9
    for state in saved[:: len(saved) - 1]:
        # Larger sizes are not tried again, for all that memory is there now.
        rest = list(run(objective, task, state))
        assert {step.note for step in rest} == {core.Note(core.NoteKind.SMALLER, (67, 45))}
        assert rest[-1].iteration == rest[-1].iterations == 10
        assert rest[-1].losses.total == pytest.approx(steps[-1].losses.total, rel=1e-3)
        assert rest[-1].share == 1


def test_a_size_that_was_made_smaller_twice_can_be_gone_on_from(
    objective: Faulty, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    # 144 x 88, then 101 x 62; rounded once more, 62 would give 44, but 88 gives 43.
    task = cat(photo.resize((180, 110)), portrait, size=288)
    objective.largest = 4_000
    step = next(run(objective, task))
    assert step.note == core.Note(core.NoteKind.SMALLER, (71, 43))
    run(objective, task, State.decode(step.checkpoint())).close()


def test_a_resumed_painting_on_a_device_short_of_memory_keeps_its_place(
    vgg19: Kernels, atelier: WholeObjective, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    task = cat(photo, portrait)
    steps = list(run(atelier, task))
    later = next(step for step in steps if step.share > 0.6)
    tiled = TiledObjective(FeatureNetwork(vgg19, ATELIER.padding), ATELIER, atelier)
    short = Faulty(tiled, without_memory=frozenset({1}))
    rest = list(run(short, task, State.decode(later.checkpoint())))
    assert rest[0].losses.total == pytest.approx(later.losses.total, rel=0.2)
    assert rest[0].losses.total < 0.8 * rest[0].photo_loss
    assert rest[-1].note is None


def test_a_thin_picture_that_cannot_be_smaller_is_not_tried_for_ever(
    objective: Faulty, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    objective.largest = 0
    with pytest.raises(tf.errors.ResourceExhaustedError):
        list(run(objective, cat(photo.resize((320, 32)), portrait, size=320)))
    assert objective.calls < 10


def test_a_device_without_any_memory_is_not_tried_for_ever(
    objective: Faulty, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    objective.largest = 0
    with pytest.raises(tf.errors.ResourceExhaustedError):
        list(run(objective, cat(photo, portrait)))
    assert objective.calls < 10


def test_undefined_numbers_on_the_way_are_stepped_back_from(
    objective: Faulty, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    objective.undefined = frozenset({3, 4, 7})
    steps = list(run(objective, cat(photo, portrait, 96)))
    assert all(np.isfinite(step.losses.total) for step in steps)
    assert steps[-1].iteration == 10
    assert steps[-1].note is None
    assert steps[-1].losses.total < steps[-1].photo_loss


def test_an_undefined_start_is_replaced_by_the_photo(
    objective: Faulty, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    objective.undefined = frozenset({1})
    *_, last = run(objective, cat(photo, portrait, 96))
    assert last.note == core.Note(core.NoteKind.RETAKEN)
    assert last.losses.total < last.photo_loss


def test_a_device_that_computes_nothing_of_use_is_named(
    objective: Faulty, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    objective.undefined = frozenset(range(100))
    with pytest.raises(core.ComputationError, match="no usable numbers"):
        list(run(objective, cat(photo, portrait)))


GREY = PIL.Image.new("RGB", (64, 48), (120, 130, 140))


@pytest.mark.parametrize("choices", [{}, {"keep_colours": "luminance"}, {"keep_colours": "match"}])
def test_flat_styles_and_contents_give_calm_pictures(
    painter: core.Painter, photo: PIL.Image.Image, choices: dict[str, str]
) -> None:
    options = core.Options(size=64, iterations=8, **choices)  # type: ignore[arg-type]
    flat = np.asarray(list(painter.paint(GREY, GREY, options))[-1].image, np.float64)
    assert np.abs(flat - [120, 130, 140]).mean() < 12
    calm = list(painter.paint(photo, GREY, options))[-1]
    small = photo.resize(calm.image.size, PIL.Image.Resampling.LANCZOS)
    ours, theirs = np.asarray(calm.image, np.float64), np.asarray(small, np.float64)
    assert ours.std() < 1.2 * theirs.std(), "a flat style adds no contrast"
    textured = list(painter.paint(GREY, photo, options))[-1]
    assert np.isfinite(textured.losses.total)


def test_a_tiny_pair_is_painted_large(painter: core.Painter, photo: PIL.Image.Image) -> None:
    tiny = photo.resize((40, 30), PIL.Image.Resampling.LANCZOS)
    painting = list(painter.paint(tiny, tiny, core.Options(size=96, iterations=6)))[-1].image
    assert painting.size == (96, 72)
    wanted = np.asarray(tiny.resize((96, 72), PIL.Image.Resampling.BICUBIC), np.float64)
    assert np.corrcoef(np.asarray(painting, np.float64).ravel(), wanted.ravel())[0, 1] > 0.8
