from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

import core
from core import painter as painters
from core.features import FeatureNetwork
from core.precision import Precision, fastest
from core.recipes import Padding
from core.weights import Kernels


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu sse2 avx512f avx512_bf16 avx512_vnni", Precision.BFLOAT16),
        ("fpu sse2 amx_bf16 amx_tile", Precision.BFLOAT16),
        ("fpu sse2 avx2 avx512f avx512_vnni", Precision.FLOAT32),
        ("", Precision.FLOAT32),
    ],
)
def test_the_processor_decides(tmp_path: Path, flags: str, expected: Precision) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text(f"processor\t: 0\nmodel name\t: Any\nflags\t\t: {flags}\n\n", encoding="utf-8")
    assert fastest(gpu=False, cpu_info=info) is expected


def test_a_gpu_gets_float32(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("flags : avx512_bf16", encoding="utf-8")
    assert fastest(gpu=True, cpu_info=info) is Precision.FLOAT32


def test_an_unknown_processor_gets_float32(tmp_path: Path) -> None:
    assert fastest(gpu=False, cpu_info=tmp_path / "missing") is Precision.FLOAT32


@pytest.mark.parametrize("layer", ["block1_conv1", "block3_conv1", "block5_conv2"])
def test_coarse_features_are_near_to_exact_ones(
    photo: PIL.Image.Image, vgg19: Kernels, layer: str
) -> None:
    picture = tf.constant(np.asarray(photo.resize((96, 64)), np.float32)[np.newaxis])
    exact, coarse = (
        FeatureNetwork(vgg19, Padding.MIRROR, precision)(picture, [layer])[layer]
        for precision in (Precision.FLOAT32, Precision.BFLOAT16)
    )
    assert coarse.dtype == tf.float32
    distance = float(tf.norm(coarse - exact) / tf.norm(exact))
    assert 0 < distance < 0.02


def test_the_loss_falls_as_far_in_either_format(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    last = {}
    for precision in Precision:
        options = core.Options(
            size=96, iterations=20, start_model="none", precision=precision.value
        )
        *_, step = painter.paint(photo, portrait, options)
        last[precision] = step.losses.total
    assert last[Precision.BFLOAT16] == pytest.approx(last[Precision.FLOAT32], rel=0.05)


def test_the_seed_recipe_is_exact_on_every_machine(
    painter: core.Painter,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(painters, "fastest", lambda **_: Precision.BFLOAT16)
    losses = {}
    for precision in ("auto", "float32", "bfloat16"):
        options = core.Options(size=48, recipe="seed", precision=precision)
        losses[precision] = next(painter.paint(photo, portrait, options)).losses
    assert losses["auto"] == losses["float32"] != losses["bfloat16"]
