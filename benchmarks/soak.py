"""A day under load: `python -m benchmarks.soak`.

Without --real-engine the clock runs fast, and the engine only waits: so many hours of chat by so
many people pass in the given minutes, and then the time after which pictures are deleted. With
--real-engine everything takes the time it takes. The bot runs in a process of its own against the
sandbox, which keeps Telegram's limits and now and then answers 429.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from benchmarks.fast_clock import FastClock
from bot.demo.bot_process import PROJECT
from bot.demo.demonstration import CONTENT, STYLE
from bot.sandbox import Call, Message, Person, RateLimits, Sandbox
from bot.sandbox.faults import retry_after

SAMPLES = 120
FLOODS = 40
FLOOD_SECONDS = 5
RETENTION_DAYS = 1
QUIET_SECONDS = 20.0
START_SECONDS = 120.0
# The first part is warming up: caches fill, and pools open what they keep open.
WARM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The bot's process at one moment: hours of its clock, bytes, and counts."""

    hours: float
    memory: int
    files: int
    threads: int
    database: int
    images: int


@dataclass
class Soak:
    """One bot, and what is known of it from outside."""

    sandbox: Sandbox
    folder: Path
    clock: FastClock
    options: argparse.Namespace
    samples: list[Sample] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None

    @property
    def data_dir(self) -> Path:
        """Where the bot keeps everything."""
        return self.folder / "data"

    @property
    def lags(self) -> list[float]:
        """How late its event loop was, in milliseconds."""
        return [float(line) for line in (self.folder / "lags").read_text().split()]

    async def start(self) -> None:
        """Start the bot and wait until it listens."""
        since = len(self.sandbox.log)
        settings = {
            "telegram_bot_token": self.sandbox.token,
            "telegram_api_url": self.sandbox.url,
            "data_dir": str(self.data_dir),
            "retention_days": RETENTION_DAYS,
            "image_size": self.options.size,
            "log_level": "warning",
        }
        command = [sys.executable, "-m", "benchmarks.soak_bot"]
        command += ["--settings", json.dumps(settings), "--clock", json.dumps(asdict(self.clock))]
        command += ["--lags", str(self.folder / "lags")]
        if self.options.real_engine:
            command.append("--real-engine")
        with (self.folder / "bot.log").open("ab") as lines:
            self.process = await asyncio.create_subprocess_exec(
                *command, cwd=PROJECT, stdout=lines, stderr=lines
            )
        await self.sandbox.wait_for_call(
            "getUpdates", timeout=START_SECONDS * self.clock.speed, since=since
        )

    async def stop(self) -> None:
        """Stop it as a host does."""
        if self.process is not None:
            self.process.terminate()
            await self.process.wait()

    async def watch(self) -> None:
        """Look at it again and again, until cancelled."""
        seconds = self.options.hours * 3600 / SAMPLES
        began = time.monotonic()
        while True:
            await asyncio.sleep(seconds)
            self.samples.append(self.sample((time.monotonic() - began) / 3600))

    def sample(self, hours: float) -> Sample:
        """Look at it once."""
        if self.process is None:
            raise RuntimeError("The bot was not started.")
        proc = Path(f"/proc/{self.process.pid}")
        status = dict(
            line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line
        )
        return Sample(
            hours=hours,
            memory=int(status["VmRSS"].split()[0]) * 1024,
            files=len(list((proc / "fd").iterdir())),
            threads=int(status["Threads"]),
            database=_size(self.data_dir, "ledger.sqlite3*"),
            images=_size(self.data_dir, "images/*/*"),
        )


def _size(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern))


async def visit(person: Person, draw: random.Random) -> None:
    """What somebody does who looks in: mostly, order a painting."""
    deed = draw.random()
    if deed < 0.5:
        await person.send_album([CONTENT.read_bytes(), STYLE.read_bytes()])
    elif deed < 0.6:
        await person.send_photo(CONTENT.read_bytes(), "mosaic")
    elif deed < 0.7:
        await person.send_document(b"this is no picture", "photo.jpg", "image/jpeg")
    elif deed < 0.8 and (again := _pressable(person, "again:")):
        person.tap(again[0], again[1])
    elif deed < 0.85 and (card := _pressable(person, "cancel:")):
        person.tap(card[0], card[1])
    elif deed < 0.9:
        await person.send_text(draw.choice(["/settings", "/styles", "/privacy", "/help"]))
    else:
        await person.send_text("hello")


def _pressable(person: Person, word: str) -> tuple[Message, str] | None:
    """The newest message with a button whose data begin with a word, and those data."""
    for message in reversed(person.from_bot()):
        for button in message.buttons:
            if button.data.startswith(word):
                return message, button.data
    return None


async def chat(soak: Soak, people: Sequence[Person]) -> None:
    """Let people look in at random moments, and Telegram flood the bot now and then."""
    options = soak.options
    draw = random.Random(options.seed)  # noqa: S311 (it is to be repeated)
    seconds = options.hours * 3600
    moments = sorted(
        [(draw.uniform(0, seconds), True) for _ in range(options.visits)]
        + [(draw.uniform(0, seconds), False) for _ in range(FLOODS)]
    )
    began = time.monotonic()
    for at, is_visit in moments:
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        if is_visit:
            await visit(draw.choice(people), draw)
        else:
            soak.sandbox.faults.add("send*", retry_after(FLOOD_SECONDS))
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))


