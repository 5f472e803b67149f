"""How soon an update by webhook is confirmed: `python -m benchmarks.webhook`.

The whole bot runs against the sandbox, as a process of its own. Updates come at a steady rate,
whether or not those before are answered; each is confirmed once it is in the ledger. They are a
group's talk, which is handled without a word, so that Telegram's rate limits play no part.
"""

import argparse
import asyncio
import itertools
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bot.sandbox import Sandbox
from bot.telegram.webhook import SECRET_HEADER

SECRET = "benchmark"  # noqa: S105 (of a webhook on loopback)
CHATS = 200


@asynccontextmanager
async def running(**settings: str) -> AsyncGenerator[None, None]:
    """The bot itself, as a process; it paints nothing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        env={**os.environ, "ENGINE_DEVICES": "none", "LOG_LEVEL": "error", **settings},
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


def talk(number: int) -> dict[str, Any]:
    """Somebody says something in a group."""
    chat = {"id": -1_001_000_000_000 - number % CHATS, "type": "supergroup", "title": "Friends"}
    person = {"id": 5_000_000_000 + number % CHATS, "is_bot": False, "first_name": "Ada"}
    message = {"message_id": number, "date": 1_800_000_000, "chat": chat, "from": person}
    return {"update_id": number, "message": {**message, "text": "Shall we meet at eight? " * 4}}


async def measure(url: str, rate: float, seconds: float, first: int) -> list[float]:
    """Milliseconds until each of the updates was confirmed.

    Raises:
        aiohttp.ClientResponseError: one was refused.
    """
    headers = {SECRET_HEADER: SECRET}
    connector = aiohttp.TCPConnector(limit=100)

    async def send(session: aiohttp.ClientSession, number: int) -> float:
        begun = time.perf_counter()
        async with session.post(url, json=talk(number), headers=headers) as answer:
            answer.raise_for_status()
        return 1000 * (time.perf_counter() - begun)

    async with aiohttp.ClientSession(connector=connector) as session:
        begun = time.perf_counter()
        tasks = []
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(send(session, first + number)))
        return list(await asyncio.gather(*tasks))


async def table(rates: Sequence[float], seconds: float, data_dir: Path, database: str) -> None:
    """Print a row for each rate."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    numbers = itertools.count(1, 1_000_000)
    async with Sandbox() as sandbox:
        settings = {
            "TELEGRAM_BOT_TOKEN": sandbox.token,
            "TELEGRAM_API_URL": sandbox.url,
            "WEBHOOK_URL": f"http://{address}/",
            "WEBHOOK_LISTEN": address,
            "WEBHOOK_SECRET": SECRET,
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": database,
        }
        async with running(**settings):
            await sandbox.wait_for_call("setWebhook", timeout=60)
            await measure(f"http://{address}/", 20, 2, next(numbers))
            for rate in rates:
                times = await measure(f"http://{address}/", rate, seconds, next(numbers))
                cuts = statistics.quantiles(times, n=100)
                sys.stdout.write(
                    f"{rate:>8.0f} {len(times):>8} {cuts[49]:>8.1f} {cuts[94]:>8.1f} "
                    f"{cuts[98]:>8.1f} {max(times):>8.1f}\n"
                )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=[10, 50, 100, 200])
    parser.add_argument("--seconds", type=float, default=20.0, help="for each rate")
    parser.add_argument("--database", default="", help="as DATABASE_URL; default: SQLite")
    options = parser.parse_args()
    sys.stdout.write("From a request to its confirmation, in milliseconds\n")
    sys.stdout.write(
        f"{'a second':>8} {'updates':>8} {'median':>8} {'95 %':>8} {'99 %':>8} {'most':>8}\n"
    )
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        asyncio.run(table(options.rates, options.seconds, Path(folder), options.database))


if __name__ == "__main__":
    main()
