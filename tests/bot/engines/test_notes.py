"""What the real engine remarks about a painting on a device that fails comes along."""

from collections.abc import Callable
from math import nan

import pytest
import tensorflow as tf

import core
from bot.engines.job_runner import JobRunner, ReportIntervals
from bot.engines.messages import Message, Painted, Stepped, Stopped
from bot.engines.protocol import Finished, Job, Note
from core.objective import Evaluation, Targets, Weights
from core.steps import Losses
from core.tiled_objective import TiledObjective
from tests.bot.engines.test_job_runner import job, jpeg

Evaluate = Callable[[TiledObjective, tf.Tensor, Targets, Weights], Evaluation]


def painted(painter: core.Painter, size: int = 96, resume: bytes | None = None) -> Finished:
    task: Job = job(jpeg(120, 80), size=size, iterations=6, resume=resume)
    sent: list[Message] = []
    JobRunner(painter, sent.append).work(task, lambda: False)
    last = sent[-1]
    assert isinstance(last, Painted)
    assert (last.finished.width, last.finished.height) == (size, size * 2 // 3)
    return last.finished


def test_a_painting_that_went_well_has_no_note(painter: core.Painter) -> None:
    assert painted(painter).note is None


def short_of_memory(patch: pytest.MonkeyPatch) -> None:
    well: Evaluate = TiledObjective.evaluate

    def short(
        self: TiledObjective, picture: tf.Tensor, targets: Targets, weights: Weights
    ) -> Evaluation:
        if picture.shape[1] * picture.shape[2] > 80 * 60:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        return well(self, picture, targets, weights)

    patch.setattr(TiledObjective, "evaluate", short)


def test_want_of_memory_is_named(painter: core.Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    short_of_memory(monkeypatch)
    assert painted(painter).note is Note.SMALLER


def test_the_note_outlives_a_restart_in_the_midst_of_the_painting(
    painter: core.Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Message] = []
    job_runner = JobRunner(painter, sent.append, intervals=ReportIntervals(steps=0, checkpoints=0))
    with monkeypatch.context() as patch:
        short_of_memory(patch)
        task: Job = job(jpeg(120, 80), size=192, iterations=6)
        job_runner.work(task, lambda: any(isinstance(message, Stepped) for message in sent))
    saved = [message.progress.checkpoint for message in sent if isinstance(message, Stepped)]
    assert isinstance(sent[-1], Stopped)
    assert painted(painter, size=192, resume=saved[-1]).note is Note.SMALLER


def test_a_computation_taken_up_again_is_named(
    painter: core.Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    well: Evaluate = TiledObjective.evaluate
    calls = undefined = 0

    def faulty(
        self: TiledObjective, picture: tf.Tensor, targets: Targets, weights: Weights
    ) -> Evaluation:
        nonlocal calls
        calls += 1
        evaluation = well(self, picture, targets, weights)
        if calls != undefined:
            return evaluation
        return Evaluation(Losses(nan, nan, nan, nan), evaluation.gradient * nan)

    monkeypatch.setattr(TiledObjective, "evaluate", faulty)
    notes = []
    # How many evaluations come before the first that counts is the engine's affair.
    for number in range(1, 5):
        calls, undefined = 0, number
        notes.append(painted(painter).note)
    assert Note.RETAKEN in notes
