"""An engine's child that fails in every way a child can; `main` of tests/bot/engines only.

Usage: faulty_child.py MODE [--once FILE]: with --once it is well if FILE exists, else makes it.
"""

import argparse
import os
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

from bot.engines import child_setup
from bot.engines.child_channel import ChildChannel, Control
from bot.engines.messages import Begun, Painted, Ready, Refused, Stepped, Stopped, Unfit
from bot.engines.protocol import Finished, Job, Note, Progress

STEPS = 40


def say(text: str) -> None:
    os.write(1, text.encode(errors="surrogateescape") + b"\n")


def step(
    job: Job, iteration: int, preview: bytes | None = None, checkpoint: bytes | None = None
) -> Stepped:
    progress = Progress(
        iteration=iteration,
        iterations=STEPS,
        loss=1.0 / iteration,
        elapsed=iteration / 10,
        remaining=None,
        share=min(1.0, iteration / STEPS),
        preview=preview,
        checkpoint=checkpoint,
    )
    return Stepped(order_id=job.order_id, epoch=job.epoch, progress=progress)


def painted(job: Job, note: Note | None = None) -> Painted:
    image = job.content + (job.resume or b"")
    finished = Finished(image=image, width=job.size, height=1, elapsed=1.0, note=note)
    return Painted(order_id=job.order_id, epoch=job.epoch, finished=finished)


def misbehave(  # noqa: C901 (a list of faults)
    mode: str, channel: ChildChannel, connection: socket.socket, job: Job
) -> None:
    match mode:
        case "hang":
            time.sleep(600)
        case "exit":
            say("I have had enough")
            os._exit(3)
        case "explode":
            raise MemoryError("OOM when allocating tensor")
        case "garble":
            connection.sendall(b"\x00\x00\x00\x05hello")
            time.sleep(600)
        case "oversize":
            connection.sendall(b"\xff\xff\xff\xff")
            time.sleep(600)
        case "cut":
            connection.sendall(b"\x00\x00\x00\x05he")
            os._exit(0)
        case "refuse":
            channel.send(
                Refused(order_id=job.order_id, epoch=job.epoch, reason="Nope", message="No.")
            )
        case "stale":
            channel.send(painted(replace(job, epoch=job.epoch - 1)))
            channel.send(painted(job))
        case "retaken":
            channel.send(painted(job, Note.RETAKEN))
        case "flood":
            for iteration in range(2, STEPS + 1):
                channel.send(step(job, iteration, b"early" if iteration == 3 else None))
            channel.send(painted(job))
        case _:
            raise ValueError(mode)


def behave(channel: ChildChannel, control: Control, job: Job) -> None:
    for iteration in range(2, (job.iterations or STEPS) + 1):
        if control.stopped(job):
            channel.send(Stopped(order_id=job.order_id, epoch=job.epoch))
            return
        time.sleep(0.01)
        channel.send(step(job, iteration, b"preview", b"state"))
    channel.send(painted(job))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode")
    parser.add_argument("--once", type=Path)
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    arguments, _ = parser.parse_known_args()
    mode = arguments.mode
    if arguments.once:
        mode = "well" if arguments.once.exists() else mode
        arguments.once.touch()
    child_setup.die_with_parent(arguments.parent)
    child_setup.leave_signals_to_the_parent()
    connection = socket.socket(fileno=arguments.fd)
    channel = ChildChannel(connection)
    control = Control(channel)
    control.start()
    match mode:
        case "silent":
            time.sleep(600)
        case "unfit":
            channel.send(Unfit(message="the weights are not there"))
            time.sleep(600)
        case "stillborn":
            sys.exit("cannot live")
        case "rude":
            channel.send(Begun(order_id=1, epoch=1))
        case "chatter":
            say("x" * 10_000)
            say("\udcff\n\nINFO bot.engines.child: a log line")
            for name, value in sorted(os.environ.items()):
                say(f"WARNING chatter: {name}={value}")
            mode = "well"
    channel.send(Ready(device="CPU"))
    while True:
        job = control.next_job()
        channel.send(Begun(order_id=job.order_id, epoch=job.epoch))
        channel.send(step(job, 1))
        if mode == "well":
            behave(channel, control, job)
        else:
            misbehave(mode, channel, connection, job)


if __name__ == "__main__":
    main()
