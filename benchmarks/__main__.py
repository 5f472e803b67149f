"""All tables, one after another, each in a process of its own: `make bench`."""

import argparse
import subprocess
import sys

QUICK = ("efficiency", "memory", "seed_loss", "peers", "gpu")
"""Those that have a `--quick` form."""


def main() -> int:
    """Run them; returns 1 if any failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="minutes rather than hours")
    flags = ["--quick"] if parser.parse_args().quick else []
    failed = []
    for name in (*QUICK, "event_loop", "webhook", "whose_turn", "scale_out"):
        sys.stdout.write(f"\n== {name}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", f"benchmarks.{name}", *(flags if name in QUICK else [])]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 (this interpreter)
            failed.append(name)
    if failed:
        sys.stdout.write(f"\nfailed: {', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
