"""The way to the files that people send."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import aiofiles.os
from telegram import Bot, File

from bot import storage
from bot.telegram.client import TRANSFER_SECONDS, limited
from bot.telegram.errors import (
    FileLost,
    FileTooBig,
    Rejected,
    TokenRefused,
    Unreachable,
    understood,
)
from bot.telegram.rate_limits import ANSWER

MEGABYTE: Final = 1024 * 1024
LIMIT: Final = 20 * MEGABYTE
"""Bytes that Telegram's own Bot API server lets a bot download (Bot API: getFile)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A file's bytes, and the suffix of its name in small letters, dot included ("" if none)."""

    data: bytes
    suffix: str


class Downloads:
    """Fetches files; every try is one, and the caller decides on the next.

    Args:
        bot: the initialised bot.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = limited(bot)

    async def fetch(self, file_id: str, *, limit: int = LIMIT) -> Downloaded:
        """Fetch one file (Bot API: getFile, and then its address).

        Args:
            file_id: Telegram's name for it.
            limit: the most bytes to fetch.

        Raises:
            FileTooBig: it is larger than `limit`, or than the server hands out.
            FileLost: Telegram does not know it, or not any more.
            TelegramFault: any other fault of `bot.telegram.errors`.
            OSError: a Bot API server on this machine names a file that cannot be read.
        """
        try:
            file = await self._bot.get_file(file_id, rate_limit_args=ANSWER)
        except (Rejected, Unreachable) as fault:
            if isinstance(fault, FileTooBig):
                raise
            raise FileLost(str(fault)) from fault
        if (file.file_size or 0) > limit:
            raise FileTooBig(f"{file.file_size} bytes")
        data = await _content(file)
        if len(data) > limit:
            raise FileTooBig(f"{len(data)} bytes")
        return Downloaded(data=data, suffix=PurePosixPath(file.file_path or "").suffix.lower())


async def _content(file: File) -> bytes:
    """Download a file; with a Bot API server in local mode it lies on this machine's disk."""
    path = Path(file.file_path or "")
    try:
        if path.is_absolute() and await aiofiles.os.path.isfile(path):
            # PTB would read it, too, but in the event loop.
            return await storage.read(path)
        with understood():
            return bytes(await file.download_as_bytearray(read_timeout=TRANSFER_SECONDS))
    except (TokenRefused, FileNotFoundError):
        # 401 and 404 have one name in PTB: the link has expired, or the file is no more.
        raise FileLost("its address leads nowhere") from None
