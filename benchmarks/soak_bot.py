"""The bot of `benchmarks.soak`, in a process of its own: wired like any other, and watched.

Its event loop's lags, in milliseconds, are written to a file at the end, one a line.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from functools import partial
from pathlib import Path
from types import ModuleType

from benchmarks.fast_clock import FastClock, fast_datetime

TICK_SECONDS = 0.01


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--settings", type=json.loads, required=True)
    parser.add_argument("--clock", type=json.loads, required=True)
    parser.add_argument("--lags", type=Path, required=True)
    parser.add_argument("--real-engine", action="store_true")
    options = parser.parse_args()
    clock = FastClock(**options.clock)
    clock.install()
    with asyncio.Runner(loop_factory=clock.loop) as runner:
        runner.run(serve(options, clock))


async def serve(options: argparse.Namespace, clock: FastClock) -> None:
    """Run the bot, and note how late its event loop is."""
    # From here on, so that whatever binds `time.monotonic` binds the fast one.
    from bot import app, logs  # noqa: PLC0415
    from bot.engines.devices import Device  # noqa: PLC0415
    from bot.engines.process import Patience, ProcessEngine  # noqa: PLC0415
    from bot.settings import Settings  # noqa: PLC0415
    from bot.studio.ledger import repository  # noqa: PLC0415
    from bot.studio.pictures import decoder  # noqa: PLC0415
    from bot.studio.variations import Sizes  # noqa: PLC0415
    from bot.telegram import application, client, downloads, polling  # noqa: PLC0415

    repository.datetime = fast_datetime(clock)  # type: ignore[attr-defined]
    # The machine is no faster than it is: what waits for it or for loopback waits in real seconds.
    real: tuple[tuple[ModuleType, str], ...] = (
        (application, "CALL_SECONDS"),
        (application, "CONNECT_SECONDS"),
        (client, "TRANSFER_SECONDS"),
        (downloads, "TRANSFER_SECONDS"),
        (polling, "_READ_SLACK"),
        (decoder, "_SECONDS_TO_START"),
    )
    for module, name in real:
        setattr(module, name, getattr(module, name) * clock.speed)
    seconds = decoder.SECONDS_PER_PICTURE * clock.speed
    app.Decoder = partial(decoder.Decoder, seconds=seconds)  # type: ignore[assignment, attr-defined]
    settings = Settings.model_validate(options.settings)
    logs.configure(settings)
    if options.real_engine:
        pool = app.engine_pool(settings, [Device()])
    else:
        command = (sys.executable, "-m", "tests.campaign.painting_child")
        usual = Patience()
        patience = Patience(
            start=usual.start * clock.speed,
            sign=usual.sign * clock.speed,
            stop=usual.stop * clock.speed,
        )
        engine = ProcessEngine(Device(), command=command, patience=patience)
        pool = app.EnginePool(engines=[engine], sizes=Sizes())
    lags: list[float] = []
    watching = asyncio.create_task(watch(lags, clock))
    try:
        await app.serve(settings, pool)
    finally:
        watching.cancel()
        options.lags.write_text("\n".join(f"{lag:.3f}" for lag in lags), encoding="utf-8")


async def watch(lags: list[float], clock: FastClock) -> None:
    """Note by how many real milliseconds the loop was late, tick by tick."""
    while True:
        due = time.perf_counter() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS * clock.speed)
        lags.append(1000 * (time.perf_counter() - due))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()
