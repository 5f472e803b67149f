"""Who runs a group."""

import logging

from telegram import Bot, ChatMemberAdministrator, ChatMemberOwner
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError

log = logging.getLogger(__name__)


async def runs_group(bot: Bot, chat_id: int, user_id: int) -> bool:
    """Whether the user owns or administers the group (getChatMember).

    Where Telegram does not say, the answer is no.
    """
    try:
        member = await bot.get_chat_member(chat_id, user_id)
    except TelegramError as error:
        log.info("Whether somebody is an admin could not be found out: %s", error)
        return False
    return member.status in {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR}


async def is_anonymous(bot: Bot, chat_id: int, user_id: int) -> bool:
    """Whether what the user posts in the group appears in the group's own name (getChatMember).

    Their presses still come from themselves. Where Telegram does not say, the answer is no.
    """
    try:
        member = await bot.get_chat_member(chat_id, user_id)
    except TelegramError as error:
        log.info("Whether somebody posts in a group's name could not be found out: %s", error)
        return False
    return isinstance(member, ChatMemberOwner | ChatMemberAdministrator) and member.is_anonymous


async def speaks_for(bot: Bot, chat_id: int, holder_id: int, user_id: int) -> bool:
    """Whether a user may decide for a holder: oneself, or the group where it is asked.

    Args:
        bot: asks Telegram.
        chat_id: where it is asked.
        holder_id: a user's id, or a group's.
        user_id: who decides.
    """
    if holder_id == user_id:
        return True
    return holder_id == chat_id and await runs_group(bot, chat_id, user_id)
