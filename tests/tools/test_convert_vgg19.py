"""VGG19's weights are read from the pinned source, and no code in it ever runs."""

from __future__ import annotations

import io
import os
import pickle
import struct
import sys
import types
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core import weights
from tools import convert_vgg19 as convert
from tools.pinned_wheel import SourceError


def test_converting_again_gives_the_same_bytes() -> None:
    source = Path(os.environ.get("ATELIER_VGG19_SOURCE", convert.SOURCE.name))
    if not source.is_file():
        pytest.skip(f"set ATELIER_VGG19_SOURCE to {convert.SOURCE.name} to run this")
    shipped = Path(weights.__file__).with_name(weights.FILE_NAME)
    assert convert.convert(source) == shipped.read_bytes()


class _Storage:
    def __init__(self, key: str, dtype: str, count: int) -> None:
        self.reference = ("storage", getattr(sys.modules["torch"], dtype), key, "cpu", count, None)


class _Tensor:
    def __init__(self, storage: _Storage, shape: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self._arguments: tuple[object, ...] = (storage, 0, shape, stride, False, {})

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self._arguments


class _Writer(pickle.Pickler):
    def persistent_id(self, obj: object) -> object:
        return obj.reference if isinstance(obj, _Storage) else None


def container(described: object, storages: dict[str, npt.NDArray[np.generic]]) -> bytes:
    """Writes torch's older container."""
    buffer = io.BytesIO()
    for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        pickle.dump(part, buffer, protocol=2)
    _Writer(buffer, protocol=2).dump(described)
    pickle.dump(list(storages), buffer, protocol=2)
    for elements in storages.values():
        buffer.write(struct.pack("<q", elements.size) + elements.tobytes())
    return buffer.getvalue()


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names for pickle to write, as torch has them."""
    module, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2() -> None: ...

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    vars(utils)["_rebuild_tensor_v2"] = _rebuild_tensor_v2
    for name in ("ByteStorage", "FloatStorage"):
        vars(module)[name] = type(name, (), {"__module__": "torch"})
    monkeypatch.setitem(sys.modules, "torch", module)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


@pytest.mark.usefixtures("torch")
def test_tensors_are_read_without_torch() -> None:
    bytes_, floats = np.arange(6, dtype=np.uint8), np.array([1.5, -2.0], "<f4")
    content = container(
        {
            "index": _Tensor(_Storage("9", "ByteStorage", 6), (2, 3), (3, 1)),
            "bias": _Tensor(_Storage("4", "FloatStorage", 2), (2,), (1,)),
        },
        {"4": floats, "9": bytes_},
    )
    tensors = convert.read_tensors(io.BytesIO(content))
    np.testing.assert_array_equal(tensors["index"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(tensors["bias"], floats)
    for end in (5, 40, len(content) // 2, len(content) - 1):
        with pytest.raises(SourceError):
            convert.read_tensors(io.BytesIO(content[:end]))


def _index(shape: tuple[int, ...], stride: tuple[int, ...]) -> io.BytesIO:
    described = {"index": _Tensor(_Storage("9", "ByteStorage", 6), shape, stride)}
    return io.BytesIO(container(described, {"9": np.arange(6, dtype=np.uint8)}))


@pytest.mark.usefixtures("torch")
def test_tensors_may_lie_in_another_order() -> None:
    tensors = convert.read_tensors(_index((3, 2), (1, 3)))
    np.testing.assert_array_equal(tensors["index"], [[0, 3], [1, 4], [2, 5]])


@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize(
    ("shape", "stride"), [((3, 2), (1, 4)), ((3, 2), (1, 1)), ((6, 2), (1, 0)), ((3,), (1,))]
)
def test_views_are_not_taken_for_tensors(shape: tuple[int, ...], stride: tuple[int, ...]) -> None:
    with pytest.raises(SourceError, match="view"):
        convert.read_tensors(_index(shape, stride))


class _Harm:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self._path),)


def test_code_in_the_source_never_runs(tmp_path: Path) -> None:
    content = container({"index": _Harm(tmp_path / "harm")}, {})
    with pytest.raises(SourceError, match="not admitted"):
        convert.read_tensors(io.BytesIO(content))
    assert not (tmp_path / "harm").exists()


def test_another_file_than_the_pinned_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / convert.SOURCE.name
    source.write_bytes(b"something else")
    assert convert.main([str(source), "-o", str(tmp_path / "out.npz")]) == 2
    assert convert.main([str(tmp_path / "none"), "-o", str(tmp_path / "out.npz")]) == 2
    assert not (tmp_path / "out.npz").exists()
    assert convert.SOURCE.sha256 in capsys.readouterr().err
