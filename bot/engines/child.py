"""`python -m bot.engines.child`: the process that paints on one device.

Only `ProcessEngine` starts it, as a fresh interpreter whose environment already names the device.
It is the only part of the bot in which TensorFlow is imported. It keeps nothing: ending it, by
whatever means, loses one attempt at one order and no more.
"""

import argparse
import faulthandler
import logging
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from bot.engines import child_setup
from bot.engines.child_channel import ChildChannel, Control
from bot.engines.job_runner import JobRunner, Painter, ReportIntervals
from bot.engines.messages import Ready, Unfit
from core import AtelierError

log = logging.getLogger(__name__)

_USUAL = ReportIntervals()


class ReadyPainter(Painter, Protocol):
    """A painter that can be made ready before it is asked to paint."""

    def describe(self) -> str:
        """The device it paints on: "CPU", or the GPU's name."""

    def warm(self) -> None:
        """Load what the first painting would wait for.

        Raises:
            AtelierError: It cannot be loaded.
        """


def _by_tensorflow() -> ReadyPainter:
    # Imported here, so that a bot that is already gone ends this process within TensorFlow's
    # import, which takes seconds.
    from core import Painter as TensorFlowPainter  # noqa: PLC0415

    return TensorFlowPainter()


def main(
    make_painter: Callable[[], ReadyPainter] = _by_tensorflow,
    intervals: ReportIntervals = _USUAL,
) -> None:
    """Serve the bot until it hangs up. Never returns.

    Args:
        make_painter: makes what paints, once the bot can be heard.
        intervals: between reports; the one between previews is the command line's.
    """
    arguments = _arguments()
    child_setup.die_with_parent(arguments.parent)
    child_setup.leave_signals_to_the_parent()
    child_setup.give_way()
    faulthandler.enable()
    # The bot reads these lines and logs them under this engine's name.
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    code = 70  # EX_SOFTWARE
    try:
        code = _serve(arguments, make_painter, intervals)
    except BaseException:
        log.exception("The engine exploded")
    finally:
        # TensorFlow's threads would delay an orderly exit, and there is nothing to put in order.
        os._exit(code)


def _serve(
    arguments: argparse.Namespace,
    make_painter: Callable[[], ReadyPainter],
    intervals: ReportIntervals,
) -> int:
    os.set_inheritable(arguments.fd, False)
    channel = ChildChannel(socket.socket(fileno=arguments.fd))
    control = Control(channel)
    control.start()
    painter = make_painter()
    device = painter.describe()
    if arguments.gpu and device == "CPU":
        channel.send(
            Unfit(message="TensorFlow finds no such GPU here, or was installed without CUDA")
        )
        return 1
    try:
        painter.warm()
    except AtelierError as error:
        channel.send(Unfit(message=str(error)))
        return 1
    intervals = replace(intervals, previews=arguments.preview_every)
    job_runner = JobRunner(painter, channel.send, intervals=intervals)
    channel.send(Ready(device=device))
    while True:
        job = control.next_job()
        log.info("Order %d, attempt %d: begun", job.order_id, job.epoch)
        job_runner.work(job, lambda: control.stopped(job))  # noqa: B023 (not kept beyond the call)
        log.info("Order %d, attempt %d: ended", job.order_id, job.epoch)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.engines.child")
    parser.add_argument("--fd", type=int, required=True, help="the socket that leads to the bot")
    parser.add_argument("--parent", type=int, required=True, help="the bot's process id")
    parser.add_argument("--gpu", action="store_true", help="refuse to paint on the processor")
    parser.add_argument("--preview-every", type=float, required=True, metavar="SECONDS")
    return parser.parse_args()


if __name__ == "__main__":
    main()
