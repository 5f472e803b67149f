"""What people do on the page, each as the call that a script would make in its place."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.demo.web.network import Network
from bot.demo.web.session import Session
from bot.demo.web.views import Json
from bot.sandbox.decode import REACTIONS

TEXT_LIMIT: Final = 4096
"""Characters of a message (Bot API, "sendMessage")."""

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
_Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]{2,8})?$")]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT)]


class Action(BaseModel, ABC):
    """Something done on the page; its fields are what the page sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @abstractmethod
    async def perform(self, session: Session) -> Json:
        """Do it.

        Returns:
            What the page wants to know of it at once; the rest comes with the changes.

        Raises:
            LookupError: What it is about is gone.
            PermissionError: Telegram's apps would not let one do it.
        """


class _OnMessage(Action):
    """Something done by somebody to a message."""

    person: int
    chat: int
    message: int


class Press(_OnMessage):
    """Press an inline button."""

    data: str

    async def perform(self, session: Session) -> Json:
        """Return the query, which the bot's answer will name."""
        person = session.person(self.person)
        message = session.message(person, self.chat, self.message)
        return {"query": person.tap(message, self.data)}


class Edit(_OnMessage):
    """Write a message of one's own anew."""

    text: _Text

    async def perform(self, session: Session) -> Json:
        """Change text or caption."""
        person = session.person(self.person)
        await person.edit_text(session.message(person, self.chat, self.message), self.text)
        return {}


class Delete(_OnMessage):
    """Delete a message for everybody."""

    async def perform(self, session: Session) -> Json:
        """Delete it, where it is one's own or in private."""
        person = session.person(self.person)
        message = session.message(person, self.chat, self.message)
        if message.author != person.user and not message.chat.is_private:
            raise PermissionError("one can only delete what one wrote")
        await person.delete(message)
        return {}


class React(_OnMessage):
    """Put a reaction on a message, or take it off with an empty one."""

    emoji: str

    async def perform(self, session: Session) -> Json:
        """React."""
        if self.emoji and self.emoji not in REACTIONS:
            raise PermissionError(f"{self.emoji} is no reaction")
        person = session.person(self.person)
        person.react(session.message(person, self.chat, self.message), self.emoji)
        return {}


class Block(Action):
    """Block the bot, or take it back."""

    person: int
    blocked: bool

    async def perform(self, session: Session) -> Json:
        """Switch, if it is not so already."""
        person = session.person(self.person)
        if person.chat.blocked != self.blocked:
            await (person.block() if self.blocked else person.unblock())
        return {}


class Speak(Action):
    """Set somebody's app to another language."""

    person: int
    language: _Language

    async def perform(self, session: Session) -> Json:
        """Messages carry it from now on."""
        session.person(self.person).speak(self.language)
        session.tell_setting()
        return {}


class Join(Action):
    """Bring one person more."""

    name: _Name
    language: _Language

    async def perform(self, session: Session) -> Json:
        """Return who it is."""
        return {"person": session.add_person(self.name, self.language).id}


class SetPrivacy(Action):
    """Switch the bot's privacy mode."""

    mode: bool

    async def perform(self, session: Session) -> Json:
        """As BotFather does."""
        session.set_privacy(mode=self.mode)
        return {}


class SetNetwork(Action):
    """Choose how the bot's calls fare."""

    network: Network

    async def perform(self, session: Session) -> Json:
        """From now on."""
        session.set_network(self.network)
        return {}


class Control(Action):
    """Kill the bot or its engine, or start it."""

    what: Literal["start", "kill", "restart", "kill-engine"]

    async def perform(self, session: Session) -> Json:
        """Do it to the real processes."""
        bot = session.bot
        if bot is None:
            raise LookupError("there is no bot")
        match self.what:
            case "kill-engine":
                if not bot.kill_engine():
                    raise LookupError("there is no engine yet")
            case "kill":
                await bot.kill()
            case "restart":
                await bot.kill()
                await bot.start()
            case "start":
                await bot.start()
        return {}


class Play(Action):
    """Play one of the scenes, or stop the one that is on if it is empty."""

    title: str = Field(max_length=200)

    async def perform(self, session: Session) -> Json:
        """It goes on by itself."""
        await (session.scenes.play(self.title) if self.title else session.scenes.stop())
        return {}


ACTIONS: Final[Mapping[str, type[Action]]] = {
    "press": Press,
    "edit": Edit,
    "delete": Delete,
    "react": React,
    "block": Block,
    "language": Speak,
    "person": Join,
    "privacy": SetPrivacy,
    "network": SetNetwork,
    "bot": Control,
    "scene": Play,
}
"""By the last part of the address that it is sent to."""
