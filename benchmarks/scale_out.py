"""What several machines gain, and what it costs to lose one: `python -m benchmarks.scale_out`.

A real PostgreSQL, with that server's own settings, in a folder of its own; real worker processes,
whose engine only waits; the ledger and the dispatcher of a bot. Name parts to run just those:
throughput, killed, frozen, cut, outage.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.whose_turn import made
from bot import worker
from bot.engines.protocol import Finished, Job, Progress
from bot.engines.remote.engine import remote_engines
from bot.engines.remote.link import conninfo
from bot.studio.dispatch.dispatcher import Dispatcher
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Arrival, NewOrder, Order, PictureKind
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.files import Files
from bot.telegram.place import Place
from tests.postgresql import Server, programs, serving

PREVIEW: Final = bytes(60_000)
CHECKPOINT: Final = bytes(1_000_000)
TICK: Final = 0.5
JPEG: Final = b"\xff\xd8"


class WaitingEngine:
    """Takes its time, and tells of it; goes on where a checkpoint says."""

    speed = 1.0
    has_device = True

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self._seconds = seconds

    async def start(self) -> None:
        """Nothing to warm."""

    async def paint(self, job: Job) -> AsyncGenerator[Progress | Finished, None]:
        """Wait, with a preview every half second and a checkpoint every second."""
        self._note("begun", job)
        done = int.from_bytes(job.resume[:4]) if job.resume else 0
        ticks = round(self._seconds / TICK)
        began = time.monotonic() - done * TICK
        for tick in range(done + 1, ticks + 1):
            # By the clock: a real engine does not wait until its progress is sent either.
            await asyncio.sleep(began + tick * TICK - time.monotonic())
            yield Progress(
                iteration=tick,
                iterations=ticks,
                loss=1.0,
                elapsed=tick * TICK,
                remaining=(ticks - tick) * TICK,
                share=tick / ticks,
                preview=PREVIEW,
                checkpoint=tick.to_bytes(4) + CHECKPOINT if tick % 2 == 0 else None,
            )
        self._note("ended", job)
        yield Finished(image=JPEG + PREVIEW, width=1, height=1, elapsed=self._seconds)

    async def close(self) -> None:
        """Nothing to end."""

    def _note(self, what: str, job: Job) -> None:
        line = {"who": self.name, "what": what, "order": job.order_id, "at": time.time()}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


class Wire:
    """A proxy to the server's socket that can be cut, without either end being told."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._whole = asyncio.Event()
        self._whole.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """Its TCP port on this machine."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            self._whole.set()
            server.close()

    def cut(self) -> None:
        """Let nothing through until `mend`."""
        self._whole.clear()

    def mend(self) -> None:
        """Let everything through that waited."""
        self._whole.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_unix_connection(self._target)
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._whole.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


class Painters:
    """Worker processes, and what they say."""

    def __init__(self, url: str, seconds: float, stack: AsyncExitStack) -> None:
        self._url = url
        self._seconds = seconds
        self._stack = stack
        self.notes: list[dict[str, Any]] = []
        self.pids: dict[str, int] = {}

    async def add(self, name: str, info: str | None = None) -> None:
        """Start one."""
        command = [sys.executable, "-m", "benchmarks.scale_out", "--as-worker"]
        process = await asyncio.create_subprocess_exec(
            *(*command, info or conninfo(self._url), name, str(self._seconds)),
            stdout=asyncio.subprocess.PIPE,
            # What a lost database makes it log is expected here.
            stderr=asyncio.subprocess.DEVNULL,
        )
        self.pids[name] = process.pid
        listening = asyncio.create_task(self._listen(process))
        self._stack.push_async_callback(self._end, process, listening)

    def told(self, what: str) -> list[dict[str, Any]]:
        """What was noted under a name."""
        return [note for note in self.notes if note["what"] == what]

    async def until(self, what: str, number: int = 1) -> dict[str, Any]:
        """The note of that kind and number."""
        while len(self.told(what)) < number:  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.02)
        return self.told(what)[number - 1]

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        while process.stdout is not None and (line := await process.stdout.readline()):
            self.notes.append(json.loads(line))

    async def _end(
        self, process: asyncio.subprocess.Process, listening: asyncio.Task[None]
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await listening


class Nobody:
    """Hears of progress, and does nothing about it."""

    def progressed(self, order: Order, progress: Progress) -> None:
        """Take no note."""


class Studio:
    """A bot's ledger and dispatcher, with workers elsewhere."""

    def __init__(self, ledger: Ledger, files: Files, painters: Painters) -> None:
        self.ledger = ledger
        self.painters = painters
        self._files = files

    async def order(self, number: int) -> list[Order]:
        """Place so many orders, of as many people."""
        path = await self._files.write(JPEG + PREVIEW, ".jpg")
        return [
            await self.ledger.perform(partial(_place, user_id=user_id, path=path))
            for user_id in range(number)
        ]

    async def settled(self, orders: Sequence[Order]) -> list[Order]:
        """Wait until all are done."""
        while True:
            known = [await self.ledger.perform(partial(_order, id_=order.id)) for order in orders]
            if all(order is not None and order.state.final for order in known):
                return [order for order in known if order is not None]
            await asyncio.sleep(0.1)


