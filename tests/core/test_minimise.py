from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from scipy.optimize import fmin_l_bfgs_b

from core.minimise import Iterate, lbfgs
from core.objective import Evaluation
from core.scipy_lbfgs import restarted_lbfgsb
from core.steps import Losses


class Counted:
    """A function of a vector with its gradient, that counts how often it is asked."""

    def __init__(self, function: Callable[[tf.Tensor], tf.Tensor]) -> None:
        self._function = function
        self.calls = 0

    def __call__(self, point: tf.Tensor) -> Evaluation:
        self.calls += 1
        with tf.GradientTape() as tape:
            tape.watch(point)
            value = self._function(point)
        total = float(value)
        return Evaluation(Losses(total, 0.0, 0.0, total), tape.gradient(value, point))


def rosenbrock(point: tf.Tensor) -> tf.Tensor:
    head, tail = point[:-1], point[1:]
    return tf.reduce_sum(100.0 * tf.square(tail - tf.square(head)) + tf.square(1.0 - head))


def ill_conditioned(point: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.constant(np.logspace(0, 4, 30), tf.float32) * tf.square(point))


def run(
    evaluate: Counted, start: tf.Tensor, iterations: int, *, step: float = 0.1
) -> list[Iterate]:
    return list(lbfgs(evaluate, start, iterations, memory=10, first_step=step))


def test_rosenbrocks_valley_is_followed_to_its_end() -> None:
    evaluate = Counted(rosenbrock)
    iterates = run(evaluate, tf.constant([-1.2, 1.0, -1.0, 1.5]), 120)
    np.testing.assert_allclose(iterates[-1].point, 1.0, atol=1e-2)
    assert evaluate.calls < 200


def test_an_ill_conditioned_bowl_goes_as_low_as_with_scipy() -> None:
    theirs = Counted(ill_conditioned)

    def value(vector: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        evaluation = theirs(tf.constant(vector, tf.float32))
        return evaluation.losses.total, np.asarray(evaluation.gradient, np.float64)

    _, lowest, _ = fmin_l_bfgs_b(value, np.ones(30), m=10, factr=0, pgtol=0, maxiter=60)
    evaluate = Counted(ill_conditioned)
    iterates = run(evaluate, tf.ones([30]), 60)
    assert iterates[-1].evaluation.losses.total < 1.5 * lowest
    assert evaluate.calls < 1.2 * theirs.calls


@pytest.mark.parametrize("factor", [1.0, 1000.0])
def test_knowing_the_curvature_beforehand_saves_iterations(factor: float) -> None:
    known = factor / tf.constant(np.logspace(0, 4, 30), tf.float32)
    plain = run(Counted(ill_conditioned), tf.ones([30]), 12)[-1]
    knowing = list(
        lbfgs(
            Counted(ill_conditioned),
            tf.ones([30]),
            12,
            memory=10,
            first_step=0.1,
            precondition=lambda vector: known * vector,
        )
    )[-1]
    assert knowing.evaluation.losses.total < 1e-3 * plain.evaluation.losses.total


def test_there_is_an_iterate_after_every_evaluation() -> None:
    evaluate = Counted(rosenbrock)
    iterates = lbfgs(evaluate, tf.constant([-1.2, 1.0]), 30, memory=10, first_step=0.1)
    for calls, _ in enumerate(iterates, start=1):
        assert evaluate.calls == calls
    assert evaluate.calls > 31, "some line searches took more than one"


def test_the_loss_never_rises_and_iterates_are_counted() -> None:
    iterates = run(Counted(rosenbrock), tf.constant([-1.2, 1.0, 2.0]), 25)
    totals = [iterate.evaluation.losses.total for iterate in iterates]
    assert totals == sorted(totals, reverse=True)
    counted = [iterate.iteration for iterate in iterates]
    assert counted == sorted(counted)
    assert sorted(set(counted)) == list(range(26))


@pytest.mark.parametrize("scale", [2.0**-20, 2.0**30])
def test_the_losss_unit_does_not_matter(scale: float) -> None:
    plain = run(Counted(rosenbrock), tf.constant([-1.2, 1.0]), 15)
    scaled = run(Counted(lambda point: scale * rosenbrock(point)), tf.constant([-1.2, 1.0]), 15)
    assert len(scaled) == len(plain)
    np.testing.assert_allclose(scaled[-1].point, plain[-1].point, rtol=1e-5)


def test_the_first_step_has_the_asked_length() -> None:
    start = tf.constant([30.0, -10.0, 20.0])
    first = run(Counted(lambda point: tf.reduce_sum(point**2)), start, 1, step=2.0)[-1]
    assert float(tf.reduce_mean(tf.abs(first.point - start))) == pytest.approx(2.0, rel=1e-5)


def test_points_where_the_loss_is_not_finite_are_never_accepted() -> None:
    def walled(point: tf.Tensor) -> tf.Tensor:
        bowl = tf.reduce_sum(tf.square(point))
        return tf.where(tf.reduce_min(point) < 0.5, tf.constant(np.nan, tf.float32), bowl)

    iterates = run(Counted(walled), tf.constant([4.0, 3.0]), 10, step=3.0)
    assert len(iterates) > 2
    assert all(np.isfinite(iterate.evaluation.losses.total) for iterate in iterates)
    assert float(tf.reduce_min(iterates[-1].point)) >= 0.5


def test_a_minimum_ends_the_run() -> None:
    iterates = run(Counted(lambda point: tf.reduce_sum(point**2)), tf.zeros([3]), 10)
    assert [iterate.iteration for iterate in iterates] == [0]


@pytest.mark.parametrize(
    "minimise",
    [
        lambda evaluate, start: lbfgs(evaluate, start, 50, memory=5, first_step=0.1),
        lambda evaluate, start: restarted_lbfgsb(evaluate, start, 5, evaluations=10),
    ],
)
def test_closing_stops_within_one_evaluation(
    minimise: Callable[[Counted, tf.Tensor], Iterator[Iterate]],
) -> None:
    evaluate = Counted(rosenbrock)
    iterates = minimise(evaluate, tf.constant([-1.2, 1.0, 3.0]))
    for _ in range(7):
        next(iterates)
    before = evaluate.calls
    iterates.close()  # type: ignore[attr-defined]  # they are generators
    assert evaluate.calls == before


def test_restarts_do_what_scipy_does_in_a_loop() -> None:
    def value(vector: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        evaluation = Counted(rosenbrock)(tf.constant(vector, tf.float32))
        return evaluation.losses.total, np.asarray(evaluation.gradient, np.float64)

    vector = np.array([-1.2, 1.0, 3.0])
    wanted = []
    for _ in range(4):
        vector, total, _ = fmin_l_bfgs_b(value, vector, maxfun=8)
        wanted.append(total)
    last: dict[int, float] = {}
    start = tf.constant([-1.2, 1.0, 3.0])
    for iterate in restarted_lbfgsb(Counted(rosenbrock), start, 4, evaluations=8):
        last[iterate.iteration] = iterate.evaluation.losses.total
    assert list(last) == [1, 2, 3, 4]
    np.testing.assert_allclose(list(last.values()), wanted, rtol=1e-3)


def test_what_the_evaluation_raises_comes_out() -> None:
    def failing(_: tf.Tensor) -> Evaluation:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(restarted_lbfgsb(failing, tf.zeros([3]), 2, evaluations=3))
