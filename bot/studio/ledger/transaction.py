"""All repositories in one transaction, and what concerns several of them."""

from sqlalchemy import delete, select, update

from bot.studio.ledger.queue import QueueRepository
from bot.studio.ledger.retention import RetentionRepository
from bot.studio.ledger.statistics import StatisticsRepository
from bot.studio.ledger.tables import deliveries, drafts, orders


class Transaction(RetentionRepository, QueueRepository, StatisticsRepository):
    """One open transaction of the ledger; see `Ledger.begin`."""

    async def chat_migrated(self, old_chat_id: int, new_chat_id: int) -> None:
        """Follow a group that became a supergroup (Bot API: Message.migrate_to_chat_id).

        Drafts, preferences, saved styles and all orders move; what has been begun or chosen
        anew in the supergroup already stands, and the old is dropped. Messages do not move with
        the chat: cards are forgotten, so that open orders get new ones, and `reply_to` becomes 0,
        which names no message.
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
        moving = select(orders.c.id).where(orders.c.chat_id == old_chat_id)
        await self._write(
            update(deliveries)
            .where(deliveries.c.order_id.in_(moving), deliveries.c.reply_to.is_not(None))
            .values(reply_to=0)
        )
        await self._move_notices(old_chat_id, new_chat_id)
        await self._move_preferences(old_chat_id, new_chat_id)
        await self._move_styles(old_chat_id, new_chat_id)
        await self._write(
            update(orders)
            .where(orders.c.chat_id == old_chat_id)
            .values(chat_id=new_chat_id, private=False, reply_to=0, card=None, card_has_photo=False)
        )
