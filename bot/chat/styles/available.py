"""The styles that a person may choose, and the pictures that show them."""

import asyncio
import hashlib
import logging
from pathlib import Path

from PIL import Image

from bot.chat.replies.speaker import CachedPhoto
from bot.chat.requests.request import Person
from bot.chat.requests.services import Services
from bot.chat.styles.listing import Choice, GalleryPage, StyleListing
from bot.gallery import Style
from bot.gallery.sheet import LAYOUT, TILE, contact_sheet
from bot.studio.ledger.model import Picture
from bot.studio.pictures.decoder import DecoderDied, DecoderUnavailable, PictureRefused
from bot.studio.pictures.gallery_copies import GalleryCopies, StyleGone
from bot.words import Words

log = logging.getLogger(__name__)


class AvailableStyles:
    """Brings together the gallery, what people have saved, and the studio's pictures.

    Args:
        services: where saved styles are written down.
        gallery_copies: turns a gallery style into a picture.
        bot_id: the bot whose file_ids are remembered; another bot cannot use them.
    """

    def __init__(self, services: Services, gallery_copies: GalleryCopies, *, bot_id: int) -> None:
        self._services = services
        self._gallery_copies = gallery_copies
        self._bot_id = bot_id
        self._drawing = asyncio.Lock()

    async def listing(self, person: Person) -> StyleListing:
        """All styles that this person may choose now."""
        gallery = self._gallery_copies.gallery
        await asyncio.to_thread(gallery.refresh)
        async with self._services.ledger.begin() as transaction:
            saved = await transaction.saved_styles(person.id)
        return StyleListing(self._services.words(person), gallery, saved)

    async def picture(self, choice: Choice) -> Picture:
        """The picture to paint in.

        Raises:
            StyleGone: it has been taken away meanwhile.
        """
        if isinstance(choice.what, Style):
            return await self._gallery_copies.picture(choice.what)
        return choice.what.picture

    async def page_picture(self, words: Words, page: GalleryPage) -> CachedPhoto:
        """The picture of a page; those with people's own styles are remembered nowhere."""
        key = None if page.own else await self._key(page)
        file_id = None
        if key is not None:
            async with self._services.ledger.begin() as transaction:
                file_id = await transaction.sheet(key)

        async def make() -> bytes:
            return await self._draw(page)

        async def keep(file_id: str) -> None:
            if key is not None:
                async with self._services.ledger.begin() as transaction:
                    await transaction.keep_sheet(key, file_id)

        apology = words.text("I am not allowed to send pictures in this chat.")
        return CachedPhoto(file_id=file_id, make=make, keep=keep, apology=apology)

    async def _key(self, page: GalleryPage) -> str | None:
        """What tells this page from every other; None while one of its pictures is missing."""
        styles = [choice.what for choice in page.choices if isinstance(choice.what, Style)]
        try:
            digests = [await self._gallery_copies.digest(style) for style in styles]
        except StyleGone:
            return None
        return hashlib.sha256(" ".join([str(self._bot_id), LAYOUT, *digests]).encode()).hexdigest()

    async def _draw(self, page: GalleryPage) -> bytes:
        pictures = [await self._source(choice) for choice in page.choices]
        # Large pictures of the host's need memory to decode: one page at a time.
        async with self._drawing:
            return await asyncio.to_thread(contact_sheet, pictures)

    async def _source(self, choice: Choice) -> Path | Image.Image | None:
        if isinstance(choice.what, Style):
            return choice.what.path
        path = choice.what.picture.path
        if path is None:
            return None
        try:
            data = await self._services.files.read(path)
            async with self._services.decoder.turn() as child:
                return await child.tile(data, TILE)
        except (FileNotFoundError, PictureRefused, DecoderDied, DecoderUnavailable) as error:
            log.warning("A saved style cannot be shown: %s: %s", type(error).__name__, error)
            return None
