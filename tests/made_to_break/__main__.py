"""`python -m tests.made_to_break updates|pictures|commands --examples N`: the full numbers."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.made_to_break.campaign import Run, break_command_lines, break_pictures, feed_updates
from tests.made_to_break.pictures import KINDS


def main() -> None:
    """Run the command; what breaks is raised with its example."""
    parser = argparse.ArgumentParser(prog="python -m tests.made_to_break", description=__doc__)
    parser.add_argument("what", choices=["updates", "pictures", "commands"])
    parser.add_argument("--examples", type=int, default=1000, metavar="N", help="of each kind")
    parser.add_argument("--seed", type=int, help="default: the same examples each time")
    parser.add_argument("--kind", choices=KINDS, action="append", help="of pictures; default: all")
    options = parser.parse_args()
    run = Run(examples=options.examples, seed=options.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "updates":
            feed_updates(run, Path(folder))
        elif options.what == "commands":
            break_command_lines(run, Path(folder))
        for kind in (options.kind or KINDS) if options.what == "pictures" else ():
            _say(f"{kind}: {break_pictures(run, kind)}")
    _say(f"{options.examples} {options.what}: fine, after {time.monotonic() - began:.0f} s")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
