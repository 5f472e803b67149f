"""Who runs a group."""

import logging

from telegram import ChatMemberAdministrator, ChatMemberOwner
from telegram.constants import ChatMemberStatus

from bot.telegram.client import Client
from bot.telegram.errors import TelegramFault

log = logging.getLogger(__name__)


async def runs_group(client: Client, chat_id: int, user_id: int) -> bool:
    """Whether the user owns or administers the group (getChatMember).

    Where Telegram does not say, the answer is no.
    """
    try:
        member = await client.member(chat_id, user_id)
    except TelegramFault as fault:
        log.info("Whether somebody is an admin could not be found out: %s", fault)
        return False
    return member.status in {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}


async def is_anonymous(client: Client, chat_id: int, user_id: int) -> bool:
    """Whether what the user posts in the group appears in the group's own name (getChatMember).

    Their presses still come from themselves. Where Telegram does not say, the answer is no.
    """
    try:
        member = await client.member(chat_id, user_id)
    except TelegramFault as fault:
        log.info("Whether somebody posts in a group's name could not be found out: %s", fault)
        return False
    return isinstance(member, ChatMemberOwner | ChatMemberAdministrator) and member.is_anonymous


async def speaks_for(client: Client, chat_id: int, holder_id: int, user_id: int) -> bool:
    """Whether a user may decide for a holder: oneself, or the group where it is asked.

    Args:
        client: asks Telegram.
        chat_id: where it is asked.
        holder_id: a user's id, or a group's.
        user_id: who decides.
    """
    if holder_id == user_id:
        return True
    return holder_id == chat_id and await runs_group(client, chat_id, user_id)
