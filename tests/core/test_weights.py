from __future__ import annotations

import hashlib
from importlib import resources

import numpy as np

from core import weights

SHIPPED_SHA256 = "35512303dfeda125716eb3d4dec606749434c0a0fa4fb0f72b2c2975d7980bda"
"""Of what `python -m tools.convert_vgg19` makes."""


def test_the_shipped_file_is_the_converters() -> None:
    content = resources.files(weights).joinpath(weights.FILE_NAME).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHIPPED_SHA256


def test_shapes_are_those_of_vgg19() -> None:
    shipped = weights.shipped()
    assert list(shipped) == list(weights.LAYERS)
    inputs = 3
    for layer, (kernel, bias) in shipped.items():
        outputs = min(64 * 2 ** (int(layer[5]) - 1), 512)
        assert kernel.shape == (3, 3, inputs, outputs)
        assert bias.shape == (outputs,)
        assert kernel.dtype == bias.dtype == np.float32
        inputs = outputs
