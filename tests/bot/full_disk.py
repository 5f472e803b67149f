"""A disk that can be filled: a small one that is mounted, or one that is played."""

import asyncio
import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from bot import storage

ROOM: Final = 4 * 1024 * 1024
"""Bytes of the disk that is mounted."""

FULL: Final = "There is no room on the disk of "
ROOM_AGAIN: Final = "There is room on the disk of "


class Disk(Protocol):
    """A disk; `folder` lies on it."""

    @property
    def folder(self) -> Path: ...

    async def fill(self) -> None:
        """Leave no room."""

    async def empty(self) -> None:
        """Give the room back."""


class MountedDisk:
    """A file system in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    async def fill(self, *, but: int = 0) -> None:
        """Leave no room, or so many bytes."""
        await asyncio.to_thread(self._fill, but)

    async def empty(self) -> None:
        await asyncio.to_thread(self._ballast.unlink)

    def _fill(self, but: int) -> None:
        room = True
        with self._ballast.open("wb", buffering=0) as file:
            while room:
                try:
                    file.write(bytes(4096))
                except OSError:
                    room = False
            file.truncate(file.tell() - but)


class PlayedDisk:
    """A disk whose files are written by `bot.storage`, which is told that there is no room."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._full = False
        write = storage._write

        async def refuse_if_full(path: Path, data: bytes, **how: Any) -> None:  # noqa: ANN401
            if self._full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            await write(path, data, **how)

        monkeypatch.setattr(storage, "_write", refuse_if_full)

    async def fill(self) -> None:
        self._full = True

    async def empty(self) -> None:
        self._full = False


@contextmanager
def mounted_disk(folder: Path) -> Iterator[MountedDisk]:
    """A mounted disk; the test is skipped where none may be mounted."""
    with mounted_where_allowed(folder, ROOM) as disk:
        if disk is None:
            pytest.skip("a small disk may not be mounted here: it takes root")
        yield disk


@contextmanager
def mounted_where_allowed(folder: Path, room: int) -> Iterator[MountedDisk | None]:
    """A mounted disk of so many bytes; None where none may be mounted (it takes root)."""
    folder.mkdir()
    if os.geteuid() != 0 or _run("mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", folder):
        yield None
        return
    try:
        yield MountedDisk(folder)
    finally:
        _run("umount", "--lazy", folder)


def _run(*command: str | Path) -> int:
    """Run one of the system's programs; its exit code."""
    return subprocess.run(command, check=False, capture_output=True).returncode
