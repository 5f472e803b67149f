"""SciPy's L-BFGS-B with restarts, as Chollet's listing runs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from scipy.optimize import fmin_l_bfgs_b

from core.minimise import Evaluate, Iterate
from core.objective import Evaluation

Vector = npt.NDArray[np.float64]


def restarted_lbfgsb(
    evaluate: Evaluate, start: tf.Tensor, iterations: int, *, evaluations: int, done: int = 0
) -> Iterator[Iterate]:
    """Runs `fmin_l_bfgs_b` again and again, each time anew from where it got.

    Args:
        evaluate: loss and gradient at a point.
        start: where to begin, of any shape, float32.
        iterations: number of runs.
        evaluations: `maxfun` of each run; SciPy makes one more.
        done: runs that were made before, where `start` is what they reached.

    Yields:
        After each evaluation the best point of the run under way, with that
        run's number from 1; the last one of each number is the run's result.
    """
    point = start
    origin: Iterate | None = None
    for iteration in range(done + 1, iterations + 1):
        run = _Run(np.asarray(point, np.float64).ravel(), evaluations)
        best: Iterate | None = None
        try:
            while (vector := run.asks()) is not None:
                reached = tf.reshape(tf.constant(vector, tf.float32), start.shape)
                evaluation = evaluate(reached)
                run.answer(evaluation)
                if origin is None or origin.iteration < iteration - 1:
                    # SciPy evaluates first where it starts.
                    origin = Iterate(iteration - 1, reached, evaluation)
                if best is None or evaluation.losses.total < best.evaluation.losses.total:
                    best = Iterate(iteration, reached, evaluation, origin=origin)
                yield best
        finally:
            run.close()
        if best is not None:
            point = best.point


class _Closed(BaseException):
    """Unwinds SciPy when nobody will answer any more."""


class _Run:
    """One run of SciPy's minimiser, turned inside out.

    SciPy calls back and cannot be paused, so it lives in a thread that only
    asks. The evaluations are the consumer's, in the consumer's thread.
    """

    def __init__(self, start: Vector, evaluations: int) -> None:
        self._asked: SimpleQueue[Vector | BaseException | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[float, Vector] | None] = SimpleQueue()
        self._thread = threading.Thread(
            target=self._work, args=(start, evaluations), name="l-bfgs-b", daemon=True
        )
        self._thread.start()

    def asks(self) -> Vector | None:
        """The next point to evaluate; None when the run is over."""
        match self._asked.get():
            case BaseException() as error:
                raise error
            case asked:
                return asked

    def answer(self, evaluation: Evaluation) -> None:
        gradient = np.asarray(evaluation.gradient, np.float64).ravel()
        self._answers.put((evaluation.losses.total, gradient))

    def close(self) -> None:
        self._answers.put(None)
        self._thread.join()

    def _ask(self, vector: Vector) -> tuple[float, Vector]:
        self._asked.put(vector.copy())
        answer = self._answers.get()
        if answer is None:
            raise _Closed
        return answer

    def _work(self, start: Vector, evaluations: int) -> None:
        try:
            fmin_l_bfgs_b(self._ask, start, maxfun=evaluations)
            self._asked.put(None)
        except _Closed:
            pass
        except Exception as error:  # noqa: BLE001 (handed over, to be raised by `asks`)
            self._asked.put(error)
