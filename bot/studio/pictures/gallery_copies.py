"""The gallery's pictures as orders use them: copies in the data directory."""

import asyncio
import contextlib
import hashlib
import re
from pathlib import Path
from typing import Final

import aiofiles.os

import core
from bot import storage
from bot.gallery import Gallery, Style
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Picture, ShippedStyle
from bot.studio.pictures.files import Files

_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,8}")


class StyleGone(Exception):
    """The host has taken a style's picture away."""


class GalleryCopies:
    """Copies a style's picture among the studio's own the first time that it is chosen.

    From then on it is a picture like any other, known by the digest of its file: an order that
    was made with it can be painted after a restart, and whatever becomes of the host's folder.
    """

    def __init__(self, ledger: Ledger, files: Files, gallery: Gallery) -> None:
        self._ledger = ledger
        self._files = files
        self._gallery = gallery
        self._copying = asyncio.Lock()
        self._digests: dict[tuple[Path, int, int], str] = {}

    @property
    def gallery(self) -> Gallery:
        """The styles that everybody may choose."""
        return self._gallery

    async def picture(self, style: Style) -> Picture:
        """The picture of a gallery style, READY.

        Raises:
            StyleGone: its file has been removed or spoiled.
        """
        digest = await self.digest(style)
        async with self._copying:
            async with self._ledger.begin() as transaction:
                known = await transaction.shipped_picture(digest)
            if known is not None and await self._is_here(known):
                return known
            shipped = await self._copy(style, digest)
            async with self._ledger.begin() as transaction:
                return await transaction.ship_picture(shipped)

    async def digest(self, style: Style) -> str:
        """The SHA-256 of a style's file, in hexadecimal.

        Raises:
            StyleGone: its file has been removed.
        """
        try:
            return await self._digest(style.path)
        except OSError as error:
            raise StyleGone(style.name) from error

    async def offered(self) -> frozenset[str]:
        """The digests of all styles that may be chosen now; looks into the host's folder anew."""
        await asyncio.to_thread(self._gallery.refresh)
        digests = set()
        for style in self._gallery.styles:
            with contextlib.suppress(StyleGone):
                digests.add(await self.digest(style))
        return frozenset(digests)

    async def _digest(self, path: Path) -> str:
        status = await aiofiles.os.stat(path)
        key = path, status.st_mtime_ns, status.st_size
        if key not in self._digests:
            data = await storage.read(path)
            self._digests[key] = (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()
        return self._digests[key]

    async def _is_here(self, picture: Picture) -> bool:
        if picture.path is None:
            return False
        try:
            await self._files.read(picture.path)
        except FileNotFoundError:
            return False
        return True

    async def _copy(self, style: Style, digest: str) -> ShippedStyle:
        try:
            data = await storage.read(style.path)
            width, height = await asyncio.to_thread(lambda: core.open_image(data).size)
        except (OSError, core.ImageError) as error:
            raise StyleGone(style.name) from error
        suffix = style.path.suffix.lower()
        path = await self._files.write(data, suffix if _SUFFIX.fullmatch(suffix) else ".img")
        return ShippedStyle(digest=digest, path=path, width=width, height=height)
