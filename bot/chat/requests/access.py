"""Who may change or cancel whose order."""

from bot.chat.requests.group_admins import runs_group
from bot.chat.requests.request import Press
from bot.chat.requests.services import Access
from bot.studio.ledger.model import Order
from bot.telegram.client import client_of


async def may_cancel(press: Press, order: Order, access: Access) -> bool:
    """Whether the person who pressed a button may cancel the order.

    Whoever may change it may, and in a group its owner and admins (getChatMember).
    """
    if await may_change(press, order, access):
        return True
    return not order.place.private and await _runs_group_of(order, press)


async def may_change(press: Press, order: Order, access: Access) -> bool:
    """Whether the person who pressed a button may change the order.

    Its owner may, and admins of Atelier. Where it was ordered by somebody who spoke as a chat,
    the press comes from a user behind it: then whoever may speak for the group may stop what was
    ordered in its name (getChatMember).
    """
    if press.person.id == order.user_id or access.is_admin(press.person):
        return True
    return order.user_id < 0 and await _runs_group_of(order, press)


async def _runs_group_of(order: Order, press: Press) -> bool:
    return await runs_group(client_of(press.query), order.place.chat_id, press.person.id)
