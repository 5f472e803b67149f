"""What is easily opened as something else is opened as what it is."""

from __future__ import annotations

import pytest

import core
from tests.core.images.cases import CASES
from tests.core.images.samples import near


@pytest.mark.parametrize("name", CASES)
def test_pictures_look_as_on_a_screen(name: str) -> None:
    case = CASES[name]
    image = core.open_image(case.make())
    assert image.mode == "RGB"
    assert image.size == (64, 32)
    assert near(image.getpixel((16, 16)), case.left, case.tolerance)
    assert near(image.getpixel((48, 16)), case.right or case.left, case.tolerance)
