"""What people and groups have chosen."""

from dataclasses import asdict

from sqlalchemy import delete, insert, select, update

from bot.studio.ledger.model import Preferences, Wishes
from bot.studio.ledger.repository import Repository
from bot.studio.ledger.tables import preferences
from bot.studio.ledger.wishes import settled
from bot.telegram.place import Place

NOTHING_CHOSEN = Preferences()


class PreferenceRepository(Repository):
    """Preferences, by the id of the person or group that holds them."""

    async def preferences(self, holder_id: int) -> Preferences:
        """What a person (user id) or a group (chat id) has chosen; nothing at first."""
        rows = await self._read(select(preferences).where(preferences.c.holder_id == holder_id))
        if not rows:
            return NOTHING_CHOSEN
        row = rows[0]
        return Preferences(
            quality=row.quality,
            size=row.size,
            strength=row.strength,
            keep_colours=row.keep_colours,
            language=row.language,
        )

    async def save_preferences(self, holder_id: int, chosen: Preferences) -> None:
        """Put them in the place of those before; nothing chosen leaves no row."""
        await self._write(delete(preferences).where(preferences.c.holder_id == holder_id))
        if chosen != NOTHING_CHOSEN:
            await self._write(
                insert(preferences).values(holder_id=holder_id, **asdict(chosen)),
            )

    async def chosen_languages(self) -> dict[int, str]:
        """The languages that people and groups have chosen, by their ids."""
        rows = await self._read(
            select(preferences.c.holder_id, preferences.c.language).where(
                preferences.c.language.is_not(None)
            )
        )
        return {row.holder_id: row.language for row in rows}

    async def wishes_for(
        self, place: Place, user_id: int, explicit: Wishes, *, largest: int | None
    ) -> Wishes:
        """The wishes of a new order by this person in this place; see `settled`."""
        holders = [user_id] if place.private else [place.chat_id, user_id]
        chosen = [await self.preferences(holder_id) for holder_id in holders]
        return settled(explicit, *chosen, largest=largest)

    async def _move_preferences(self, old_chat_id: int, new_chat_id: int) -> None:
        begun = await self.preferences(new_chat_id)
        if begun == NOTHING_CHOSEN:
            await self._write(
                update(preferences)
                .where(preferences.c.holder_id == old_chat_id)
                .values(holder_id=new_chat_id)
            )
        else:
            await self._write(delete(preferences).where(preferences.c.holder_id == old_chat_id))
