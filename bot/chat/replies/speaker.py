"""Saying a sentence or showing a picture in a chat, with Telegram's manners."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardMarkup,
    Message,
    MessageEntity,
    ReplyParameters,
    User,
)
from telegram.error import TelegramError

from bot.chat.requests.request import Mention
from bot.telegram.errors import Moved, Rejected, TopicGone, TryLater, Unreachable, understand
from bot.telegram.place import Place

log = logging.getLogger(__name__)

ATTEMPTS = 4
FIRST_DELAY = 1.0
"""Seconds before a sentence is tried again, where Telegram does not say how long to wait."""
LONGEST_DELAY = 120.0
"""Seconds; a sentence that would come later than this no longer answers anything."""
REMEMBERED_ALBUMS = 200
SHOWN_AS = "styles.jpg"

Markup = ForceReply | InlineKeyboardMarkup


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A picture to show.

    `file_id` is Telegram's name for it, None when it has none (any longer); then `make` gives a
    JPEG, and `keep` hears its new name. `apology` is said where pictures are not allowed.
    """

    file_id: str | None
    make: Callable[[], Awaitable[bytes]]
    keep: Callable[[str], Awaitable[None]]
    apology: str


@dataclass(frozen=True, slots=True)
class _Saying:
    place: Place
    text: str
    answering: int | None
    markup: Markup | None
    mention: Mention | None = None
    exhibit: Exhibit | None = None


class Speaker:
    """Sends sentences (sendMessage) and pictures (sendPhoto), and survives what Telegram answers.

    What must arrive is the courier's business; a sentence that cannot be said is logged and let
    go. When Telegram asks to wait, the wait happens in a task of its own, so that the chat's
    next update is not held up.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._late: set[asyncio.Task[int | None]] = set()
        self._albums: OrderedDict[str, None] = OrderedDict()

    async def say(
        self,
        place: Place,
        text: str,
        *,
        answering: int | None = None,
        markup: Markup | None = None,
        mention: Mention | None = None,
    ) -> int | None:
        """Say `text` in `place`, as a reply to the message `answering` where it still exists.

        Returns:
            The new message's id; None if it was not sent, or will be sent later.
        """
        return await self._try(_Saying(place, text, answering, markup, mention), 1)

    async def show(
        self,
        place: Place,
        exhibit: Exhibit,
        caption: str,
        *,
        answering: int | None = None,
        markup: Markup | None = None,
    ) -> int | None:
        """Show a picture in `place`, as a reply to the message `answering` where it still exists.

        Returns:
            The new message's id; None if it was not sent, or will be sent later.
        """
        saying = _Saying(place, caption, answering, markup, exhibit=exhibit)
        return await self._try(saying, 1)

    def said_in_album(self, message: Message) -> bool:
        """Whether another part of the message's album has passed here before.

        The parts of an album are messages of their own; what is to be said of all of them is
        said once. Forgetting this in a restart costs no more than a repeated sentence.
        """
        album = message.media_group_id
        if album is None:
            return False
        if album in self._albums:
            return True
        self._albums[album] = None
        if len(self._albums) > REMEMBERED_ALBUMS:
            self._albums.popitem(last=False)
        return False

    async def close(self) -> None:
        """Give up the sentences that still wait for Telegram's permission."""
        tasks = list(self._late)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self, saying: _Saying, attempt: int) -> int | None:
        reply = None
        if saying.answering is not None:
            reply = ReplyParameters(saying.answering, allow_sending_without_reply=True)
        try:
            if saying.exhibit is not None:
                return await self._show(saying, saying.exhibit, reply)
            text, entities = _addressed(saying.text, saying.mention)
            message = await self._bot.send_message(
                saying.place.chat_id,
                text,
                entities=entities,
                message_thread_id=saying.place.thread_id,
                reply_parameters=reply,
                reply_markup=saying.markup,
            )
        except TelegramError as error:
            return await self._again(saying, attempt, error)
        return message.message_id

    async def _show(self, saying: _Saying, exhibit: Exhibit, reply: ReplyParameters | None) -> int:
        message = await self._bot.send_photo(
            saying.place.chat_id,
            exhibit.file_id or await exhibit.make(),
            caption=saying.text,
            filename=None if exhibit.file_id else SHOWN_AS,
            message_thread_id=saying.place.thread_id,
            reply_parameters=reply,
            reply_markup=saying.markup,
        )
        if exhibit.file_id is None and message.photo:
            await exhibit.keep(message.photo[-1].file_id)
        return message.message_id

    async def _again(self, saying: _Saying, attempt: int, error: TelegramError) -> int | None:
        fault = understand(error)
        place = saying.place
        if attempt < ATTEMPTS:
            match fault:
                case TryLater():
                    delay = fault.delay if fault.delay is not None else FIRST_DELAY * 2**attempt
                    if delay <= LONGEST_DELAY:
                        self._later(saying, attempt + 1, delay)
                        return None
                case Moved():
                    moved = Place(chat_id=fault.new_chat_id, private=False)
                    elsewhere = replace(saying, place=moved, answering=None)
                    return await self._try(elsewhere, attempt + 1)
                case TopicGone() if place.thread_id is not None:
                    general = Place(chat_id=place.chat_id, private=place.private)
                    return await self._try(replace(saying, place=general), attempt + 1)
                case Rejected() | Unreachable() if saying.exhibit is not None:
                    return await self._try(_otherwise(saying, saying.exhibit), attempt + 1)
                case _:
                    pass
        # A lost answer may hide a sentence that arrived; saying it twice would be worse.
        log.warning("A sentence for chat %d was not said: %s", place.chat_id, fault)
        return None

    def _later(self, saying: _Saying, attempt: int, delay: float) -> None:
        async def wait() -> int | None:
            await asyncio.sleep(delay)
            return await self._try(saying, attempt)

        task = asyncio.create_task(wait())
        self._late.add(task)
        task.add_done_callback(self._late.discard)


def _otherwise(saying: _Saying, exhibit: Exhibit) -> _Saying:
    """What to try after a picture was refused: to upload it anew, and then words alone."""
    if exhibit.file_id is not None:
        return replace(saying, exhibit=replace(exhibit, file_id=None))
    return replace(saying, exhibit=None, text=exhibit.apology, markup=None)


def _addressed(text: str, mention: Mention | None) -> tuple[str, list[MessageEntity] | None]:
    """A sentence with a name before it, and the mark that makes the name a mention."""
    if mention is None:
        return text, None
    length = len(mention.name.encode("utf-16-le")) // 2
    user = User(mention.user_id, mention.name, is_bot=False)
    entity = MessageEntity(MessageEntity.TEXT_MENTION, 0, length, user=user)
    return f"{mention.name}: {text}", [entity]
