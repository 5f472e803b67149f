"""Pictures and albums in the ledger."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, case, func, select, update
from sqlalchemy.sql.expression import ColumnElement

from bot.studio.ledger.model import Arrival, Picture, PictureState
from bot.studio.ledger.repository import Repository, place_columns, place_of
from bot.studio.ledger.results import TooManyPictures
from bot.studio.ledger.tables import albums, pictures
from bot.telegram.downloads import LIMIT

MOST_WAITING: Final = 50
"""Pictures of one person that may wait to be fetched: five whole albums."""
MOST_BYTES: Final = 2 * 1024**3
"""Bytes of one person's pictures: fifty saved styles, each the largest file that Telegram hands
out, and as much again for what is being painted and what retention still keeps."""
LEAST_BYTES: Final = 64 * 1024
"""What a picture counts at the least, since many small ones fill a disk with more than bytes."""


class PictureRepository(Repository):
    """Pictures as they arrive."""

    async def add_picture(self, arrival: Arrival) -> Picture | None:
        """Write down a picture that a message brought.

        Returns:
            The picture, PENDING; None when that message is known already.

        Raises:
            TooManyPictures: its person has `MOST_WAITING` or `MOST_BYTES` here already.
        """
        now = self._clock()
        added = await self._write_ids(
            self._new(pictures)
            .values(
                **place_columns(arrival.place),
                message_id=arrival.message_id,
                user_id=arrival.user_id,
                kind=arrival.kind,
                file_id=arrival.file_id,
                file_unique_id=arrival.file_unique_id,
                size=arrival.size,
                media_group_id=arrival.media_group_id,
                caption=arrival.caption,
                state=PictureState.PENDING,
                received_at=now,
            )
            .on_conflict_do_nothing(index_elements=[pictures.c.chat_id, pictures.c.message_id])
            .returning(pictures.c.id)
        )
        if not added:
            return None
        await self._keep_within_quota(arrival.user_id)
        if arrival.media_group_id is not None:
            await self._write(
                self._new(albums)
                .values(
                    chat_id=arrival.place.chat_id,
                    media_group_id=arrival.media_group_id,
                    settled=False,
                )
                .on_conflict_do_nothing(index_elements=[albums.c.chat_id, albums.c.media_group_id])
            )
        return await self.picture(added[0])

    async def revive_picture(self, picture: Picture, arrival: Arrival) -> Picture:
        """Take a picture up again that had been deleted: its message is pointed at once more.

        Raises:
            TooManyPictures: as `add_picture`.
        """
        revived = await self._write(
            update(pictures)
            .where(pictures.c.id == picture.id, pictures.c.state == PictureState.GONE)
            .values(
                state=PictureState.PENDING,
                user_id=arrival.user_id,
                kind=arrival.kind,
                file_id=arrival.file_id,
                file_unique_id=arrival.file_unique_id,
                size=arrival.size,
                caption=arrival.caption,
                decodings=0,
                received_at=self._clock(),
            )
        )
        if not revived:
            return picture
        await self._keep_within_quota(arrival.user_id)
        return (await self._pictures([picture.id]))[picture.id]

    async def picture(self, id: int) -> Picture | None:  # noqa: A002 - the contract's name
        """The picture with this id."""
        return (await self._pictures([id])).get(id)

    async def picture_of_message(self, chat_id: int, message_id: int) -> Picture | None:
        """The picture that a message brought, if it did and is known."""
        found = await self._select(
            pictures.c.chat_id == chat_id, pictures.c.message_id == message_id
        )
        return found[0] if found else None

    async def twin(self, picture: Picture) -> Picture | None:
        """Another message's picture with the very same file, READY; the newest of them."""
        found = await self._select(
            pictures.c.file_unique_id == picture.file_unique_id,
            pictures.c.id != picture.id,
            pictures.c.state == PictureState.READY,
            pictures.c.path.is_not(None),
        )
        return found[-1] if found else None

    async def pending_pictures(self) -> list[Picture]:
        """The pictures whose bytes are still to be fetched, oldest first."""
        return await self._select(pictures.c.state == PictureState.PENDING)

    async def open_albums(self) -> list[list[Picture]]:
        """The albums that nobody has settled yet, each in the order of its messages."""
        waiting = (
            select(albums.c.media_group_id)
            .where(
                albums.c.chat_id == pictures.c.chat_id,
                albums.c.media_group_id == pictures.c.media_group_id,
                albums.c.settled.is_(False),
            )
            .exists()
        )

        def name(picture: Picture) -> tuple[int, str]:
            return picture.place.chat_id, picture.media_group_id or ""

        found = sorted(await self._select(waiting), key=lambda p: (name(p), p.message_id))
        return [list(members) for _, members in groupby(found, key=name)]

    async def album(self, chat_id: int, media_group_id: str) -> list[Picture]:
        """The pictures of an album that have arrived so far, in the order of their messages."""
        found = await self._select(
            pictures.c.chat_id == chat_id, pictures.c.media_group_id == media_group_id
        )
        return sorted(found, key=lambda picture: picture.message_id)

    async def settle_album(self, chat_id: int, media_group_id: str) -> bool:
        """Close an album: its pictures have become a draft or an order.

        Returns:
            False when it was settled already, or is unknown.
        """
        statement = (
            update(albums)
            .where(
                albums.c.chat_id == chat_id,
                albums.c.media_group_id == media_group_id,
                albums.c.settled.is_(False),
            )
            .values(settled=True)
        )
        return await self._write(statement) > 0

    async def _keep_within_quota(self, user_id: int) -> None:
        """See that a person has no more than may be, counting what was just written down."""
        size = func.coalesce(pictures.c.size, LIMIT)
        rows = await self._read(
            select(
                func.count().filter(pictures.c.state == PictureState.PENDING).label("waiting"),
                func.sum(case((size < LEAST_BYTES, LEAST_BYTES), else_=size)).label("taken"),
            ).where(
                pictures.c.user_id == user_id,
                pictures.c.state.in_((PictureState.PENDING, PictureState.READY)),
            )
        )
        if rows[0].waiting > MOST_WAITING or rows[0].taken > MOST_BYTES:
            raise TooManyPictures

    async def _pictures(self, ids: Iterable[int]) -> dict[int, Picture]:
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        return {found.id: found for found in await self._select(pictures.c.id.in_(wanted))}

    async def _select(self, *conditions: ColumnElement[bool]) -> list[Picture]:
        rows = await self._read(select(pictures).where(*conditions).order_by(pictures.c.id))
        return [_picture(row) for row in rows]


def _picture(row: Row[Any]) -> Picture:
    return Picture(
        id=row.id,
        place=place_of(row),
        message_id=row.message_id,
        user_id=row.user_id,
        kind=row.kind,
        file_id=row.file_id,
        file_unique_id=row.file_unique_id,
        media_group_id=row.media_group_id,
        caption=row.caption,
        state=row.state,
        path=row.path,
        width=row.width,
        height=row.height,
        received_at=row.received_at,
    )
