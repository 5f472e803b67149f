"""What the handlers of pictures have in common."""

from dataclasses import dataclass

from bot.chat.collecting import Collecting
from bot.chat.intake import Intake
from bot.chat.naming import Naming
from bot.chat.passing import Passing
from bot.chat.services import Studio
from bot.chat.speaker import Speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of the chat by which pictures and styles' names are taken in; made once."""

    studio: Studio
    speaker: Speaker
    intake: Intake
    collecting: Collecting
    passing: Passing
    naming: Naming
