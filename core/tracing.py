"""Graphs of pictures of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

import tensorflow as tf

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class AnySizeGraph(Generic[Arguments, Result]):
    """A function of tensors as a graph that is traced once for all heights and widths.

    `tf.function` would find out by the second size that there are several, and
    trace again: most of a second for a network.
    """

    def __init__(self, function: Callable[Arguments, Result]) -> None:
        """For a function of nested tensors; those of rank 4 are pictures or features."""
        self._graph = tf.function(function)
        self._traced: list[object] = []

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """What the function returns, computed by the graph."""
        kind = tf.nest.map_structure(_free, (args, kwargs))
        if kind not in self._traced:
            self._graph.get_concrete_function(*kind[0], **kind[1])
            self._traced.append(kind)
        result: Result = self._graph(*args, **kwargs)
        return result

    @property
    def traces(self) -> int:
        """How often the function was traced."""
        return int(self._graph.experimental_get_tracing_count())


def _free(value: object) -> object:
    """What kind of tensor it is, if it is one, whatever its height and width."""
    if not isinstance(value, tf.Tensor):
        return value
    if value.shape.rank == 4:
        return tf.TensorSpec([value.shape[0], None, None, value.shape[3]], value.dtype)
    return tf.TensorSpec(value.shape, value.dtype)
