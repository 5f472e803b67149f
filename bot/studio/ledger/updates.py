"""Telegram's updates in the ledger, kept before they are confirmed."""

import json
from collections.abc import Mapping

from sqlalchemy import delete, func, select, update

from bot.studio.ledger.repository import Repository
from bot.studio.ledger.tables import updates

REMEMBERED = 10_000


class UpdateRepository(Repository):
    """Updates: kept, handled once, remembered for a while.

    Their order is that of arrival: after a week of silence Telegram goes on from a random
    update id (Bot API, Update.update_id), so that a smaller id may be the newer one.
    """

    async def keep_updates(self, payloads: Mapping[int, str]) -> list[int]:
        """Keep updates (their JSON, by id) until they have been handled.

        Returns:
            The ids of those that were not known already.
        """
        now = self._clock()
        rows = [
            {"update_id": update_id, "payload": payload, "handled": False, "kept_at": now}
            for update_id, payload in payloads.items()
        ]
        statement = (
            self._new(updates)
            .values(rows)
            .on_conflict_do_nothing(index_elements=[updates.c.update_id])
            .returning(updates.c.update_id)
        )
        return await self._write_ids(statement, awaited=False)

    async def keep_update(self, update_id: int, payload: str) -> bool:
        """Keep one; False when it was known already."""
        return bool(await self.keep_updates({update_id: payload}))

    async def kept_updates(self) -> list[tuple[int, str]]:
        """The updates that nobody has handled yet (id, JSON), oldest first."""
        statement = (
            select(updates.c.update_id, updates.c.payload)
            .where(updates.c.handled.is_(False))
            .order_by(updates.c.id)
        )
        return [(row.update_id, row.payload) for row in await self._read(statement)]

    async def update_handled(self, *update_ids: int) -> None:
        """Let go of updates' texts, and remember their ids among the newest 10 000."""
        known = updates.c.update_id.in_(update_ids)
        await self._write(
            update(updates).where(known).values(handled=True, payload=""), awaited=False
        )
        newest = select(func.max(updates.c.id)).scalar_subquery()
        await self._write(
            delete(updates).where(updates.c.handled.is_(True), updates.c.id <= newest - REMEMBERED),
            awaited=False,
        )

    async def newest_update(self) -> int | None:
        """The id of the update that was kept last."""
        rows = await self._read(select(updates.c.update_id).order_by(updates.c.id.desc()).limit(1))
        return rows[0].update_id if rows else None

    async def _forget_updates(self, holder_id: int, *, before: int) -> None:
        """Empty what is still kept from somebody, up to the update that asks for it."""
        limit = select(updates.c.id).where(updates.c.update_id == before).scalar_subquery()
        rows = await self._read(
            select(updates.c.id, updates.c.payload).where(
                updates.c.handled.is_(False), updates.c.id < limit
            )
        )
        theirs = [row.id for row in rows if _is_from(holder_id, row.payload)]
        await self._write(
            update(updates).where(updates.c.id.in_(theirs)).values(handled=True, payload="")
        )


def _is_from(holder_id: int, payload: str) -> bool:
    """Whether a user, or whoever speaks as a chat, sent the update (Update's one content)."""
    for content in json.loads(payload).values():
        if isinstance(content, dict):
            speaker = content.get("sender_chat") or content.get("from") or {}
            if speaker.get("id") == holder_id:
                return True
    return False
