from __future__ import annotations

import tensorflow as tf

from core.tracing import AnySizeGraph


def doubled(picture: tf.Tensor, factors: tuple[tf.Tensor, tf.Tensor | None]) -> tf.Tensor:
    factor, more = factors
    return picture * factor if more is None else picture * factor * more


def test_all_sizes_share_one_trace() -> None:
    graph = AnySizeGraph(doubled)
    for height, width in ((4, 6), (6, 4), (9, 9)):
        result = graph(tf.ones([1, height, width, 3]), (tf.constant(2.0), None))
        assert result.shape == (1, height, width, 3)
        assert float(tf.reduce_max(result)) == 2.0
    assert graph.traces == 1


def test_another_structure_is_another_trace() -> None:
    graph = AnySizeGraph(doubled)
    picture, two = tf.ones([1, 4, 6, 3]), tf.constant(2.0)
    assert float(tf.reduce_max(graph(picture, (two, None)))) == 2.0
    assert float(tf.reduce_max(graph(picture, (two, two)))) == 4.0
    assert float(tf.reduce_max(graph(picture, (two, None)))) == 2.0
    assert graph.traces == 2


def test_matrices_keep_their_shape() -> None:
    graph = AnySizeGraph(lambda matrix: tf.zeros(matrix.shape))
    assert graph(tf.ones([5, 7])).shape == (5, 7)
    assert graph(tf.ones([2, 3])).shape == (2, 3)
