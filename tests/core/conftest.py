"""Photos and painters that several test modules share."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import core
from core.features import load_vgg19
from core.weights import Kernels

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="session")
def photo() -> PIL.Image.Image:
    """A cat, 192 x 128 pixels."""
    return core.open_image(DATA / "chelsea.jpg")


@pytest.fixture(scope="session")
def portrait() -> PIL.Image.Image:
    """An astronaut, 160 x 160 pixels."""
    return core.open_image(DATA / "astronaut.jpg")


@pytest.fixture(scope="session")
def vgg19() -> Kernels:
    return load_vgg19()


@pytest.fixture(scope="session")
def painter() -> core.Painter:
    return core.Painter()
