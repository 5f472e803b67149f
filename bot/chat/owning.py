"""Whose order it is: who may change or cancel it."""

import logging

from telegram import CallbackQuery
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError

from bot.chat.access import Access
from bot.chat.people import Person
from bot.studio.model import Order

log = logging.getLogger(__name__)


async def may_change(query: CallbackQuery, person: Person, order: Order, access: Access) -> bool:
    """Whether the person who pressed a button may change or cancel the order.

    Its owner may, and admins of Atelier. Where it was ordered by somebody who spoke as a chat,
    the press comes from a user behind it: then whoever may speak for the group may stop what was
    ordered in its name (getChatMember).
    """
    if person.id == order.user_id or access.is_admin(person):
        return True
    if order.user_id > 0:
        return False
    try:
        member = await query.get_bot().get_chat_member(order.place.chat_id, person.id)
    except TelegramError as error:
        log.info("Whether somebody is an admin could not be found out: %s", error)
        return False
    return member.status in {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}
