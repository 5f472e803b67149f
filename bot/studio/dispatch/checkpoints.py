"""Where running paintings stand, on disk, so that a restart of the bot costs seconds of work.

A checkpoint is worth little: it is written whole or not at all, but nobody waits for the disk,
and one that is lost or unreadable only means that its painting starts afresh.
"""

import contextlib
import logging
from collections.abc import Collection
from pathlib import Path
from typing import Final

import aiofiles.os

from bot import storage

log = logging.getLogger(__name__)

FOLDER: Final = "checkpoints"
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a checkpoint that is kept."""


class Checkpoints:
    """The newest checkpoint of each running order, as `checkpoints/<order id>.npz`."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER

    async def write(self, order_id: int, data: bytes) -> None:
        """Keep a checkpoint in place of the one before; never raises for the disk's faults."""
        if len(data) > LARGEST:
            log.warning("Order %d: a checkpoint of %d bytes is not kept", order_id, len(data))
            return
        try:
            await storage.write(self._path(order_id), data)
        except storage.DiskFull:
            log.debug("Order %d: there is no room for its checkpoint", order_id)
        except OSError:
            log.warning("Order %d: its checkpoint could not be kept", order_id, exc_info=True)

    async def read(self, order_id: int) -> bytes | None:
        """The newest checkpoint of an order; None if there is none that can be read."""
        try:
            return await storage.read(self._path(order_id))
        except FileNotFoundError:
            return None
        except OSError:
            log.warning("Order %d: its checkpoint cannot be read", order_id, exc_info=True)
            return None

    async def delete(self, order_id: int) -> None:
        """Forget an order's checkpoint, if there is one."""
        await storage.remove(self._path(order_id))

    async def keep_only(self, order_ids: Collection[int]) -> None:
        """Delete all checkpoints but those of these orders."""
        kept = {self._path(order_id).name for order_id in order_ids}
        with contextlib.suppress(FileNotFoundError):
            for name in await aiofiles.os.listdir(self._folder):
                if name not in kept:
                    await storage.remove(self._folder / name)

    def _path(self, order_id: int) -> Path:
        return self._folder / f"{order_id}.npz"
