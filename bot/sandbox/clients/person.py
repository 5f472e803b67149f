"""The scripted user: somebody with a Telegram account."""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from bot.sandbox.clients.sender import ChatOrHandle, Sender, chat_of
from bot.sandbox.entities import find_entities
from bot.sandbox.model import Button, Chat, Member, Message, Status, User
from bot.sandbox.render import member_json
from bot.sandbox.world import Event, EventKind, World

_SHOWN_ON_TIMEOUT = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a press; an empty text only stops the waiting circle."""

    text: str
    alert: bool


class Person(Sender):
    """A person who writes, presses buttons and reads what the bot says.

    Attributes:
        chat: The private chat with the bot.
    """

    def __init__(self, world: World, user: User) -> None:
        super().__init__(world, world.private_chat(user), user=user)
        self.user = user

    @property
    def id(self) -> int:
        """User id, and the id of the private chat with the bot."""
        return self.user.id

    async def edit_text(self, message: Message, text: str) -> Message:
        """Change a text of one's own."""
        return self._edit(message, text)

    async def edit_caption(self, message: Message, caption: str) -> Message:
        """Change a caption of one's own."""
        return self._edit(message, caption)

    async def delete(self, message: Message) -> None:
        """Delete a message for everybody."""
        self.world.delete(message.chat, message.message_id, self.user)

    async def press(self, message: Message, button: str, *, timeout: float = 30.0) -> Answer:
        """Press a button and wait for the bot's answer.

        Args:
            message: The message; the buttons that it has by now count.
            button: Text on the button, or its callback data.
            timeout: Longest wait, in seconds.

        Raises:
            LookupError: There is no such button (any more).
            TimeoutError: The bot did not answer.
        """
        return await self._answer_to(self.tap(message, button), timeout)

    def tap(self, message: Message, button: str) -> str:
        """Press a button without waiting; returns the id of the callback query."""
        now = message.chat.messages.get(message.message_id)
        if now is None:
            raise LookupError("the message has been deleted")
        found = find_button(now, button)
        return self.world.press(
            self.user, now.chat, now.message_id, found.data, f"[ {found.text} ]"
        )

    async def press_data(self, message: Message, data: str, *, timeout: float = 30.0) -> Answer:
        """Press with any callback data, whatever the message shows: an old app, or a forger."""
        query = self.world.press(self.user, message.chat, message.message_id, data)
        return await self._answer_to(query, timeout)

    def react(self, message: Message, emoji: str) -> None:
        """Put a reaction on a message, or take it off with an empty one."""
        self.world.react_as(self.user, message, emoji)

    def speak(self, language: str) -> None:
        """Set one's app to another language (an IETF tag): messages carry it from now on."""
        self.user = self._user = replace(self.user, language_code=language)
        self.world.change_account(self.user)

    def menu(self, chat: Chat) -> list[dict[str, object]]:
        """Return the bot's commands that one's app shows in a chat."""
        return self.world.profile.menu(_scopes(chat, self.id), self.user.language_code)

    async def block(self) -> None:
        """Block the bot."""
        self._set_blocked(blocked=True)

    async def unblock(self) -> None:
        """Take the bot back."""
        self._set_blocked(blocked=False)

    def mark(self) -> int:
        """Return a place in time for ``since``: only what happens from now on."""
        return len(self.world.events)

    async def wait_for(
        self,
        predicate: Callable[[Message], bool] = lambda _: True,
        *,
        timeout: float = 30.0,
        chat: ChatOrHandle | None = None,
        since: int = 0,
    ) -> Message:
        """Return the first message or edit of the bot that fits, as it stood then.

        Args:
            predicate: What to look for.
            timeout: Longest wait, in seconds.
            chat: Where; one's own private chat by default.
            since: From which `mark` on; by default from the beginning.

        Raises:
            TimeoutError: None came; its text shows what the bot said last.
        """
        shown = {EventKind.MESSAGE, EventKind.EDIT}
        return await self._wait_for(shown, predicate, timeout=timeout, chat=chat, since=since)

    async def wait_for_deletion(
        self,
        predicate: Callable[[Message], bool] = lambda _: True,
        *,
        timeout: float = 30.0,
        chat: ChatOrHandle | None = None,
        since: int = 0,
    ) -> Message:
        """Return the first message of the bot that fits and is deleted, as it last stood.

        See `wait_for` for the arguments, and for what is raised.
        """
        gone = {EventKind.DELETE}
        return await self._wait_for(gone, predicate, timeout=timeout, chat=chat, since=since)

    def messages(self, chat: ChatOrHandle | None = None) -> list[Message]:
        """Return what stands in a chat now, everybody's, oldest first."""
        place = self.chat if chat is None else chat_of(chat)
        return list(place.messages.values())

    def from_bot(self, chat: ChatOrHandle | None = None) -> list[Message]:
        """Return what stands in a chat now of the bot's, oldest first."""
        return [one for one in self.messages(chat) if one.author == self.world.bot]

    async def _wait_for(
        self,
        kinds: Set[EventKind],
        predicate: Callable[[Message], bool],
        *,
        timeout: float,
        chat: ChatOrHandle | None,
        since: int,
    ) -> Message:
        place = self.chat if chat is None else chat_of(chat)

        def fits(event: Event) -> bool:
            return (
                event.kind in kinds
                and event.chat is place
                and event.message is not None
                and event.message.author == self.world.bot
                and predicate(event.message)
            )

        try:
            event = await self.world.events.wait_for(fits, timeout=timeout, since=since)
        except TimeoutError:
            raise TimeoutError(self._last_words(place, timeout)) from None
        if event.message is None:
            raise AssertionError("an event that fits has a message")
        return event.message

    def _edit(self, message: Message, words: str) -> Message:
        if message.author != self.user:
            raise PermissionError("one can only edit what one wrote")
        return self.world.edit(message, words=words, entities=find_entities(words))

    async def _answer_to(self, query: str, timeout: float) -> Answer:
        event = await self.world.events.wait_for(
            lambda event: event.kind is EventKind.ANSWER and event.query == query,
            timeout=timeout,
        )
        return Answer(event.detail, event.alert)

    def _set_blocked(self, *, blocked: bool) -> None:
        self.chat.blocked = blocked
        kind = EventKind.BLOCK if blocked else EventKind.UNBLOCK
        self.world.record(kind, self.chat, self.user)
        here, gone = (
            member_json(Member(self.world.bot, status)) for status in (Status.MEMBER, Status.KICKED)
        )
        change = (here, gone) if blocked else (gone, here)
        self.world.member_update("my_chat_member", self.chat, self.user, change)

    def _last_words(self, place: Chat, timeout: float) -> str:
        said = [
            f"{event.kind}: {event.message.words!r}"
            for event in self.world.events
            if event.chat is place and event.message and event.message.author == self.world.bot
        ]
        heard = "; ".join(said[-_SHOWN_ON_TIMEOUT:]) or "nothing"
        return f"nothing that fits within {timeout:g} s; the bot said last: {heard}"


def _scopes(chat: Chat, user_id: int) -> list[dict[str, object]]:
    """Return the scopes that fit somebody in a chat, the closest first."""
    here = {"type": "chat", "chat_id": chat.id}
    if chat.is_private:
        return [here, {"type": "all_private_chats"}]
    all_admins: list[dict[str, object]] = []
    admins_here: list[dict[str, object]] = []
    if chat.is_admin(user_id):
        admins_here = [{**here, "type": "chat_administrators"}]
        all_admins = [{"type": "all_chat_administrators"}]
    member = {**here, "type": "chat_member", "user_id": user_id}
    return [member, *admins_here, here, *all_admins, {"type": "all_group_chats"}]


def find_button(message: Message, wanted: str) -> Button:
    """Find a callback button by its text or its data.

    Raises:
        LookupError: There is none; the text names those that there are.
    """
    for button in message.buttons:
        if button.data and wanted in {button.text, button.data}:
            return button
    shown = ", ".join(button.text for button in message.buttons) or "none"
    raise LookupError(f"no button {wanted!r}; there are: {shown}")
