"""What the chat handlers are given to work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.chat.requests.access import Access
from bot.chat.requests.languages import ChosenLanguages
from bot.chat.requests.request import Person
from bot.gallery import Gallery
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Order, Picture
from bot.studio.ledger.repository import utc_now
from bot.studio.pictures.fetcher import LIMIT, Fetched
from bot.studio.pictures.files import Files
from bot.studio.variations import Sizes
from bot.words import Library, Words


class Fetches(Protocol):
    """Brings a picture's bytes into the studio (bot.studio.pictures.fetcher)."""

    async def fetch(self, picture: Picture) -> Fetched:
        """Fetch and check the picture, or wait for the fetch that is under way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts of Atelier that the chat talks to, and the host's rules for it.

    `cancel` takes an order's id, stops its computation and returns the order, or None if it was
    final already. `adopt_card` takes an order's id and the message whose button was pressed, in
    case the courier does not know it. `max_orders` counts a person's waiting and running orders.
    `most_styles` is how many styles the engine can blend. `file_limit` is the largest file that
    the Bot API server hands out, in bytes. `album_quiet` is in seconds. `sizes` are those of
    paintings. `retention` is how long pictures are kept after their order's end.
    `chosen_languages` are those of people and groups. `gallery` holds the styles for everybody.
    """

    ledger: Ledger
    files: Files
    fetcher: Fetches
    cancel: Callable[[int], Awaitable[Order | None]]
    adopt_card: Callable[[int, int], Awaitable[None]]
    library: Library
    access: Access = field(default_factory=Access)
    max_orders: int = 5
    most_styles: int = 1
    file_limit: int = LIMIT
    album_quiet: float = 1.0
    sizes: Sizes = field(default_factory=Sizes)
    retention: timedelta = timedelta(days=7)
    chosen_languages: ChosenLanguages = field(default_factory=ChosenLanguages)
    gallery: Gallery = field(default_factory=Gallery)
    clock: Callable[[], datetime] = utc_now

    def words(self, person: Person | None) -> Words:
        """The language to speak with a person where they were met."""
        return self.library.words(self.chosen_languages.of(person))
