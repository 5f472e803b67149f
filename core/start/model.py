"""Loads a feed-forward stylisation and runs it on pictures of any size."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.errors import AtelierError
from core.start.batches import ImageArray, Tensor, content_batch, style_batch

SHIPPED = "shipped"
"""The handle of the model that comes with Atelier."""

FOLDER = "saved_model"
WORKING_SIZE = 640
"""The long side in pixels above which the stylisation is made smaller and enlarged: what would
be gained in fine detail would be lost in waiting."""

Code = npt.NDArray[np.float32]
Module = Any


class StartModelError(AtelierError):
    """A start model cannot be had, or does not do what one must do.

    Attributes:
        handle: what was asked for: `SHIPPED`, a path or a TF-Hub handle.
    """

    def __init__(self, handle: str, fault: str) -> None:
        self.handle = handle
        super().__init__(f"The start model {handle!r} {fault}.")


class StartModel:
    """A stylisation in one pass: content and style in, picture out.

    Pictures are float32 arrays of shape (height, width, 3), sRGB from 0 to 1.
    The same pictures give the same result on the same machine.
    """

    def __init__(self, module: Module, handle: str) -> None:
        self._module = module
        self.handle = handle

    @classmethod
    def load(cls, handle: str | Path = SHIPPED) -> Self:
        """Loads a model through `tensorflow_hub.load`.

        Args:
            handle: `SHIPPED`, the folder of a SavedModel, or a TF-Hub handle.
                Any module is good that is called as Magenta's arbitrary
                stylisation is: `module(content, style)[0]` on float32 batches
                with colours from 0 to 1. A handle is downloaded; the shipped
                model and a folder need no network.

        Raises:
            StartModelError: nothing can be loaded from there, or it is no
                stylisation.
        """
        name = str(handle)
        try:
            if name == SHIPPED:
                with resources.as_file(resources.files("core.start") / FOLDER) as folder:
                    module = _load(str(folder))
            else:
                module = _load(name)
        except (
            # What TensorFlow, TF-Hub and urllib are seen to raise for wrong handles.
            ArithmeticError,
            AttributeError,
            LookupError,
            OSError,
            RuntimeError,
            TypeError,
            ValueError,
            tf.errors.OpError,
        ) as error:
            remedy = (
                "reinstall Atelier" if name == SHIPPED else "give a SavedModel folder or handle"
            )
            raise StartModelError(name, f"cannot be loaded; {remedy}") from error
        if not callable(module):
            raise StartModelError(name, "is not a stylisation of a content by a style")
        return cls(module, name)

    @property
    def has_codes(self) -> bool:
        """Whether the model shows its style codes, so that styles blend inside it."""
        return hasattr(self._module, "style_code") and hasattr(self._module, "transform")

    def style_code(self, style: ImageArray) -> Code:
        """The style as a model with codes sees it: (numbers,); the shipped one has 100."""
        return np.asarray(self._run(self._module.style_code, style_batch(style))[0], np.float32)

    def transform(
        self, content: ImageArray, code: Code, *, working_size: int = WORKING_SIZE
    ) -> ImageArray:
        """Stylises by a code or a mixture of codes; for the rest see `stylise`."""
        batch, size = content_batch(content, working_size)
        numbers = tf.constant(code[np.newaxis], tf.float32)
        out = self._run(self._module.transform, batch, numbers)
        return self._picture(out, batch, size, content.shape)

    def stylise(
        self,
        content: ImageArray,
        styles: Sequence[ImageArray],
        shares: Sequence[float] = (1.0,),
        *,
        strength: float = 1.0,
        working_size: int = WORKING_SIZE,
    ) -> ImageArray:
        """Paints the content in the manner of one or several styles.

        With a model that `has_codes`, styles are blended, and strength is set,
        by mixing codes, as Ghiasi et al. (2017, section 4.3) do; else by mixing
        pictures, at the cost of a pass for every style.

        Args:
            content: the photo. Memory goes with the pixels that are worked on.
            styles: pictures of any size.
            shares: how much of each style, adding up to 1.
            strength: from 0 (the photo in its own manner) to 1.
            working_size: a content with a longer long side is worked on at this
                size and the result is enlarged, which bounds memory and time and
                makes brush strokes grow with the picture.

        Returns:
            The stylised picture, of the content's shape, from 0 to 1.

        Raises:
            StartModelError: the model fails on these pictures.
            tf.errors.ResourceExhaustedError: the device has too little memory
                for this `working_size`.
        """
        if self.has_codes:
            code = _mixture([self.style_code(style) for style in styles], shares)
            if strength < 1:
                code = _mixture([self.style_code(content), code], [1 - strength, strength])
            return self.transform(content, code, working_size=working_size)
        batch, size = content_batch(content, working_size)
        pictures: list[ImageArray] = []
        for style in styles:
            out = self._run(self._module, batch, style_batch(style))
            pictures.append(self._picture(out, batch, size, content.shape))
        return _mixture([content, _mixture(pictures, shares)], [1 - strength, strength])

    def _run(self, function: Callable[..., Any], *arguments: Tensor) -> Tensor:
        """Calls the module, whose faults are as many as there are modules."""
        try:
            return tf.cast(_first(function(*arguments)), tf.float32)
        except tf.errors.ResourceExhaustedError:
            raise  # the caller may try a smaller size
        except (
            AttributeError,
            LookupError,
            NotImplementedError,
            TypeError,
            ValueError,
            tf.errors.OpError,
        ) as error:
            raise StartModelError(self.handle, "fails on these pictures") from error

    def _picture(
        self, out: Tensor, batch: Tensor, size: tuple[int, int], shape: tuple[int, ...]
    ) -> ImageArray:
        """Brings what a module returned to the content's shape, or says what is wrong."""
        if tf.rank(out) != 4 or out.shape[0] != 1 or out.shape[3] != 3:
            raise StartModelError(self.handle, "does not return a picture")
        if not tf.reduce_all(tf.math.is_finite(out)):
            raise StartModelError(self.handle, "returns a picture with undefined colours")
        if out.shape[1:3] != batch.shape[1:3]:
            # Magenta's own modules return sizes that their strides like.
            out = tf.image.resize(out, batch.shape[1:3], "bicubic")
        out = out[:, : size[0], : size[1], :]
        if size != shape[:2]:
            out = tf.image.resize(out, shape[:2], "bicubic", antialias=True)
        return np.asarray(tf.clip_by_value(out[0], 0.0, 1.0), np.float32)


def _load(handle: str) -> Module:
    with warnings.catch_warnings():
        # tensorflow_hub 0.16.1 imports pkg_resources, which speaks of its own end.
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
        import tensorflow_hub  # noqa: PLC0415 (seconds, which only users of a start should pay)
    return tensorflow_hub.load(handle)


def _first(returned: object) -> Tensor:
    """Takes the picture out of what a module returned: a tensor, list or dictionary."""
    if isinstance(returned, dict):
        returned = list(returned.values())
    return returned[0] if isinstance(returned, list | tuple) else returned


def _mixture(arrays: Sequence[ImageArray], shares: Sequence[float]) -> ImageArray:
    mixed = np.zeros_like(arrays[0])
    for array, share in zip(arrays, shares, strict=True):
        if share:
            mixed += np.float32(share) * array
    return mixed
