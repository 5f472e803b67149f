"""Who may change or cancel whose order, and who decides for a group."""

import logging

from telegram import ChatMemberAdministrator, ChatMemberOwner

from bot.chat.requests.request import Press, Request
from bot.chat.requests.services import Access
from bot.studio.ledger.model import Order
from bot.telegram.client import Client, client_of
from bot.telegram.errors import TelegramFault

log = logging.getLogger(__name__)


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


async def runs_group(client: Client, chat_id: int, user_id: int) -> bool:
    """Whether the user owns or administers the group (getChatMember).

    Where Telegram does not say, the answer is no.
    """
    return await _admin(client, chat_id, user_id) is not None


async def is_anonymous(client: Client, chat_id: int, user_id: int) -> bool:
    """Whether what the user posts in the group appears in the group's own name (getChatMember).

    Their presses still come from themselves. Where Telegram does not say, the answer is no.
    """
    admin = await _admin(client, chat_id, user_id)
    return admin is not None and admin.is_anonymous


async def speaks_for(client: Client, request: Request, holder_id: int) -> bool:
    """Whether who asks may decide for a holder: oneself, or the group where it is asked.

    Args:
        client: asks Telegram (getChatMember).
        request: who asks, and where.
        holder_id: a user's id, or a group's.
    """
    person_id, chat_id = request.person.id, request.place.chat_id
    if holder_id == person_id:
        return True
    return holder_id == chat_id and await runs_group(client, chat_id, person_id)


async def _admin(
    client: Client, chat_id: int, user_id: int
) -> ChatMemberOwner | ChatMemberAdministrator | None:
    try:
        member = await client.member(chat_id, user_id)
    except TelegramFault as fault:
        log.info("What somebody is in a group could not be found out: %s", fault)
        return None
    return member if isinstance(member, ChatMemberOwner | ChatMemberAdministrator) else None


async def _runs_group_of(order: Order, press: Press) -> bool:
    return await runs_group(client_of(press.query), order.place.chat_id, press.person.id)
