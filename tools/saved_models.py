"""SavedModels that ship: written beside what is there, which goes once all is ready."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf


def save(module: tf.Module, out: Path) -> None:
    """Writes a module as a SavedModel.

    Args:
        module: what to write.
        out: folder to write; what is there is replaced once all is ready.

    Raises:
        OSError: the folder cannot be written.
    """
    fresh = out.with_name(f"{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    # Stack traces of the building machine are of no use to anybody, and half the file.
    options = tf.saved_model.SaveOptions(save_debug_info=False)
    tf.saved_model.save(module, str(fresh), options=options)
    if out.exists():
        shutil.rmtree(out)
    fresh.rename(out)


def told(convert: Callable[[Path, Path], int]) -> Callable[[Path, Path], str]:
    """A converter that returns a line about what it made, of one that returns its parameters."""

    def write(source: Path, out: Path) -> str:
        count = convert(source, out)
        size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
        return f"{count} parameters, {size} bytes"

    return write
