"""What the real engine remarks about a painting on a device that fails becomes a name."""

import logging
from collections.abc import Callable
from math import nan

import pytest
import tensorflow as tf

import core
from bot.engines.easel import Easel
from bot.engines.messages import Message, Paint, Painted
from bot.engines.notes import read_note
from bot.engines.protocol import Note
from core.blocks import BlockObjective
from core.objective import Evaluation, Targets, Weights
from core.steps import Losses
from tests.bot.engines.test_easel import job, jpeg

Evaluate = Callable[[BlockObjective, tf.Tensor, Targets, Weights], Evaluation]


@pytest.fixture(scope="module")
def painter() -> core.Painter:
    return core.Painter()


def painted(painter: core.Painter) -> Painted:
    task: Paint = job(jpeg(120, 80), size=96, iterations=6)
    sent: list[Message] = []
    Easel(painter, sent.append).work(task, lambda: False)
    last = sent[-1]
    assert isinstance(last, Painted)
    assert (last.width, last.height) == (96, 64)
    return last


def test_a_painting_that_went_well_has_no_note(painter: core.Painter) -> None:
    assert painted(painter).note is None


def test_want_of_memory_is_named(painter: core.Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    well: Evaluate = BlockObjective.evaluate

    def short(
        self: BlockObjective, picture: tf.Tensor, targets: Targets, weights: Weights
    ) -> Evaluation:
        if picture.shape[1] * picture.shape[2] > 80 * 60:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        return well(self, picture, targets, weights)

    monkeypatch.setattr(BlockObjective, "evaluate", short)
    assert painted(painter).note is Note.SMALLER


def test_a_computation_taken_up_again_is_named(
    painter: core.Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    well: Evaluate = BlockObjective.evaluate
    calls = undefined = 0

    def faulty(
        self: BlockObjective, picture: tf.Tensor, targets: Targets, weights: Weights
    ) -> Evaluation:
        nonlocal calls
        calls += 1
        evaluation = well(self, picture, targets, weights)
        if calls != undefined:
            return evaluation
        return Evaluation(Losses(nan, nan, nan, nan), evaluation.gradient * nan)

    monkeypatch.setattr(BlockObjective, "evaluate", faulty)
    notes = []
    # How many evaluations come before the first that counts is the engine's affair.
    for number in range(1, 5):
        calls, undefined = 0, number
        notes.append(painted(painter).note)
    assert Note.RETAKEN in notes


def test_a_remark_without_a_name_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert read_note("Painted upside down.") is None
    assert "upside down" in caplog.text
    assert read_note(None) is None
