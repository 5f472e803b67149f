"""What the page shows: people and groups in the sandbox, how the bot is, and what changes."""

from collections.abc import Mapping
from typing import Final, Protocol

from bot.demo.web.network import Network, switch
from bot.demo.web.scenes import Scenes
from bot.demo.web.supervisor import BotState
from bot.demo.web.views import Json, chat_view, message_view, person_view
from bot.sandbox import Chat, Event, EventKind, Message, Person, Sandbox
from bot.sandbox.journal import Journal

FIRST_PEOPLE: Final = (("Ada", "en"), ("Bruno", "de"), ("Layla", "ar"))
"""Who is there at the start, and in which language their apps are."""


class BotControl(Protocol):
    """What people who work on the bot may do to its process."""

    @property
    def state(self) -> BotState:
        """How it is."""
        ...

    async def start(self) -> None:
        """Start it, unless it runs."""

    async def kill(self) -> None:
        """Kill it."""

    def kill_engine(self) -> bool:
        """Kill the process that paints; False if there is none."""
        ...


class Session:
    """The sandbox as the page sees it, and a journal of all that changes.

    Args of the constructor:
        sandbox: the Telegram that the page is an app of.
        pictures: the sample photo and style (JPEG), by the names "content" and "style".

    Attributes:
        changes: What the page is told, in order; it grows as long as the session lasts.
        people: Who may speak, by id.
        bot: The bot's process, once there is one.
    """

    def __init__(self, sandbox: Sandbox, pictures: Mapping[str, bytes]) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.pictures = pictures
        self.changes: Journal[Json] = Journal()
        self.bot: BotControl | None = None
        self._network = Network.FINE
        friends = [sandbox.person(name, language=language) for name, language in FIRST_PEOPLE]
        self.friends = sandbox.group("Friends", *friends)
        self.scenes = Scenes(sandbox, pictures, self.tell_setting)
        self.people = {one.id: one for one in (*friends, *self.scenes.cast)}
        self.world.events.listen(self._tell)

    @property
    def admins(self) -> str:
        """Who may ask for figures: whoever the page begins with, and who plays the scenes."""
        return ",".join(str(one.id) for one in (next(iter(self.people.values())), self.scenes.ada))

    def setting(self) -> Json:
        """Return all but the messages."""
        bot = self.world.bot
        scripted = {one.id for one in self.scenes.cast}
        return {
            "bot": {"id": bot.id, "name": bot.name, "username": bot.username},
            "people": [
                person_view(one, scripted=one.id in scripted) for one in self.people.values()
            ],
            "chats": [chat_view(chat, bot) for chat in self.world.chats.values()],
            "privacy": self.world.privacy.mode,
            "network": self._network,
            "state": self.bot.state if self.bot is not None else BotState.ABSENT,
            "scenes": self.scenes.view(),
        }

    def state(self) -> Json:
        """Return everything, as a page wants it that has just been opened."""
        messages = [
            message_view(message)
            for chat in self.world.chats.values()
            for message in chat.messages.values()
        ]
        return {"kind": "state", "setting": self.setting(), "messages": messages}

    def tell_setting(self) -> None:
        """Tell the page that something besides messages is another."""
        self.changes.append({"kind": "setting", "setting": self.setting()})

    def person(self, person_id: int) -> Person:
        """Find somebody; raises LookupError if there is nobody of this id."""
        return self.people[person_id]

    def chat(self, person: Person, chat_id: int) -> Chat:
        """Find a chat that somebody is in.

        Raises:
            LookupError: There is none of this id.
            PermissionError: It is none of theirs.
        """
        chat = self.world.chats[chat_id]
        if chat is not person.chat and not chat.has(person.id):
            raise PermissionError(f"{person.user.name} is not in {chat.title}")
        return chat

    def message(self, person: Person, chat_id: int, message_id: int) -> Message:
        """Find a message that somebody sees; see `chat` for what is raised."""
        return self.chat(person, chat_id).messages[message_id]

    def add_person(self, name: str, language: str) -> Person:
        """Bring somebody new, who joins the group at once."""
        person = self.sandbox.person(name, language=language)
        self.people[person.id] = person
        self.friends.add(person)
        self.tell_setting()
        return person

    def set_network(self, network: Network) -> None:
        """Have the bot's calls fare so from now on."""
        switch(self.sandbox.faults, network)
        self._network = network
        self.tell_setting()

    def set_privacy(self, *, mode: bool) -> None:
        """Switch privacy mode, as BotFather does."""
        self.world.privacy.mode = mode
        self.tell_setting()

    def _tell(self, event: Event) -> None:
        message = event.message
        place: Json = {"chat": event.chat.id}
        match event.kind:
            case EventKind.MESSAGE | EventKind.EDIT | EventKind.REACTION if message is not None:
                new = event.kind is EventKind.MESSAGE
                shown = message_view(message)
                self.changes.append({"kind": "message", "new": new, "message": shown})
                if new and (message.service is not None or len(event.chat.messages) == 1):
                    self.tell_setting()
            case EventKind.DELETE if message is not None:
                self.changes.append({"kind": "delete", **place, "id": message.message_id})
            case EventKind.ACTION:
                self.changes.append({"kind": "action", **place, "action": event.detail})
            case EventKind.PRESS | EventKind.ANSWER if event.actor is not None:
                self.changes.append(
                    {
                        "kind": event.kind,
                        **place,
                        "person": event.actor.id,
                        "query": event.query,
                        "text": event.detail,
                        "alert": event.alert,
                    }
                )
            case _:
                self.tell_setting()
