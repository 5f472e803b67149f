"""Who may change or cancel whose order."""

from telegram import CallbackQuery

from bot.chat.requests.group_admins import runs_group
from bot.chat.requests.request import Person
from bot.chat.requests.services import Access
from bot.studio.ledger.model import Order
from bot.telegram.client import client_of


async def may_cancel(query: CallbackQuery, person: Person, order: Order, access: Access) -> bool:
    """Whether the person who pressed a button may cancel the order.

    Whoever may change it may, and in a group its owner and admins (getChatMember).
    """
    if await may_change(query, person, order, access):
        return True
    return not order.place.private and await runs_group(
        client_of(query), order.place.chat_id, person.id
    )


async def may_change(query: CallbackQuery, person: Person, order: Order, access: Access) -> bool:
    """Whether the person who pressed a button may change the order.

    Its owner may, and admins of Atelier. Where it was ordered by somebody who spoke as a chat,
    the press comes from a user behind it: then whoever may speak for the group may stop what was
    ordered in its name (getChatMember).
    """
    if person.id == order.user_id or access.is_admin(person):
        return True
    if order.user_id > 0:
        return False
    return await runs_group(client_of(query), order.place.chat_id, person.id)
