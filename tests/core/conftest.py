"""Photos and objectives that several test modules share.

What one of them has loaded and traced need not be loaded and traced again.
"""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import core
from core.features import FeatureNetwork, load_vgg19
from core.recipes import ATELIER, SEED
from core.weights import Kernels
from core.whole_objective import WholeObjective

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
def atelier(vgg19: Kernels) -> WholeObjective:
    """The objective of the recipe `atelier`, in float32."""
    return WholeObjective(FeatureNetwork(vgg19, ATELIER.padding), ATELIER)


@pytest.fixture(scope="session")
def seed(vgg19: Kernels) -> WholeObjective:
    """The objective of the recipe `seed`."""
    return WholeObjective(FeatureNetwork(vgg19, SEED.padding), SEED)
