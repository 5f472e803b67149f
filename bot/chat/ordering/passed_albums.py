"""Albums that are remembered for a moment: those that pass by, and those that are left alone."""

from collections import OrderedDict

from bot.studio.ledger.model import Arrival

REMEMBERED = 100
MOST_PARTS = 10
"""An album has at most ten parts (Bot API: sendMediaGroup)."""


class Passing:
    """The newest albums that were not addressed to the bot, in memory only.

    Where privacy mode is off, the part with `/stylize` may come after others. What is not
    addressed to the bot is none of its business, so that it is not written down anywhere.
    """

    def __init__(self) -> None:
        self._albums: OrderedDict[tuple[int, str], list[Arrival]] = OrderedDict()

    def pass_by(self, part: Arrival) -> None:
        """Remember a part for a while."""
        if part.media_group_id is None:
            return
        parts = self._albums.setdefault((part.place.chat_id, part.media_group_id), [])
        if len(parts) < MOST_PARTS:
            parts.append(part)
        if len(self._albums) > REMEMBERED:
            self._albums.popitem(last=False)

    def claim(self, part: Arrival) -> list[Arrival]:
        """The parts of the same album by the same sender that passed before."""
        if part.media_group_id is None:
            return []
        parts = self._albums.pop((part.place.chat_id, part.media_group_id), [])
        return [earlier for earlier in parts if earlier.user_id == part.user_id]


class Left:
    """The newest albums of which one picture was called for by itself, in memory only.

    Forgetting them in a restart costs no more than a question about a picture of theirs that
    came later than that.
    """

    def __init__(self) -> None:
        self._albums: OrderedDict[tuple[int, str | None], bool] = OrderedDict()

    def add(self, part: Arrival) -> None:
        """Leave a part's album alone from now on."""
        self._albums.setdefault(_album(part), False)
        if len(self._albums) > REMEMBERED:
            self._albums.popitem(last=False)

    def holds(self, part: Arrival) -> bool:
        """Whether the part belongs to such an album."""
        return _album(part) in self._albums

    def is_news(self, part: Arrival) -> bool:
        """Whether it is still to be said of the part's album, which is then taken for done."""
        said = self._albums.get(_album(part), False)
        self._albums[_album(part)] = True
        return not said


def _album(part: Arrival) -> tuple[int, str | None]:
    return part.place.chat_id, part.media_group_id
