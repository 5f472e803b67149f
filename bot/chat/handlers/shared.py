"""What the handlers of pictures have in common."""

from dataclasses import dataclass

from bot.chat.ordering.album_memory import PassedAlbums
from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.ordering import Ordering
from bot.chat.ordering.style_by_name import StyleByName
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedParts:
    """The parts of the chat by which pictures and styles' names are taken in; made once."""

    services: Services
    speaker: Speaker
    ordering: Ordering
    albums: AlbumOrdering
    passed_albums: PassedAlbums
    style_by_name: StyleByName
