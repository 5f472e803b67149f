"""Whole files, read and written through aiofiles, so that the event loop never waits for a disk.

Each of these is done to its end even when cancelled: aiofiles does every step in a thread of its
own, and a step that nobody waits for any more would leave its file open.
"""

import asyncio
import contextlib
import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Final

import aiofiles
import aiofiles.os

from bot.uninterrupted import uninterrupted

UNFINISHED: Final = ".part"
"""Follows the name of a file that is being written."""

RESERVE: Final = 256 * 1024 * 1024
"""Bytes of free space that are left for what must go on when little is left: the ledger, and
paintings that end; of a disk so small that this were much, a twentieth."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}


class DiskFull(OSError):
    """There is no room for a file, on the disk or in what its user may take of it."""


async def read(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        OSError: it cannot be read; FileNotFoundError if it is not there.
    """
    return await uninterrupted(_read(path))


async def write(path: Path, data: bytes, *, lasting: bool = False, room: int = sys.maxsize) -> None:
    """Write a file, in place of the one before if there is one: whole, or not at all.

    Args:
        path: where to; folders that are missing are made.
        data: its bytes.
        lasting: return only when name and bytes have reached the disk.
        room: how many bytes it may take.

    Raises:
        DiskFull: there is no room for it.
        OSError: the disk did not take it.
    """
    if len(data) > room:
        raise DiskFull(errno.ENOSPC, "what little is left is kept for paintings", str(path))
    try:
        await uninterrupted(_write(path, data, lasting=lasting))
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(error.errno, error.strerror, str(path)) from error
        raise


async def left(folder: Path) -> int:
    """Bytes that may be written below a folder, made if it is missing, without the reserve.

    Raises:
        OSError: the folder cannot be used.
    """
    await _make_folder(folder, lasting=False)
    disk = await asyncio.to_thread(shutil.disk_usage, folder)
    return disk.free - min(RESERVE, disk.total // 20)


async def remove(path: Path) -> None:
    """Delete a file, if it is still there."""
    await uninterrupted(_remove(path))


async def _read(path: Path) -> bytes:
    async with aiofiles.open(path, "rb") as file:
        return await file.read()


async def _write(path: Path, data: bytes, *, lasting: bool) -> None:
    unfinished = path.with_name(f"{path.name}{UNFINISHED}")
    await _make_folder(path.parent, lasting=lasting)
    try:
        async with aiofiles.open(unfinished, "wb") as file:
            await file.write(data)
            if lasting:
                await file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
        await aiofiles.os.replace(unfinished, path)
    except BaseException:
        await _remove(unfinished)
        raise
    if lasting:
        await asyncio.to_thread(sync_folder, path.parent)


async def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        await aiofiles.os.remove(path)


async def _make_folder(folder: Path, *, lasting: bool) -> None:
    if await aiofiles.os.path.isdir(folder):
        return
    await aiofiles.os.makedirs(folder, exist_ok=True)
    if lasting:
        # A folder is as lasting as its name in the one above it.
        for above in (folder.parent, folder.parent.parent):
            await asyncio.to_thread(sync_folder, above)


def sync_folder(folder: Path) -> None:
    """Have the names of the files in a folder reach the disk; blocks."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
