"""Where running paintings stand, on disk, so that a restart of the bot costs seconds of work.

A checkpoint is worth little: it is written whole or not at all, but nobody waits for the disk,
and one that is lost or unreadable only means that its painting starts afresh.
"""

import asyncio
import logging
from collections.abc import Collection
from pathlib import Path
from typing import Final

from bot.studio.uninterrupted import uninterrupted

log = logging.getLogger(__name__)

FOLDER: Final = "checkpoints"
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a checkpoint that is kept."""
_UNFINISHED: Final = ".part"


class Checkpoints:
    """The newest checkpoint of each running order, as `checkpoints/<order id>.npz`."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    async def write(self, order_id: int, data: bytes) -> None:
        """Keep a checkpoint in place of the one before; never raises for the disk's faults."""
        if len(data) > LARGEST:
            log.warning("Order %d: a checkpoint of %d bytes is not kept", order_id, len(data))
            return
        path = self._path(order_id)
        try:
            # Whoever is cancelled here may delete it next.
            await uninterrupted(asyncio.to_thread(_write, path, data))
        except OSError:
            log.warning("Order %d: its checkpoint could not be kept", order_id, exc_info=True)

    async def read(self, order_id: int) -> bytes | None:
        """The newest checkpoint of an order; None if there is none that can be read."""
        try:
            return await asyncio.to_thread(self._path(order_id).read_bytes)
        except FileNotFoundError:
            return None
        except OSError:
            log.warning("Order %d: its checkpoint cannot be read", order_id, exc_info=True)
            return None

    async def delete(self, order_id: int) -> None:
        """Forget an order's checkpoint, if there is one."""
        path = self._path(order_id)
        for file in (path, path.with_suffix(_UNFINISHED)):
            await asyncio.to_thread(file.unlink, missing_ok=True)

    async def keep_only(self, order_ids: Collection[int]) -> None:
        """Delete all checkpoints but those of these orders."""
        kept = {self._path(order_id).name for order_id in order_ids}
        await asyncio.to_thread(_delete_all_but, self._folder, kept)

    def _path(self, order_id: int) -> Path:
        return self._folder / f"{order_id}.npz"


def _write(path: Path, data: bytes) -> None:
    unfinished = path.with_suffix(_UNFINISHED)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_bytes(data)
    unfinished.replace(path)


def _delete_all_but(folder: Path, kept: Collection[str]) -> None:
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if file.name not in kept:
            file.unlink(missing_ok=True)
