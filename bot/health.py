"""A sign of life that another process can read: a file renewed while the event loop turns.

It says what the bot is about, and its age whether it still is. The container's health check runs
`python -m bot.health`. Where STATUS_LISTEN is set it exits 0 while /readyz says that the bot is
ready, else while the sign is fresh: a bot that waits for Telegram or for its database is then in
good health.
"""

import asyncio
import contextlib
import http.client
import os
import sys
import time
from collections.abc import AsyncGenerator
from enum import StrEnum
from pathlib import Path
from typing import Final

from bot import dotenv_file
from bot.listen_address import ListenAddress
from bot.outage import Outage

BEAT_SECONDS: Final = 10.0
STALE_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 4.0
FILE_NAME: Final = "alive"


class State(StrEnum):
    """What the bot is about."""

    STARTING = "is starting"
    WAITING_FOR_TELEGRAM = "waits for Telegram"
    WAITING_FOR_DATABASE = "waits for its database"
    WAITING_FOR_ENGINE = "waits for an engine"
    AT_WORK = "is at work"


class Sign:
    """The sign of life of this process.

    Args of the constructor:
        data_dir: where the file is; it has to be there.
    """

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / FILE_NAME
        self._state = State.STARTING
        self._trouble: State | None = None
        self._written: State | None = None
        self._changed = asyncio.Event()
        self._unwritable = Outage(
            "The sign of life cannot be renewed", "The sign of life is renewed again"
        )

    @property
    def state(self) -> State:
        """What the bot is about."""
        return self._trouble or self._state

    def say(self, state: State) -> None:
        """Have the sign say from now on what the bot is about."""
        self._state = state
        self._changed.set()

    def interrupt(self, trouble: State | None) -> None:
        """Have the sign say this instead, until called with None."""
        self._trouble = trouble
        self._changed.set()

    async def beat(self) -> None:
        """Renew the sign until cancelled; a stuck event loop renews nothing."""
        try:
            while True:
                self._changed.clear()
                try:
                    await asyncio.to_thread(self._renew)
                except OSError as error:
                    # A full disk ends no bot; whoever reads the sign sees it grow old.
                    self._unwritable.begin(error)
                else:
                    self._unwritable.end()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_SECONDS):
                        await self._changed.wait()
        finally:
            self._file.unlink(missing_ok=True)

    def _renew(self) -> None:
        state = self.state
        if state is self._written and self._file.exists():
            os.utime(self._file)
        else:
            self._file.write_text(state, encoding="utf-8")
            self._written = state


@contextlib.asynccontextmanager
async def beating(sign: Sign) -> AsyncGenerator[None, None]:
    """Renew the sign meanwhile, and take it down at the end."""
    task = asyncio.create_task(sign.beat(), name="sign of life")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def report(data_dir: Path) -> tuple[bool, str]:
    """Whether the bot in a data directory is alive, and that in a sentence."""
    sign = data_dir / FILE_NAME
    try:
        state = sign.read_text(encoding="utf-8") or "is alive"
        seconds = time.time() - sign.stat().st_mtime
    except FileNotFoundError:
        return False, "The bot is not running."
    except OSError as error:
        return False, f"DATA_DIR {data_dir} cannot be looked into ({error.strerror})."
    if seconds > STALE_SECONDS:
        return (
            False,
            f"The bot has not stirred for {seconds:.0f} seconds; before, it said: {state}.",
        )
    return True, f"The bot {state}."


def readiness(address: ListenAddress) -> tuple[bool, str] | None:
    """What /readyz says: whether the bot is ready, and why not; None if there is no answer."""
    connection = http.client.HTTPConnection(
        address.reached_at, address.port, timeout=ANSWER_SECONDS
    )
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        text = answer.read(1000).decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return answer.status == http.client.OK, " ".join(text.split())


def main() -> int:
    """Say how the bot in `DATA_DIR` is; the exit code is 0 while it is well."""
    settings = _settings()
    well, sentence = report(Path(settings.get("DATA_DIR") or "data").expanduser())
    if well and (listens := settings.get("STATUS_LISTEN")):
        address = ListenAddress.parse(listens)  # the bot would not run with another one
        said = readiness(address)
        well, sentence = said or (False, f"{sentence} Nothing answers at STATUS_LISTEN, {address}.")
    (sys.stdout if well else sys.stderr).write(f"{sentence}\n")
    return 0 if well else 1


def _settings() -> dict[str, str]:
    """Two settings as the bot would see them, but without all others, since this runs often."""
    names = ("DATA_DIR", "STATUS_LISTEN")
    values: dict[str, str] = {}
    with contextlib.suppress(dotenv_file.DotenvError):  # the bot does not run with such a file
        file = dotenv_file.read(Path(".env"), os.environ, lists=())
        values = {assignment.name: assignment.value for assignment in file.assignments}
    return {name: os.environ.get(name) or values.get(name, "") for name in names}


if __name__ == "__main__":
    sys.exit(main())
