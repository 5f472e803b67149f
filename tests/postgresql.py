"""A PostgreSQL server of the tests' own, in a folder of its own, gone with them."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncpg

WANTED: Final = "no PostgreSQL server is installed (on Debian: apt-get install postgresql)"

_USER: Final = "atelier"
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 30.0
# Its data are worth nothing after a power cut, nor even after the tests.
CARELESS: Final = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "synchronous_commit": "off",
}
# What is committed outlives the server's processes, though no power cut.
KILLABLE: Final = {**CARELESS, "full_page_writes": "on", "synchronous_commit": "on"}


def programs() -> Path | None:
    """The folder of the server's programs, which Debian keeps out of the PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parent.parent.name), default=None)
    return newest and newest.parent


class Server:
    """A server at work, unless it is stopped; `folder` holds its socket."""

    def __init__(self, folder: Path, launch: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        self._folder = folder
        self._launch = launch
        self._process = launch()
        self._numbers = count(1)

    def stop(self) -> None:
        """Shut it down, whoever is connected."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_STOP_SECONDS)

    @property
    def pid(self) -> int:
        """Process id of the one that is every other's parent."""
        return self._process.pid

    def kill(self) -> None:
        """Let its first process die at once; the others follow as soon as they notice."""
        self._process.kill()
        self._process.wait(_STOP_SECONDS)

    def start(self) -> None:
        """Start it unless it runs; it keeps what it held."""
        if self._process.poll() is not None:
            self._process = self._launch()

    def end(self) -> None:
        """An immediate shutdown: there is nothing to keep."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(_STOP_SECONDS)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self._folder / ".s.PGSQL.5432"

    def url(self, database: str) -> str:
        """What `Ledger.open` takes."""
        return f"postgresql+asyncpg://{_USER}@/{database}?host={self._folder}"

    async def create(self, *, template: str = "template0") -> str:
        """Make a database like the template, and return its name."""
        name = f"test_{next(self._numbers)}"
        # Copying files is the quicker way as long as nobody syncs them.
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    async def drop(self, database: str) -> None:
        """Drop a database, whoever may still be connected to it."""
        await self._execute(f"DROP DATABASE {database} WITH (FORCE)")

    async def wait(self) -> None:
        """Wait until it can be talked to."""
        async with asyncio.timeout(_START_SECONDS):
            while True:
                try:
                    await self._execute("SELECT 1")
                except (OSError, asyncpg.CannotConnectNowError):
                    await asyncio.sleep(0.02)
                else:
                    return

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(
            host=str(self._folder), user=_USER, database="postgres", timeout=_START_SECONDS
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def serving(folder_of_programs: Path, settings: Mapping[str, str] = CARELESS) -> Iterator[Server]:
    """A new server, up as long as this lasts."""
    with TemporaryDirectory(prefix="atelier-postgresql-") as name:
        folder = Path(name)
        data, log = folder / "data", folder / "log"
        as_user = _unprivileged(folder)
        with log.open("ab") as lines:
            subprocess.run(
                [
                    folder_of_programs / "initdb",
                    *("--pgdata", data, "--username", _USER, "--auth", "trust"),
                    *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
                ],
                stdout=lines,
                stderr=lines,
                check=True,
                **as_user,
            )
        arguments = [f"--{name}={value}" for name, value in settings.items()]

        def launch() -> "subprocess.Popen[bytes]":
            with log.open("ab") as lines:
                return subprocess.Popen(
                    [folder_of_programs / "postgres", "-D", data, "-k", folder, *arguments],
                    stdout=lines,
                    stderr=lines,
                    **as_user,
                )

        server = Server(folder, launch)
        try:
            asyncio.run(server.wait())
            yield server
        finally:
            server.end()


def _unprivileged(folder: Path) -> dict[str, Any]:
    """How to start a process that may not be root's, and owns the folder."""
    if os.geteuid() != 0:
        return {"cwd": folder}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"cwd": folder, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
