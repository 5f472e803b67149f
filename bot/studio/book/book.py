"""All pages bound together, and what concerns several of them."""

from sqlalchemy import delete, select, update

from bot.studio.book.fetched import FetchPages
from bot.studio.book.outbox import OutboxPages
from bot.studio.book.updates import UpdatePages
from bot.studio.schema import drafts, orders, pictures


class Book(UpdatePages, FetchPages, OutboxPages):
    """One open transaction of the ledger; see `Ledger.begin`."""

    async def chat_migrated(self, old_chat_id: int, new_chat_id: int) -> None:
        """Follow a group that became a supergroup (Bot API: Message.migrate_to_chat_id).

        Drafts and all orders move; where a person has begun a new draft in the supergroup
        already, the old one is dropped. Messages do not move with the chat: cards are forgotten,
        so that open orders get new ones, and `reply_to` becomes 0, which names no message.
        Pictures and sources keep the old ids, by which a redelivered update is recognised.
        """
        begun = select(drafts.c.user_id).where(drafts.c.chat_id == new_chat_id)
        await self._write(
            delete(drafts).where(drafts.c.chat_id == old_chat_id, drafts.c.user_id.in_(begun))
        )
        await self._write(
            update(drafts)
            .where(drafts.c.chat_id == old_chat_id)
            .values(chat_id=new_chat_id, private=False)
        )
        await self._write(
            update(orders)
            .where(orders.c.chat_id == old_chat_id)
            .values(chat_id=new_chat_id, private=False, reply_to=0, card=None, card_has_photo=False)
        )

    async def named_files(self) -> set[str]:
        """The paths of all files that a picture or an order names, for the sweep at start."""
        rows = [
            *await self._read(select(pictures.c.path).where(pictures.c.path.is_not(None))),
            *await self._read(select(orders.c.painting).where(orders.c.painting.is_not(None))),
        ]
        return {row[0] for row in rows}
