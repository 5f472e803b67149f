"""Which language people and groups have chosen to be spoken to in."""

from bot.chat.requests.request import Person
from bot.studio.ledger.transaction import Transaction


class ChosenLanguages:
    """The chosen languages, as the ledger has them: `reload` again whenever one has changed.

    They are few, and asked for with every sentence, so that all of them are kept in memory.
    """

    def __init__(self) -> None:
        self._chosen: dict[int, str] = {}

    async def reload(self, transaction: Transaction) -> None:
        """Take over what the ledger says now."""
        self._chosen = await transaction.chosen_languages()

    def of(self, person: Person | None) -> str | None:
        """The language for a person, as an IETF tag; None: nobody knows.

        In a group its own comes first, because everybody there reads along; then what the person
        has chosen; then what Telegram tells of the person's app.
        """
        if person is None:
            return None
        in_group = self._chosen.get(person.group_id) if person.group_id is not None else None
        return in_group or self._chosen.get(person.id) or person.language
