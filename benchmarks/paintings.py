"""The paintings of a set of pairs, before all judges: `python -m benchmarks.paintings`.

Smaller is closer, in all columns but "faces". "style" and "content" are those of `benchmarks.judge`
(VGG16); "AlexNet" is LPIPS between painting and photo on another network; "Lite0" is the style's
distance on one of another family, EfficientNet-Lite0; "faces" is how many of the photo's MTCNN
finds again in the painting, and "error" how far their landmarks are off, as a part of the distance
between the eyes. Paintings go to a folder (`--out`), and are not made again if they are there;
`--sheet` puts all that may be shown on one picture.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import core
from benchmarks.efficientnet import EfficientNet
from benchmarks.faces import FaceJudge, FacesFound
from benchmarks.judge import photo_at, style_at, style_distance
from benchmarks.judges_env import Judges, photo, prepare
from benchmarks.lpips import VGG16, AlexNet
from benchmarks.pair_set import OTHERS, PAIRS, Pair

RESULTS = Path(__file__).parent / "results"
GALLERY = Path(__file__).parents[1] / "bot" / "gallery" / "pictures"
_COLUMNS = ("style", "content", "AlexNet", "Lite0")
_CELL = 256
"""Pixels of a sheet's cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What all judges say of one painting: `_COLUMNS`, and the faces."""

    distances: tuple[float, float, float, float]
    faces: FacesFound


class Bench:
    """All judges."""

    def __init__(self, judges: Judges) -> None:
        """Loads them."""
        self._vgg16, self._alexnet = VGG16(judges.lpips), AlexNet(judges.lpips)
        self._lite0 = EfficientNet(judges.efficientnet)
        self._faces = FaceJudge(judges.packages)

    def judge(self, painting: Image.Image, content: Image.Image, style: Image.Image) -> Row:
        """Compares a painting with its photo and its style."""
        seen, look = photo_at(painting, content), style_at(painting, style)
        features = self._vgg16.features(painting)
        distances = (
            style_distance(features, self._vgg16.features(look)),
            self._vgg16.distance(features, self._vgg16.features(seen)),
            self._alexnet.distance(self._alexnet.features(painting), self._alexnet.features(seen)),
            style_distance(self._lite0.features(painting), self._lite0.features(look)),
        )
        return Row(distances=distances, faces=self._faces.judge(painting, seen))


def opened(pair: Pair, pictures: Path | None) -> tuple[Image.Image, Image.Image]:
    """A pair's photo and style."""
    files = pictures or GALLERY
    content = core.open_image(files / pair.photo) if "." in pair.photo else photo(pair.photo)
    style = files / pair.style if "." in pair.style else GALLERY / f"{pair.style}.jpg"
    return content, core.open_image(style)


def table(rows: Sequence[tuple[Pair, Row]]) -> str:
    """All rows, and the means of those that are used for tuning, of the others, and of all."""
    lines = [f"{'pair':<40}{''.join(f'{name:>9}' for name in _COLUMNS)}{'faces':>7}{'error':>7}"]
    lines += [_line(f"{pair.name}{' *' * pair.unseen}", [row]) for pair, row in rows]
    groups = {
        "mean, used for tuning": [row for pair, row in rows if not pair.unseen],
        "mean, never used (*)": [row for pair, row in rows if pair.unseen],
        "mean of all": [row for _, row in rows],
    }
    return "\n".join([*lines, *(_line(name, group) for name, group in groups.items() if group)])


def _line(name: str, rows: Sequence[Row]) -> str:
    means = np.mean([row.distances for row in rows], axis=0)
    line = f"{name:<40}{''.join(f'{mean:>9.3f}' for mean in means)}"
    faces = sum(row.faces.faces for row in rows)
    errors = [error for row in rows for error in row.faces.errors]
    if not faces:
        return line
    return f"{line}{f'{len(errors)}/{faces}':>7}{np.mean(errors) if errors else np.nan:>7.3f}"


def sheet(paintings: Sequence[tuple[Pair, Image.Image]]) -> Image.Image:
    """All paintings, four in a row, each under its name."""
    rows = -(-len(paintings) // 4)
    whole = Image.new("RGB", (4 * _CELL, rows * _CELL), "white")
    draw = ImageDraw.Draw(whole)
    for place, (pair, painting) in enumerate(paintings):
        left, top = place % 4 * _CELL, place // 4 * _CELL
        draw.text((left + 4, top + 2), pair.name.replace("-", " by ", 1), fill="black")
        small = painting.copy()
        small.thumbnail((_CELL - 4, _CELL - 18), Image.Resampling.LANCZOS)
        whole.paste(small, (left + (_CELL - small.width) // 2, top + 16))
    return whole


def main() -> None:
    """Paints, prints the table, draws the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=512, help="long side in pixels")
    parser.add_argument("--strength", type=float, default=50)
    parser.add_argument("--pictures", type=Path, help="a folder with more, not to be shown")
    parser.add_argument("--pair", action="append", help="only pairs whose name has this in it")
    parser.add_argument("--out", type=Path, default=RESULTS / "paintings", help="%(default)s")
    parser.add_argument("--sheet", type=Path, help="where the sheet of all paintings goes")
    chosen = parser.parse_args()
    bench = Bench(prepare())
    painter = core.Painter()
    options = core.Options(size=chosen.size, strength=chosen.strength)
    pairs = [*PAIRS, *(OTHERS if chosen.pictures else ())]
    if chosen.pair:
        pairs = [pair for pair in pairs if any(part in pair.name for part in chosen.pair)]
    rows, painted = [], []
    chosen.out.mkdir(parents=True, exist_ok=True)
    for pair in pairs:
        content, style = opened(pair, chosen.pictures)
        name = f"{pair.name.replace('/', '-')}-{chosen.size}-{chosen.strength:g}.png"
        if not (chosen.out / name).exists():
            painting = core.stylize(content, style, options, painter=painter).image
            painting.save(chosen.out / name)
            sys.stderr.write(f"{chosen.out / name}\n")
        painting = Image.open(chosen.out / name).convert("RGB")
        rows.append((pair, bench.judge(painting, content, style)))
        if pair in PAIRS:
            painted.append((pair, painting))
    sys.stdout.write(f"{table(rows)}\n")
    if chosen.sheet is not None:
        sheet(painted).save(chosen.sheet, quality=88)


if __name__ == "__main__":
    main()
