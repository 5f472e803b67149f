"""Album parts that pass by in groups, in case a later part turns out to be for the bot."""

from collections import OrderedDict

from bot.studio.model import Arrival

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
