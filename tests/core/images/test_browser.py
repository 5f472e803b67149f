"""Pictures look as Chromium shows them, where there is one."""

from __future__ import annotations

import io
import re
import shutil
import subprocess

import numpy as np
import PIL.Image
import PIL.ImageChops
import pytest

import core
from tests.core.images.cases import CASES

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
OLDEST = 150
"""The first version that is known to read all of these files as later ones do."""


def version() -> int:
    if CHROMIUM is None:
        return 0
    said = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"\d+", said.stdout)
    return int(number[0]) if number else 0


pytestmark = pytest.mark.skipif(
    version() < OLDEST,
    reason=f"Chromium {OLDEST} or later is not installed (Debian's package: chromium)",
)

NAMES = [name for name, case in CASES.items() if case.in_browsers]
WIDTH, HEIGHT = 64, 32


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> PIL.Image.Image:
    """All pictures on one page, one below the other."""
    assert CHROMIUM is not None
    folder = tmp_path_factory.mktemp("browser")
    for name in NAMES:
        (folder / name).write_bytes(CASES[name].make())
    pictures = "".join(
        f'<img src="{name}" decoding="sync" style="position: absolute; top: {HEIGHT * place}px">'
        for place, name in enumerate(NAMES)
    )
    page = folder / "page.html"
    page.write_text(f'<!doctype html><body style="margin: 0; background: white">{pictures}')
    picture = folder / "shown.png"
    subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--force-device-scale-factor=1",
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={WIDTH * 8},{HEIGHT * len(NAMES) + 200}",
            f"--screenshot={picture}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    if not picture.exists():
        pytest.skip("Chromium may not write here, as where it comes in a package that is shut in")
    return PIL.Image.open(io.BytesIO(picture.read_bytes())).convert("RGB")


@pytest.mark.parametrize("name", NAMES)
def test_pictures_look_as_in_chromium(name: str, shown: PIL.Image.Image) -> None:
    top = HEIGHT * NAMES.index(name)
    theirs = shown.crop((0, top, WIDTH, top + HEIGHT))
    ours = core.open_image(CASES[name].make())
    difference = np.asarray(PIL.ImageChops.difference(ours, theirs))
    assert difference.max() <= CASES[name].tolerance