async def _order(transaction: Transaction, id_: int) -> Order | None:
    return await transaction.order(id_)


async def _place(transaction: Transaction, user_id: int, path: str) -> Order:
    place = Place(chat_id=user_id + 1)
    pictures = []
    for _ in range(2):
        message = time.time_ns()
        arrival = Arrival(
            place=place,
            message_id=message,
            user_id=user_id,
            kind=PictureKind.PHOTO,
            file_id="a",
            file_unique_id=str(message),
        )
        picture = await transaction.add_picture(arrival)
        if picture is not None:
            await transaction.picture_ready(picture.id, path=path, width=1, height=1)
            pictures.append(picture)
    content, style = pictures
    new = NewOrder(
        place=place,
        user_id=user_id,
        source=f"{user_id}:{message}",
        reply_to=1,
        content=content,
        styles=(style,),
    )
    return await transaction.place_order(new, limit=1000)


@asynccontextmanager
async def studio(server: Server, seconds: float, workers: int = 0) -> AsyncIterator[Studio]:
    """A studio in a new database, with so many workers that are ready."""
    url = server.url(await server.create())
    await made(url)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="atelier-"))
        files = Files(Path(folder))
        ledger = await Ledger.open(url)
        stack.push_async_callback(ledger.close)
        dispatcher = Dispatcher(ledger, files, remote_engines(conninfo(url)), Nobody())
        running = asyncio.create_task(dispatcher.run())
        stack.push_async_callback(asyncio.wait, [running])
        stack.callback(running.cancel)
        painters = Painters(url, seconds, stack)
        made_studio = Studio(ledger, files, painters)
        for number in range(workers):
            await painters.add(f"worker {number}")
        if workers:
            # A first order each, which is not counted, shows that all are there.
            await asyncio.wait_for(_warm(made_studio, workers), 300)
        yield made_studio


async def _warm(studio: Studio, workers: int) -> None:
    while len({note["who"] for note in studio.painters.told("ended")}) < workers:
        await studio.settled(await studio.order(workers))
    studio.painters.notes.clear()


