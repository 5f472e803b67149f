"""How late the bot's event loop is while its engine paints: `python -m benchmarks.event_loop`.

The whole bot runs against the sandbox, each in an event loop of its own; in the bot's, a task
wants to wake every ten milliseconds and notes by how much it is late.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bot.app import assemble, engine_pool
from bot.demo.demonstration import CONTENT, STYLE
from bot.engines.devices import devices
from bot.sandbox import Sandbox
from bot.settings import Settings

TICK_SECONDS = 0.01
PAINTING_SECONDS = 1800.0


@dataclass
class Watch:
    """Milliseconds by which the loop was late, tick by tick."""

    late: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Note until cancelled."""
        while True:
            due = time.perf_counter() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self.late.append(1000 * (time.perf_counter() - due))


class BotThread(threading.Thread):
    """The bot in a thread of its own, with its lag watched."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="bot")
        self.watch = Watch()
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()

    def run(self) -> None:
        """Work until `end` is called."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._work())

    def end(self) -> None:
        """Let the bot wind down; returns at once."""
        self._loop.call_soon_threadsafe(self._over.set)

    async def _work(self) -> None:
        pool = engine_pool(self._settings, devices(self._settings.engine_devices))
        async with assemble(self._settings, pool) as app:
            watching = asyncio.create_task(self.watch.run())
            await app.run(self._over)
            watching.cancel()


async def measure(size: int, data_dir: Path) -> tuple[list[float], list[float]]:
    """Lags in milliseconds: before an order, and while it is painted."""
    async with Sandbox() as sandbox:
        os.environ.update(
            TELEGRAM_BOT_TOKEN=sandbox.token,
            TELEGRAM_API_URL=sandbox.url,
            DATA_DIR=str(data_dir),
            IMAGE_SIZE=str(size),
            ENGINE_DEVICES="cpu",
        )
        bot = BotThread(Settings.load(env_file=None))
        bot.start()
        try:
            await sandbox.wait_for_poll(timeout=120)
            ada = sandbox.person("Ada")
            await asyncio.sleep(5)
            before = len(bot.watch.late)
            await ada.send_album([CONTENT.read_bytes(), STYLE.read_bytes()])
            await ada.wait_for_deletion(timeout=PAINTING_SECONDS)
            return bot.watch.late[:before], bot.watch.late[before:]
        finally:
            bot.end()
            await asyncio.to_thread(bot.join)


def row(name: str, lags: list[float]) -> str:
    """One line of the table."""
    cuts = statistics.quantiles(lags, n=100)
    return f"{name:<16} {len(lags):>7} {cuts[49]:>8.2f} {cuts[98]:>8.2f} {max(lags):>8.1f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256, help="long side in pixels")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        quiet, busy = asyncio.run(measure(options.size, Path(folder)))
    sys.stdout.write("Lag of the bot's event loop in milliseconds\n")
    sys.stdout.write(f"{'':<16} {'ticks':>7} {'median':>8} {'99 %':>8} {'worst':>8}\n")
    sys.stdout.write(f"{row('waiting', quiet)}\n{row('while painting', busy)}\n")


if __name__ == "__main__":
    main()
