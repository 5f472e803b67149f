"""Against the peers, by distances that none of them optimises: `python -m benchmarks.peers`.

pastiche 1.6.0 with its default settings and 500 steps (`--quick`: 40, one pair), Magenta's one
pass (which is Atelier's own `quick`), and Atelier, all at 384 pixels. Smaller is closer; the
style's distance is on VGG16, the content's is LPIPS (see `benchmarks.judge`). Pictures go to
`benchmarks/results/`; what pastiche painted there before is not painted again.
"""

import argparse
import json
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from statistics import median

from PIL import Image

import core
from benchmarks.judge import Judge
from benchmarks.peers_env import Pair, Peers, prepare

RESULTS = Path(__file__).parent / "results"


def pastiche(peers: Peers, pair: Pair, size: int, steps: int) -> tuple[Image.Image, float]:
    """Its painting, and its seconds, as long as it takes on an otherwise idle machine."""
    out = RESULTS / f"{pair.name.replace(' ', '')}-pastiche-{size}-{steps}.png"
    note = out.with_suffix(".json")
    if not note.exists():
        began = time.perf_counter()
        command = [str(peers.pastiche), "--num-steps", str(steps), "--size", str(size)]
        command += ["--content", str(pair.content), "--styles", str(pair.style)]
        subprocess.run(  # noqa: S603 (the pinned peer, on the benchmark's own pictures)
            [*command, "--seed", "0", "--output", str(out)], check=True, stdout=sys.stderr
        )
        note.write_text(json.dumps(time.perf_counter() - began))
    return Image.open(out).convert("RGB"), float(json.loads(note.read_text()))


def atelier(
    painter: core.Painter, pair: Pair, options: core.Options
) -> list[tuple[Image.Image, float]]:
    """Its pictures about every two seconds, the last one the painting, with their seconds."""
    began = time.perf_counter()
    content, style = core.open_image(pair.content), core.open_image(pair.style)
    shown: list[tuple[Image.Image, float]] = []
    last: core.Step | None = None
    for last in painter.paint(content, style, options):
        elapsed = time.perf_counter() - began
        if not shown or elapsed - shown[-1][1] > 2:
            shown.append((last.image, elapsed))
    if last is None:
        raise RuntimeError("The painting had no step.")
    return [*shown, (last.image, time.perf_counter() - began)]


def _row(judge: Judge, pair: Pair, system: str, painted: tuple[Image.Image, float]) -> None:
    image, seconds = painted
    image.save(RESULTS / f"{pair.name.replace(' ', '')}-{system}.png")
    verdict = judge.judge(image, Image.open(pair.content), Image.open(pair.style))
    sys.stdout.write(
        f"{pair.name:<26}{system:<12}{seconds:>9.1f}{verdict.style:>8.3f}{verdict.content:>9.3f}\n"
    )
    sys.stdout.flush()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--size", type=int, default=384, help="long side in pixels")
    chosen = parser.parse_args()
    peers = prepare()
    RESULTS.mkdir(exist_ok=True)
    judge = Judge(peers.archive)
    painter = core.Painter()
    painter.warm()
    steps = 40 if chosen.quick else 500
    ratios = []
    sys.stdout.write(f"Held-out distances at {chosen.size} px; pastiche with {steps} steps\n")
    sys.stdout.write(f"{'pair':<26}{'system':<12}{'seconds':>9}{'style':>8}{'content':>9}\n")
    for pair in peers.pairs[: 1 if chosen.quick else None]:
        options = core.Options(size=chosen.size)
        row = partial(_row, judge, pair)
        row("one-pass", atelier(painter, pair, core.Options(size=chosen.size, quality="quick"))[-1])
        shown = atelier(painter, pair, options)
        after = next((picture for picture in shown if picture[1] >= 10), shown[-1])
        row("atelier-10s", after)
        row("atelier", shown[-1])
        peer = pastiche(peers, pair, chosen.size, steps)
        row("pastiche", peer)
        ratios.append(peer[1] / shown[-1][1])
    sys.stdout.write(f"pastiche takes {median(ratios):.1f} times as long (median)\n")


if __name__ == "__main__":
    main()
