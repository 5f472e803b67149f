"""Drafts in the ledger."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select

from bot.studio.ledger.model import Draft
from bot.studio.ledger.pictures import PictureRepository
from bot.studio.ledger.repository import at_place, place_columns, place_of
from bot.studio.ledger.tables import draft_styles, drafts
from bot.telegram.place import Place


class DraftRepository(PictureRepository):
    """Drafts: one for each person in each place."""

    async def draft(self, place: Place, user_id: int) -> Draft:
        """The person's draft there; an empty one when there is none."""
        rows = await self._read(
            select(drafts).where(*at_place(drafts, place), drafts.c.user_id == user_id)
        )
        return await self._draft(rows[0]) if rows else Draft(place=place, user_id=user_id)

    async def save_draft(self, draft: Draft) -> None:
        """Put it in the place of the one before; one without picture and prompt leaves none."""
        await self.clear_draft(draft.place, draft.user_id)
        if draft.content is None and not draft.styles and draft.prompt is None:
            return
        [draft_id] = await self._write_ids(
            insert(drafts)
            .values(
                **place_columns(draft.place),
                user_id=draft.user_id,
                content_id=draft.content.id if draft.content else None,
                prompt=draft.prompt,
                language=draft.language,
                changed_at=self._clock(),
            )
            .returning(drafts.c.id)
        )
        if draft.styles:
            rows = [
                {"draft_id": draft_id, "position": position, "picture_id": style.id}
                for position, style in enumerate(draft.styles)
            ]
            await self._write(insert(draft_styles).values(rows))

    async def remember_prompt(self, asked: Draft, prompt: int, *, language: str) -> None:
        """Note by which message somebody was asked for what a draft lacks, while it lacks that.

        Args:
            asked: the draft, as it was then.
            prompt: the bot's own message.
            language: in which it asked.
        """
        if asked.place.private and not asked.pictures:
            return
        present = await self.draft(asked.place, asked.user_id)
        if not present.pictures or present.picture_ids == asked.picture_ids:
            await self.save_draft(replace(present, prompt=prompt, language=language))

    async def clear_draft(self, place: Place, user_id: int) -> bool:
        """Drop the person's draft there.

        Returns:
            Whether there was one.
        """
        statement = delete(drafts).where(*at_place(drafts, place), drafts.c.user_id == user_id)
        return await self._write(statement) > 0

    async def _drafts_with(self, picture_id: int) -> list[Draft]:
        as_style = select(draft_styles.c.draft_id).where(draft_styles.c.picture_id == picture_id)
        rows = await self._read(
            select(drafts)
            .where(or_(drafts.c.content_id == picture_id, drafts.c.id.in_(as_style)))
            .order_by(drafts.c.id)
        )
        return [await self._draft(row) for row in rows]

    async def _draft(self, row: Row[Any]) -> Draft:
        styles = await self._read(
            select(draft_styles.c.picture_id)
            .where(draft_styles.c.draft_id == row.id)
            .order_by(draft_styles.c.position)
        )
        style_ids = [style.picture_id for style in styles]
        known = await self._pictures([*style_ids, *([row.content_id] if row.content_id else [])])
        return Draft(
            place=place_of(row),
            user_id=row.user_id,
            content=known[row.content_id] if row.content_id else None,
            styles=tuple(known[style_id] for style_id in style_ids),
            prompt=row.prompt,
            language=row.language,
            changed_at=row.changed_at,
        )


def without(draft: Draft, picture_id: int) -> Draft:
    """The draft after a picture was taken out of it."""
    content = draft.content
    if content is not None and content.id == picture_id:
        content = None
    styles = tuple(style for style in draft.styles if style.id != picture_id)
    return replace(draft, content=content, styles=styles)
