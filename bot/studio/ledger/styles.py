"""Styles in the ledger: those of the gallery, and those that people have saved."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from bot.studio.ledger.model import Picture, PictureKind, PictureState, SavedStyle, ShippedStyle
from bot.studio.ledger.pictures import PictureRepository
from bot.studio.ledger.repository import Repository
from bot.studio.ledger.results import LedgerError, TooManyStyles
from bot.studio.ledger.tables import pictures, saved_styles, sheets

NOWHERE: Final = 0
"""The chat of pictures that no message brought; Telegram gives this id to none."""
EVERYBODY: Final = 0
"""The person whose pictures those are."""


class GalleryPageRepository(Repository):
    """The gallery's pages, by what Telegram calls each once it has been uploaded."""

    async def sheet(self, key: str) -> str | None:
        """The file_id under which Telegram keeps a page."""
        rows = await self._read(select(sheets.c.file_id).where(sheets.c.key == key))
        return str(rows[0].file_id) if rows else None

    async def keep_sheet(self, key: str, file_id: str) -> None:
        """Remember a page's file_id; the newest counts."""
        statement = self._new(sheets).values(key=key, file_id=file_id)
        await self._write(
            statement.on_conflict_do_update(
                index_elements=[sheets.c.key], set_={"file_id": statement.excluded.file_id}
            )
        )


class StyleRepository(PictureRepository, GalleryPageRepository):
    """Styles that have a name."""

    async def shipped_picture(self, digest: str) -> Picture | None:
        """The picture of a gallery style, by the digest of its file."""
        return await self.picture_of_message(NOWHERE, _number(digest))

    async def ship_picture(self, style: ShippedStyle) -> Picture:
        """Write down the picture of a gallery style, READY; orders refer to it like to any other.

        The file's digest is its key, so that a host's picture that was exchanged is another one,
        and orders go on with that for which they were made.
        """
        values = {
            "path": style.path,
            "width": style.width,
            "height": style.height,
            "state": PictureState.READY,
            "file_unique_id": style.digest,
        }
        await self._write(
            self._new(pictures)
            .values(
                **values,
                chat_id=NOWHERE,
                thread_id=0,
                private=False,
                message_id=_number(style.digest),
                user_id=EVERYBODY,
                kind=PictureKind.SHIPPED,
                file_id="",
                received_at=self._clock(),
            )
            .on_conflict_do_update(
                index_elements=[pictures.c.chat_id, pictures.c.message_id], set_=values
            )
        )
        picture = await self.shipped_picture(style.digest)
        if picture is None:
            raise LedgerError("a style's picture was written, but is not there")
        return picture

    async def saved_styles(self, user_id: int) -> list[SavedStyle]:
        """A person's own styles, the oldest first."""
        rows = await self._read(
            select(saved_styles)
            .where(saved_styles.c.user_id == user_id)
            .order_by(saved_styles.c.id)
        )
        return await self._saved(rows)

    async def save_style(
        self, user_id: int, picture: Picture, *, name: str, title: str, language: str, limit: int
    ) -> bool:
        """Keep a picture as a style of a person's; one of that name before gives way to it.

        Args:
            user_id: whose style it is.
            picture: what it looks like.
            name: how it is found, unique among the person's.
            title: how it is shown.
            language: the person's, for what has to be said to them later.
            limit: how many a person may have.

        Returns:
            Whether another picture had that name.

        Raises:
            TooManyStyles: the person has `limit` of them already.
        """
        before = await self._read(
            select(saved_styles.c.id, saved_styles.c.picture_id).where(
                saved_styles.c.user_id == user_id, saved_styles.c.name == name
            )
        )
        values = {"title": title, "picture_id": picture.id, "language": language}
        if before:
            await self._write(
                update(saved_styles).where(saved_styles.c.id == before[0].id).values(**values)
            )
            return bool(before[0].picture_id != picture.id)
        mine = await self._read(
            select(func.count()).select_from(saved_styles).where(saved_styles.c.user_id == user_id)
        )
        if mine[0][0] >= limit:
            raise TooManyStyles(limit)
        await self._write(
            self._new(saved_styles).values(
                **values, user_id=user_id, name=name, saved_at=self._clock()
            )
        )
        return False

    async def _drop_styles_of(self, picture_id: int) -> list[SavedStyle]:
        """Delete the saved styles that show a picture; returns them."""
        rows = await self._read(
            select(saved_styles)
            .where(saved_styles.c.picture_id == picture_id)
            .order_by(saved_styles.c.id)
        )
        dropped = await self._saved(rows)
        await self._write(delete(saved_styles).where(saved_styles.c.picture_id == picture_id))
        return dropped

    async def _saved(self, rows: Sequence[Row[Any]]) -> list[SavedStyle]:
        known = await self._pictures(row.picture_id for row in rows)
        return [
            SavedStyle(
                id=row.id,
                user_id=row.user_id,
                name=row.name,
                title=row.title,
                picture=known[row.picture_id],
                language=row.language,
            )
            for row in rows
        ]

    async def _move_styles(self, old_holder_id: int, new_holder_id: int) -> None:
        """Give a holder's styles to another, who keeps those of the same name."""
        names = select(saved_styles.c.name).where(saved_styles.c.user_id == new_holder_id)
        await self._write(
            update(saved_styles)
            .where(saved_styles.c.user_id == old_holder_id, saved_styles.c.name.not_in(names))
            .values(user_id=new_holder_id)
        )
        await self._write(delete(saved_styles).where(saved_styles.c.user_id == old_holder_id))


def _number(digest: str) -> int:
    """A number for a digest in hexadecimal; below zero, where no message has one."""
    return -int(digest[:12], 16) - 1
