"""Saying a sentence in a chat, with Telegram's manners."""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, replace

from telegram import Bot, ForceReply, InlineKeyboardMarkup, Message, ReplyParameters
from telegram.error import TelegramError

from bot.studio.faults import Moved, TopicGone, TryLater, understand
from bot.studio.model import Place

log = logging.getLogger(__name__)

ATTEMPTS = 4
FIRST_DELAY = 1.0
"""Seconds before a sentence is tried again, where Telegram does not say how long to wait."""
LONGEST_DELAY = 120.0
"""Seconds; a sentence that would come later than this no longer answers anything."""
REMEMBERED_ALBUMS = 200

Markup = ForceReply | InlineKeyboardMarkup


@dataclass(frozen=True, slots=True)
class _Saying:
    place: Place
    text: str
    answering: int | None
    markup: Markup | None


class Speaker:
    """Sends sentences (sendMessage) and survives what Telegram answers.

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
    ) -> int | None:
        """Say `text` in `place`, as a reply to the message `answering` where it still exists.

        Returns:
            The new message's id; None if it was not sent, or will be sent later.
        """
        return await self._try(_Saying(place, text, answering, markup), 1)

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
            message = await self._bot.send_message(
                saying.place.chat_id,
                saying.text,
                message_thread_id=saying.place.thread_id,
                reply_parameters=reply,
                reply_markup=saying.markup,
            )
        except TelegramError as error:
            return await self._again(saying, attempt, error)
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
