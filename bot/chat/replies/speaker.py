"""Saying a sentence or showing a picture in a chat, with Telegram's manners."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from telegram import Message, MessageEntity, User

from bot.chat.requests.request import Mention, Request
from bot.telegram.backoff import Backoff
from bot.telegram.client import Client, Keyboard, Sent
from bot.telegram.errors import (
    Moved,
    NoRoom,
    Rejected,
    TelegramFault,
    TopicGone,
    TryLater,
    Unreachable,
)
from bot.telegram.place import Place
from bot.telegram.rate_limits import Priority, Urgency

log = logging.getLogger(__name__)

ATTEMPTS = 4
BACKOFF = Backoff(first=2.0, longest=8.0)
LONGEST_DELAY = 120.0
"""Seconds; a sentence that would come later than this no longer answers anything."""
REMEMBERED_ALBUMS = 200
REMEMBERED_SENTENCES = 200
SHORT_WHILE = 10.0
"""Seconds for which a sentence still stands before the eyes of whoever it was said to."""
PAUSE = 3.0
"""Seconds without anything new after which a sentence that was put off is said."""
PHOTO_NAME = "styles.jpg"

_LATE = Urgency(priority=Priority.AWAITED, patience=LONGEST_DELAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPhoto:
    """A picture that Telegram may have already.

    `file_id` is Telegram's name for it, None when it has none (any longer); then `make` gives a
    JPEG, and `keep` hears its new name. `apology` is said where pictures are not allowed.
    """

    file_id: str | None
    make: Callable[[], Awaitable[bytes]]
    keep: Callable[[str], Awaitable[None]]
    apology: str

    async def content(self) -> str | bytes:
        """What to send: the picture's name, or else the picture."""
        return self.file_id or await self.make()

    async def was_sent(self, sent: Sent) -> None:
        """Keep the name that Telegram gave it, if it had none."""
        if self.file_id is None and sent.file_id is not None:
            await self.keep(sent.file_id)


@dataclass(frozen=True, slots=True)
class _Saying:
    place: Place
    text: str
    answering: int | None = None
    markup: Keyboard | None = None
    mention: Mention | None = None
    photo: CachedPhoto | None = None


