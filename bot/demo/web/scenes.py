"""The scenes of `docs/conversation.md`, played where one can watch them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from bot.demo.scenarios import SCENARIOS, People, Scenario
from bot.demo.web.views import Json
from bot.sandbox import Sandbox

_PAUSE_SECONDS: Final = 1.5


class Scenes:
    """Plays one scene at a time, with people and a group of its own.

    Args of the constructor:
        sandbox: where they are played.
        pictures: the photo and the style to send (JPEG), by the names "content" and "style".
        tell: called whenever a scene begins or ends.
    """

    def __init__(
        self, sandbox: Sandbox, pictures: Mapping[str, bytes], tell: Callable[[], None]
    ) -> None:
        self.ada, bob = self.cast = [
            sandbox.person(name, last_name="on stage") for name in ("Ada", "Bob")
        ]
        group = sandbox.group("Sunday painters", *self.cast, with_bot=False)
        photo, style = pictures["content"], pictures["style"]
        self._people = People(self.ada, bob, group, photo, style, pause=_PAUSE_SECONDS)
        self._tell = tell
        self._playing: asyncio.Task[None] | None = None
        self._title = ""
        self._failure = ""

    def view(self) -> Json:
        """Return which scenes there are, which one is on, and why the last one broke off."""
        return {
            "titles": [scenario.title for scenario in SCENARIOS],
            "playing": self._title,
            "failure": self._failure,
            "person": self.ada.id,
            "chats": {
                scenario.title: (self._people.group if scenario.in_group else self.ada).chat.id
                for scenario in SCENARIOS
            },
        }

    async def play(self, title: str) -> None:
        """Begin a scene, breaking off the one that is on.

        Raises:
            LookupError: There is none of this title.
        """
        scenario = next((one for one in SCENARIOS if one.title == title), None)
        if scenario is None:
            raise LookupError(f"there is no scene {title!r}")
        await self.stop()
        self._title, self._failure = title, ""
        self._playing = asyncio.create_task(self._play(scenario))
        self._tell()

    async def stop(self) -> None:
        """Break off the scene that is on, if any."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.wait([self._playing])
            self._playing = None

    async def _play(self, scenario: Scenario) -> None:
        try:
            await scenario.run(self._people)
        except (LookupError, PermissionError, TimeoutError) as error:
            self._failure = str(error)
        finally:
            self._title = ""
            self._tell()
