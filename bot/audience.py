"""Who may use the bot, in words for its host; the gate in `bot.chat` goes by the same sets."""

from bot.settings import Settings


def audience(settings: Settings) -> str:
    """Say who may use the bot, like "3 people, 1 group (1 admin)" or "everybody (no admins)".

    Admins are counted among the people. A person's chat with the bot has the person's own id.
    """
    users, chats = settings.allowed_user_ids, settings.allowed_chat_ids
    admins = _count(len(settings.admin_user_ids), "admin", "admins")
    if not users and not chats:
        return f"everybody ({admins})"
    people = users | settings.admin_user_ids | {chat for chat in chats if chat >= 0}
    groups = len([chat for chat in chats if chat < 0])
    counts = [_count(len(people), "person", "people")] if people else []
    if groups:
        counts.append(_count(groups, "group", "groups"))
    return f"{', '.join(counts)} ({admins})"


def _count(number: int, one: str, many: str) -> str:
    return f"{number or 'no'} {one if number == 1 else many}"
