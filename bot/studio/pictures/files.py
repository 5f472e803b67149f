"""The images' files: written whole or not at all, under names that nobody can guess or choose."""

import asyncio
import contextlib
import re
import shutil
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bot import storage
from bot.outage import BACKOFF, Outage

FOLDER = "images"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
PATH = re.compile(rf"{FOLDER}/[0-9a-f]{{2}}/[0-9a-f]{{32}}\.[a-z0-9]{{1,8}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Bytes below the data directory, and bytes still free there."""

    used: int
    free: int


class Files:
    """The images below the data directory.

    `full` tells whether there is room for all of them.

    Paths are relative to it, with slashes: `images/3f/3f….jpg`. Only paths of that form are
    taken, so that none leads anywhere else.
    """

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir
        self._too_large = sys.maxsize
        self.full = Outage(
            f"There is no room on the disk of {data_dir} for more pictures; they wait for it",
            f"There is room on the disk of {data_dir} again",
        )

    @property
    def data_dir(self) -> Path:
        """Where everything is below that outlives the process."""
        return self._root

    async def write(self, data: bytes, suffix: str, *, sparing: bool = False) -> str:
        """Write a new file.

        When this returns, name and bytes have reached the disk: a row may name the file. Cancelled
        meanwhile, it leaves nothing behind.

        Args:
            data: its bytes.
            suffix: its kind, like ".jpg".
            sparing: whether to leave the disk's reserve alone (`storage.RESERVE`).

        Returns:
            Its path.

        Raises:
            DiskFull: there is no room for it now.
            OSError: the disk did not take it; nothing but an unfinished file may be left.
        """
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"not the suffix of an image: {suffix!r}")
        name = uuid4().hex
        path = f"{FOLDER}/{name[:2]}/{name}{suffix}"
        left = await storage.left(self._root)
        room = left if sparing else sys.maxsize
        try:
            await storage.write(self._root / path, data, lasting=True, room=room)
        except asyncio.CancelledError:
            await self.delete(path)
            raise
        except storage.DiskFull as error:
            self._too_large = min(self._too_large, len(data))
            self.full.begin(error.strerror)
            raise
        # Of a disk that is nearly full, what is small takes no news, nor what takes the reserve.
        if self._too_large <= len(data) <= left:
            self._too_large = sys.maxsize
            self.full.end()
        return path

    async def write_in_time(self, data: bytes, suffix: str, *, sparing: bool = False) -> str:
        """Write a new file as `write` does, however long there is no room for it."""
        failures = 0
        while True:
            try:
                return await self.write(data, suffix, sparing=sparing)
            except storage.DiskFull:
                failures += 1
            await asyncio.sleep(BACKOFF.delay(failures))

    async def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            FileNotFoundError: it has been deleted.
        """
        return await storage.read(self._whole(path))

    async def delete(self, path: str) -> None:
        """Delete a file, if it is still there."""
        await storage.remove(self._whole(path))

    async def disk(self) -> Disk:
        """How much room everything below the data directory takes, and how much is left."""
        return await asyncio.to_thread(self._disk)

    async def sweep(self, named: Collection[str], *, older_than: float = 3600.0) -> int:
        """Delete what a killed process left behind: unfinished files, and files no row names.

        Args:
            named: the paths that the ledger names, read before the sweep.
            older_than: files younger than these seconds stay: their row may be about to commit.

        Returns:
            How many files were deleted.
        """
        return await asyncio.to_thread(self._sweep, frozenset(named), older_than)

    def _disk(self) -> Disk:
        used = 0
        for file in self._root.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                if file.is_file():
                    used += file.stat().st_size
        return Disk(used=used, free=shutil.disk_usage(self._root).free)

    def _sweep(self, named: frozenset[str], older_than: float) -> int:
        swept = 0
        for file in (self._root / FOLDER).glob("??/*"):
            if file.relative_to(self._root).as_posix() in named:
                continue
            with contextlib.suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime >= older_than:
                    file.unlink()
                    swept += 1
        return swept

    def _whole(self, path: str) -> Path:
        if not PATH.fullmatch(path):
            raise ValueError(f"not the path of an image: {path!r}")
        return self._root / path
