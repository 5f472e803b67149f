"""The most memory that a painting of 512 pixels takes: `python -m benchmarks.memory`.

A process of its own paints, from its start to the written file, and the kernel says what the
most was that it held at once (ru_maxrss).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.peers_env import GALLERY, SAMPLES


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer iterations, the same sizes")
    chosen = parser.parse_args()
    command = [sys.executable, "-m", "core", str(SAMPLES / "content.jpg")]
    command += [str(GALLERY / "starlight.jpg"), "--size", "512"]
    if chosen.quick:
        command += ["--iterations", "8"]
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        began = time.perf_counter()
        subprocess.run(  # noqa: S603 (this interpreter, on shipped pictures)
            [*command, "-o", str(Path(folder) / "out.jpg")],
            check=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            cwd=Path(__file__).parents[1],
        )
        elapsed = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    sys.stdout.write(
        f"python -m core at 512 px: {elapsed:.1f} s from its start, {peak:.2f} GiB at most\n"
    )


if __name__ == "__main__":
    main()
