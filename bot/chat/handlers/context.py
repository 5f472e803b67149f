"""What the handlers of pictures have in common."""

from dataclasses import dataclass

from bot.chat.ordering.album_memory import Passing
from bot.chat.ordering.albums import Collecting
from bot.chat.ordering.ordering import Intake
from bot.chat.ordering.style_by_name import Naming
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.services import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of the chat by which pictures and styles' names are taken in; made once."""

    studio: Studio
    speaker: Speaker
    intake: Intake
    collecting: Collecting
    passing: Passing
    naming: Naming
