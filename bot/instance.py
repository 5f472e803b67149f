"""One bot to one data directory: two would take each other's orders apart."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "lock"


class DataDirectoryInUse(Exception):
    """Another process holds the data directory."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(f"Another Atelier is at work in {data_dir}: stop it first.")


@contextmanager
def sole_user(data_dir: Path) -> Iterator[None]:
    """Hold the data directory; the system lets go of it when the process ends, however it ends.

    Raises:
        DataDirectoryInUse: another process holds it.
        OSError: the directory cannot be made or written to.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / FILE_NAME).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirectoryInUse(data_dir) from error
        yield
