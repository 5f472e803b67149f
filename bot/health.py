"""A sign of life that another process can read: a file renewed while the event loop turns.

The container's health check runs `python -m bot.health`, which exits 0 while the sign is fresh.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

BEAT_SECONDS = 10.0
STALE_SECONDS = 60.0
FILE_NAME = "alive"


async def beat(data_dir: Path) -> None:
    """Renew the sign of life until cancelled; a stuck event loop renews nothing."""
    sign = data_dir / FILE_NAME
    try:
        while True:
            await asyncio.to_thread(sign.touch)
            await asyncio.sleep(BEAT_SECONDS)
    finally:
        sign.unlink(missing_ok=True)


def age(data_dir: Path) -> float | None:
    """Seconds since the last beat, or None if the bot does not run."""
    try:
        return time.time() - (data_dir / FILE_NAME).stat().st_mtime
    except FileNotFoundError:
        return None


def main() -> int:
    """Exit code 0 while the bot in `DATA_DIR` is alive."""
    seconds = age(Path(os.environ.get("DATA_DIR", "data")))
    if seconds is None:
        sys.stderr.write("The bot is not running.\n")
        return 1
    if seconds > STALE_SECONDS:
        sys.stderr.write(f"The bot has not stirred for {seconds:.0f} seconds.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