async def settle(soak: Soak) -> None:
    """Wait until the bot has asked Telegram for nothing but updates for a while."""
    speed, since = soak.clock.speed, len(soak.sandbox.log)
    quiet = 0.0
    while quiet < QUIET_SECONDS:
        await asyncio.sleep(speed)
        calls = soak.sandbox.log[since:]
        busy = soak.sandbox.world.updates.unconfirmed or any(
            call.method != "getUpdates" for call in calls
        )
        since += len(calls)
        quiet = 0.0 if busy else quiet + 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Floods:
    """Answers of 429: how many, and after how many the same was asked sooner in the same chat.

    What is more urgent may ask for itself, and what was on its way cannot know.
    """

    answered: int
    sooner: int


def floods(calls: Sequence[Call]) -> Floods:
    """What followed each 429."""
    answered = sooner = 0
    for number, call in enumerate(calls):
        if call.error is None or call.error.code != 429:
            continue
        answered += 1
        until = call.at + call.error.parameters["retry_after"]
        sooner += any(
            later.at < until
            for later in calls[number + 1 : number + 200]
            if later.method == call.method
            and later.params.get("chat_id") == call.params.get("chat_id")
        )
    return Floods(answered=answered, sooner=sooner)


def slope(samples: Sequence[Sample], name: str) -> float:
    """By how much something grows in an hour, after warming up."""
    used = samples[int(len(samples) * WARM) :]
    hours = [sample.hours for sample in used]
    return statistics.linear_regression(hours, [getattr(one, name) for one in used]).slope


def table(soak: Soak, lags: Sequence[float], after: Sample | None, seconds: float) -> str:
    """What was measured."""
    first, last = soak.samples[int(len(soak.samples) * WARM)], soak.samples[-1]
    calls = soak.sandbox.log
    paintings = sum(call.method == "sendPhoto" and call.ok for call in calls)
    flooded = floods(calls)
    cuts = statistics.quantiles(lags, n=100)
    rows = [
        f"{soak.options.hours:g} hours of chat by {soak.options.people} people in"
        f" {seconds / 60:.1f} minutes: {soak.options.visits} visits, {paintings} pictures sent,"
        f" {len(calls)} calls of the bot",
        f"{'':<22}{'warmed up':>12}{'at the end':>12}{'an hour':>12}{'after it all':>14}",
    ]
    for title, name, unit in (
        ("memory, MB", "memory", 1e6),
        ("open files", "files", 1),
        ("threads", "threads", 1),
        ("database, MB", "database", 1e6),
        ("pictures, MB", "images", 1e6),
    ):
        gone = f"{getattr(after, name) / unit:14.2f}" if after is not None else f"{'':>14}"
        rows.append(
            f"{title:<22}{getattr(first, name) / unit:12.2f}{getattr(last, name) / unit:12.2f}"
            f"{slope(soak.samples, name) / unit:+12.3f}{gone}"
        )
    rows += [
        f"event loop late by, ms: median {cuts[49]:.2f}, 99 % {cuts[98]:.2f},"
        f" worst {max(lags):.1f}",
        f"429: {flooded.answered} answers; asked for the same in the same chat sooner than told,"
        f" by what is more urgent or was on its way, after {flooded.sooner} of them",
    ]
    return "\n".join(rows) + "\n"


async def measure(options: argparse.Namespace, clock: FastClock, folder: Path) -> str:
    """Let the hours pass, then the days after which pictures go."""
    began = time.perf_counter()
    async with Sandbox(limits=RateLimits(clock=clock.monotonic)) as sandbox:
        soak = Soak(sandbox, folder, clock, options)
        people = [sandbox.person(f"Person {number}") for number in range(options.people)]
        await soak.start()
        watching = asyncio.create_task(soak.watch())
        try:
            await chat(soak, people)
            await settle(soak)
        finally:
            watching.cancel()
            await soak.stop()
        lags, after = soak.lags, None
        if not options.real_engine:
            days = (RETENTION_DAYS + 1) * 86_400
            soak.clock = replace(clock, day=clock.day + days)
            await soak.start()
            # The first round begins at the start; the next is an hour away.
            await asyncio.sleep(600)
            after = soak.sample(options.hours)
            await soak.stop()
    errors = (folder / "bot.log").read_text().count(" ERROR ")
    seconds = time.perf_counter() - began
    return f"{table(soak, lags, after, seconds)}{errors} errors in the bot's log\n"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="how long it takes")
    parser.add_argument("--hours", type=float, help="of chat: 24, or with a real engine --minutes")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--visits", type=int, help="twice as many as people, or 2 a minute")
    parser.add_argument("--real-engine", action="store_true", help="in real time")
    parser.add_argument("--size", type=int, default=256, help="long side of a painting in pixels")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.real_engine:
        options.hours = options.minutes / 60
        options.visits = options.visits or round(2 * options.minutes)
    else:
        options.hours = options.hours or 24.0
        options.visits = options.visits or 2 * options.people
    clock = FastClock.now(options.hours * 60 / options.minutes)
    clock.install()
    with (
        tempfile.TemporaryDirectory(prefix="atelier-soak-") as folder,
        asyncio.Runner(loop_factory=clock.loop) as runner,
    ):
        sys.stdout.write(runner.run(measure(options, clock, Path(folder))))


if __name__ == "__main__":
    main()
