"""Who may use this Atelier, and who may change or cancel whose order."""

from dataclasses import dataclass

from telegram import CallbackQuery

from bot.chat.requests.group_admins import runs_group
from bot.chat.requests.request import Person
from bot.studio.ledger.model import Order


@dataclass(frozen=True, slots=True)
class Access:
    """The host's allowlists. Both empty: everyone; otherwise being on either is enough.

    `users` and `admins` hold user ids, `chats` chat ids. Admins are always let in.
    """

    users: frozenset[int] = frozenset()
    chats: frozenset[int] = frozenset()
    admins: frozenset[int] = frozenset()

    def allows(self, person: Person | None, chat_id: int | None) -> bool:
        """Whether this person may use Atelier in this chat."""
        if not self.users and not self.chats:
            return True
        if chat_id in self.chats:
            return True
        if person is None:
            return False
        if not person.is_user:
            return person.id in self.chats
        return person.id in self.users or person.id in self.admins

    def is_admin(self, person: Person) -> bool:
        """Whether the host named this person an admin of Atelier."""
        return person.is_user and person.id in self.admins


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
    return await runs_group(query.get_bot(), order.place.chat_id, person.id)
