"""The data directory: one that can be written to, and one bot to it.

Two would take each other's orders apart.
"""

import fcntl
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "lock"


class DataDirectoryError(Exception):
    """The data directory cannot be used; the text says why and what to do, in one line."""


class DataDirectoryInUse(DataDirectoryError):
    """Another process holds the data directory."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(f"Another Atelier is at work in {data_dir}: stop it first.")


class DataDirectoryUnusable(DataDirectoryError):
    """The data directory cannot be made or written to."""

    def __init__(self, data_dir: Path, error: OSError) -> None:
        reason = error.strerror or str(error)
        remedy = "see to it, or name another directory"
        if isinstance(error, PermissionError):
            there = _existing(Path(str(error.filename or data_dir)))
            owner, me = there.stat().st_uid, os.geteuid()
            reason += f"; {there} belongs to {_name(owner)}, the bot runs as {_name(me)}"
            command = "chmod -R u+rwX" if owner == me else f"chown -R {me}"
            remedy = f"`{command} {there}`, or name another directory"
        super().__init__(f"DATA_DIR {data_dir} cannot be written to ({reason}): {remedy}.")


@contextmanager
def sole_user(data_dir: Path) -> Iterator[None]:
    """Hold the data directory; the system lets go of it when the process ends, however it ends.

    Raises:
        DataDirectoryInUse: another process holds it.
        DataDirectoryUnusable: it cannot be made or written to.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / FILE_NAME).open("a")
    except OSError as error:
        raise DataDirectoryUnusable(data_dir, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirectoryInUse(data_dir) from error
        except OSError as error:
            raise DataDirectoryUnusable(data_dir, error) from error
        yield


def _existing(path: Path) -> Path:
    """The path itself, or the nearest directory above it that is there and may be looked at."""
    for candidate in (path.absolute(), *path.absolute().parents):
        try:
            candidate.stat()
        except OSError:
            continue
        return candidate
    return Path("/")


def _name(uid: int) -> str:
    """A user's name, or the number where it has none, as in a container."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