def say(line: str) -> None:
    """One line of the tables."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def throughput(server: Server, seconds: float, rounds: int) -> None:
    """Orders in a row on 1, 2, 4 and 8 workers, and how soon one begins on a free worker."""
    say(f"Orders of {seconds:g} s, {rounds} for each worker")
    say(
        f"{'workers':>8} {'orders/min':>11} {'of linear':>10} {'begins after, s: median':>24} worst"
    )
    alone = 0.0
    for workers in (1, 2, 4, 8):
        async with studio(server, seconds, workers) as made_studio:
            began = time.monotonic()
            orders = await made_studio.order(workers * rounds)
            await made_studio.settled(orders)
            rate = 60 * len(orders) / (time.monotonic() - began)
            alone = alone or rate
            starts = []
            for _ in range(3):
                made_studio.painters.notes.clear()
                placed = time.time()
                one = await made_studio.order(1)
                starts.append((await made_studio.painters.until("begun"))["at"] - placed)
                await made_studio.settled(one)
        say(
            f"{workers:>8} {rate:>11.2f} {rate / alone / workers:>10.3f} "
            f"{median(starts):>24.2f} {max(starts):.2f}"
        )


async def lost(server: Server, how: str) -> None:
    """One worker of two is lost in the midst of an order: when and how often is it painted?"""
    async with studio(server, 10.0) as made_studio, AsyncExitStack() as stack:
        painters, wire = made_studio.painters, Wire(server.socket)
        port = await stack.enter_async_context(wire.open())
        await painters.add("first", f"{conninfo(painters._url)} host=127.0.0.1 port={port}")  # noqa: SLF001
        orders = await made_studio.order(1)
        await painters.until("begun")
        await painters.add("second")
        await asyncio.sleep(4.0)
        when = time.time()
        if how == "cut":
            wire.cut()
        else:
            os.kill(painters.pids["first"], signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        begun = await painters.until("begun", 2)
        if how == "cut":
            await asyncio.sleep(3.0)
            wire.mend()
        elif how == "frozen":
            await asyncio.sleep(3.0)
            os.kill(painters.pids["first"], signal.SIGCONT)
        (order,) = await made_studio.settled(orders)
        await asyncio.sleep(12.0)
        begun_by = [note["who"] for note in painters.told("begun")]
        say(
            f"{how:<8} begun by {begun['who']} {begun['at'] - when:.1f} s later; {order.state}, "
            f"epoch {order.epoch}, deaths {order.deaths}; begun by {', '.join(begun_by)}; "
            f"ended by {', '.join(note['who'] for note in painters.told('ended'))}"
        )


async def outage(server: Server, seconds: float) -> None:
    """PostgreSQL is away for 45 seconds while four workers paint."""
    async with studio(server, 10.0, 4) as made_studio:
        orders = await made_studio.order(12)
        await made_studio.painters.until("begun", 4)
        await asyncio.to_thread(server.stop)
        away = time.time()
        await asyncio.sleep(seconds)
        server.start()
        back = time.time()
        done = await made_studio.settled(orders)
        begun = Counter(note["order"] for note in made_studio.painters.told("begun"))
        after = min(note["at"] for note in made_studio.painters.told("begun") if note["at"] > away)
        say(
            f"outage   of {back - away:.0f} s: {Counter(str(order.state) for order in done)}, "
            f"begun more than once: {sum(count > 1 for count in begun.values())}, "
            f"the next began {after - back:.1f} s after it"
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--seconds", type=float, default=10.0, help="that an order takes")
    parser.add_argument("--rounds", type=int, default=6, help="orders for each worker")
    parser.add_argument("--as-worker", nargs=3, metavar=("CONNINFO", "NAME", "SECONDS"))
    options = parser.parse_args()
    if options.as_worker:
        info, name, seconds = options.as_worker
        engine = WaitingEngine(name, float(seconds))
        asyncio.run(worker.paint(info, {name: engine}, asyncio.Event(), checkpoint_seconds=4.0))
        return
    if (folder := programs()) is None:
        sys.exit("PostgreSQL is not installed")
    parts = options.parts or ["throughput", "killed", "frozen", "cut", "outage"]
    with serving(folder, {"listen_addresses": ""}) as server:
        for part in parts:
            if part == "throughput":
                asyncio.run(throughput(server, options.seconds, options.rounds))
            elif part == "outage":
                asyncio.run(outage(server, 45.0))
            else:
                asyncio.run(lost(server, part))


if __name__ == "__main__":
    main()
