"""`python -m tests.campaign`: people go on ordering while everything around them breaks."""

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.campaign.campaign import Report, run
from tests.postgresql import KILLABLE, WANTED, programs, serving


def main() -> int:
    """Run one campaign; 0 if it was clean, 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what everything is drawn from")
    parser.add_argument("--faults", type=int, default=100, help="how many things break")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--log", type=Path, help="a file for what the bot itself logs")
    parser.add_argument("--journal", action="store_true", help="show what happened in any case")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="atelier-campaign-")))
        server = None
        if options.database == "postgresql":
            if (found := programs()) is None:
                parser.error(WANTED)
            server = stack.enter_context(serving(found, KILLABLE))
        report = asyncio.run(run(options.seed, options.faults, folder, server))
    if options.log is not None:
        options.log.write_text(report.log, encoding="utf-8")
    sys.stdout.write(summary(report))
    if report.wrong or options.journal:
        sys.stdout.write("\n".join(["", *report.journal, ""]))
    if report.wrong:
        sys.stdout.write("\n".join(["", "Wrong:", *report.wrong, ""]))
    return 1 if report.wrong else 0


def summary(report: Report) -> str:
    """A campaign in a few lines."""
    faults = sorted(report.faults.items(), key=lambda item: -item[1])
    orders = ", ".join(f"{number} {state}" for state, number in sorted(report.orders.items()))
    return "\n".join(
        [
            f"Seed {report.seed}: {sum(report.faults.values())} faults in {report.seconds:.0f} s",
            *(f"{number:6}  {kind}" for kind, number in faults),
            f"{report.requests} requests, {report.presses} presses; orders: {orders}",
            f"{report.bot_starts} starts of the bot; {report.strays} cards that it could not know "
            f"of; {report.lone_files} files without a row, swept up",
            f"{len(report.wrong)} things wrong",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
