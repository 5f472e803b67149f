from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import FrozenInstanceError
from typing import Any, cast

import pytest

import core


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("size", 31, "from 32 to 4096"),
        ("size", 4097, "from 32 to 4096"),
        ("size", 512.0, "whole number"),
        ("size", True, "whole number"),
        ("iterations", 0, "from 1 to"),
        ("precision", "half", "one of auto, float32, bfloat16"),
        ("recipe", "soup", "one of atelier, seed"),
        ("content_weight", -0.1, "0 or more"),
        ("style_weight", math.nan, "finite"),
        ("variation_weight", math.inf, "finite"),
        ("variation_weight", "1", "finite"),
        ("seed", -1, "from 0 to"),
        ("weights", "", "shipped, imagenet or the path"),
        ("start_model", "", "shipped, none, a path"),
        ("strength", 100.5, "from 0 to 100"),
        ("style_size", 0.2, "from 0.25 to 4"),
        ("seconds", 0.4, "from 0.5 to 86400"),
        ("keep_colours", "all", "one of luminance, match"),
        ("style_weights", (1, -1), "0 or more"),
        ("style_weights", (0, 0), "not all 0"),
        ("style_weights", "12", "finite numbers"),
        ("quality", "best", "one of quick, standard, fine"),
        ("mask", 5, "a picture or its path"),
        ("faces", "on", "one of auto, off"),
    ],
)
def test_what_is_out_of_range_is_named(option: str, value: object, expected: str) -> None:
    with pytest.raises(core.OptionsError, match=f"^{option} must be .*{expected}") as caught:
        core.Options(**cast("dict[str, Any]", {option: value}))
    assert caught.value.option == option
    assert caught.value.value is value
    assert isinstance(caught.value, core.AtelierError)


def test_options_are_frozen_and_have_defaults_for_all() -> None:
    options = core.Options()
    with pytest.raises(FrozenInstanceError):
        options.seed = 3  # type: ignore[misc]  # what is being shown
    assert core.Options(size=32, iterations=1, content_weight=0, seed=2**62).size == 32


def test_importing_core_is_light() -> None:
    code = "import sys, core; core.Options(); print({'tensorflow', 'keras'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_names_that_core_does_not_have() -> None:
    with pytest.raises(AttributeError, match="no attribute 'soup'"):
        _ = core.soup
    for name in core.__all__:
        assert getattr(core, name) is not None