class Speaker:
    """Sends sentences (sendMessage) and pictures (sendPhoto), and survives what Telegram answers.

    What must arrive is the courier's business; a sentence that cannot be said is logged and let
    go. When Telegram asks to wait, the wait happens in a task of its own, so that the chat's
    next update is not held up.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._late: set[asyncio.Task[int | None]] = set()
        self._albums: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._said: OrderedDict[tuple[int, str], float] = OrderedDict()
        self._put_off: dict[int, asyncio.Task[None]] = {}

    async def say(self, place: Place, text: str) -> int | None:
        """Say `text` in `place`.

        Returns:
            The new message's id; None if it was not sent, or will be sent later.
        """
        return await self._say(_Saying(place, text))

    async def _say(self, saying: _Saying) -> int | None:
        message_id = await self._try(saying, self._client)
        if message_id is not None:
            key = saying.place.chat_id, saying.text
            self._said[key] = asyncio.get_running_loop().time()
            self._said.move_to_end(key)
            if len(self._said) > REMEMBERED_SENTENCES:
                self._said.popitem(last=False)
        return message_id

    def said_lately(self, place: Place, text: str) -> bool:
        """Whether this very sentence was said in the chat within a `SHORT_WHILE`."""
        said_at = self._said.get((place.chat_id, text))
        return said_at is not None and asyncio.get_running_loop().time() - said_at < SHORT_WHILE

    def put_off(self, place: Place, say: Callable[[], Awaitable[None]]) -> None:
        """Call `say` after a `PAUSE`, unless something else is put off in the chat meanwhile."""

        async def wait() -> None:
            await asyncio.sleep(PAUSE)
            try:
                await say()
            except Exception:
                log.exception("A sentence for chat %d was not said", place.chat_id)

        self.drop(place)
        task = self._put_off[place.chat_id] = asyncio.create_task(wait())
        task.add_done_callback(lambda ended: self._forget(place, ended))

    def drop(self, place: Place) -> None:
        """Do not say what was put off in the chat."""
        if (task := self._put_off.pop(place.chat_id, None)) is not None:
            task.cancel()

    async def reply(
        self,
        request: Request,
        text: str,
        markup: Keyboard | None = None,
        *,
        mention: Mention | None = None,
    ) -> int | None:
        """Say `text` in answer to what somebody asks for; returns as `say`."""
        return await self._say(_Saying(request.place, text, request.message_id, markup, mention))

    async def show(
        self, request: Request, photo: CachedPhoto, caption: str, markup: Keyboard
    ) -> None:
        """Show a picture in answer to what somebody asks for."""
        saying = _Saying(request.place, caption, request.message_id, markup, photo=photo)
        await self._try(saying, self._client)

    def said_in_album(self, message: Message) -> bool:
        """Whether another part of the message's album has passed here before.

        The parts of an album are messages of their own; what is to be said of all of them is
        said once. Forgetting this in a restart costs no more than a repeated sentence.
        """
        if message.media_group_id is None:
            return False
        album = message.chat.id, message.media_group_id
        if album in self._albums:
            return True
        self._albums[album] = None
        if len(self._albums) > REMEMBERED_ALBUMS:
            self._albums.popitem(last=False)
        return False

    async def close(self) -> None:
        """Give up the sentences that still wait."""
        tasks = [*self._late, *self._put_off.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, place: Place, ended: asyncio.Task[None]) -> None:
        if self._put_off.get(place.chat_id) is ended:
            del self._put_off[place.chat_id]

    async def _try(self, saying: _Saying, client: Client, attempt: int = 1) -> int | None:
        try:
            if saying.photo is not None:
                return await self._show(saying, saying.photo, client)
            text, entities = _addressed(saying.text, saying.mention)
            return await client.say(
                saying.place,
                text,
                reply_to=saying.answering,
                keyboard=saying.markup,
                entities=entities,
            )
        except TelegramFault as fault:
            return await self._again(saying, client, attempt, fault)

    async def _show(self, saying: _Saying, photo: CachedPhoto, client: Client) -> int:
        sent = await client.send_photo(
            saying.place,
            await photo.content(),
            PHOTO_NAME,
            reply_to=saying.answering,
            caption=saying.text,
            keyboard=saying.markup,
        )
        await photo.was_sent(sent)
        return sent.message_id

    async def _again(
        self, saying: _Saying, client: Client, attempt: int, fault: TelegramFault
    ) -> int | None:
        place = saying.place
        if attempt < ATTEMPTS:
            match fault:
                case NoRoom() if fault.wait <= LONGEST_DELAY:
                    # It takes its place in the line at once, so that sentences keep their order.
                    self._later(saying, attempt + 1, 0.0)
                    return None
                case TryLater() if (delay := BACKOFF.delay(attempt, fault)) <= LONGEST_DELAY:
                    self._later(saying, attempt + 1, delay)
                    return None
                case Moved():
                    moved = Place(chat_id=fault.new_chat_id, private=False)
                    elsewhere = replace(saying, place=moved, answering=None)
                    return await self._try(elsewhere, client, attempt + 1)
                case TopicGone() if place.thread_id is not None:
                    general = Place(chat_id=place.chat_id, private=place.private)
                    return await self._try(replace(saying, place=general), client, attempt + 1)
                case Rejected() | Unreachable() if saying.photo is not None:
                    spoken = _otherwise(saying, saying.photo)
                    return await self._try(spoken, client, attempt + 1)
                case _:
                    pass
        # A lost answer may hide a sentence that arrived; saying it twice would be worse.
        log.warning("A sentence for chat %d was not said: %s", place.chat_id, fault)
        return None

    def _later(self, saying: _Saying, attempt: int, delay: float) -> None:
        async def wait() -> int | None:
            await asyncio.sleep(delay)
            return await self._try(saying, self._client.at(_LATE), attempt)

        task = asyncio.create_task(wait())
        self._late.add(task)
        task.add_done_callback(self._late.discard)


def _otherwise(saying: _Saying, photo: CachedPhoto) -> _Saying:
    """What to try after a picture was refused: to upload it anew, and then words alone."""
    if photo.file_id is not None:
        return replace(saying, photo=replace(photo, file_id=None))
    return replace(saying, photo=None, text=photo.apology, markup=None)


def _addressed(text: str, mention: Mention | None) -> tuple[str, list[MessageEntity] | None]:
    """A sentence with a name before it, and the mark that makes the name a mention."""
    if mention is None:
        return text, None
    length = len(mention.name.encode("utf-16-le")) // 2
    user = User(mention.user_id, mention.name, is_bot=False)
    entity = MessageEntity(MessageEntity.TEXT_MENTION, 0, length, user=user)
    return f"{mention.name}: {text}", [entity]
