"""What the chat handlers are given to work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.chat.requests.request import Person
from bot.gallery import Gallery
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.repository import utc_now
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.files import Files
from bot.studio.variations import Sizes
from bot.words import Library, Words


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of Atelier that the chat talks to, and the host's rules for it.

    `max_orders` counts a person's waiting and running orders. `most_styles` is how many styles
    the engine can blend. `album_quiet` is how many seconds after its last part an album counts as
    whole. `sizes` are those of paintings. `retention` is how long pictures are kept after their
    order's end. `chosen_languages` are those of people and groups. `gallery` holds the styles for
    everybody.
    """

    ledger: Ledger
    files: Files
    library: Library
    decoder: Decoder
    access: Access = field(default_factory=Access)
    max_orders: int = 5
    most_styles: int = 1
    album_quiet: float = 1.0
    sizes: Sizes = field(default_factory=Sizes)
    retention: timedelta = timedelta(days=7)
    chosen_languages: ChosenLanguages = field(default_factory=ChosenLanguages)
    gallery: Gallery = field(default_factory=Gallery)
    clock: Callable[[], datetime] = utc_now

    def words(self, person: Person | None) -> Words:
        """The language to speak with a person where they were met."""
        return self.library.words(self.chosen_languages.of(person))
