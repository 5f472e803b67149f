"""The fetcher: from a picture that Telegram announced to bytes that are known to be a picture."""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from bot.storage import DiskFull
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Picture, Refusal
from bot.studio.ledger.repository import utc_now
from bot.studio.ledger.transaction import Transaction
from bot.studio.pictures.decoder import Decoder, DecoderDied, PictureRefused
from bot.studio.pictures.files import Files
from bot.telegram.backoff import Backoff
from bot.telegram.downloads import LIMIT, MEGABYTE, Downloads
from bot.telegram.errors import FileLost, FileTooBig, TelegramFault

DOWNLOADS_AT_ONCE: Final = 4
TRIES_OF_A_LOST_FILE: Final = 3
"""How often Telegram may say that it cannot find a file before that is believed."""

FAULTS_ALLOWED: Final = 3
"""How often fetching a picture may fail through a fault of ours."""

GIVE_UP_AFTER: Final = timedelta(hours=24)
BACKOFF: Final = Backoff(first=1.0, longest=60.0)
_LOOK_INTERVAL: Final = 30.0
_GONE: Final = Refusal(name="Gone")
"""Telegram does not have the file any more, or it could not be had however often tried."""

_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")

log = logging.getLogger(__name__)


class Fetcher:
    """Downloads pictures, has them decoded to check them, and writes them down.

    The bytes are kept as they came; only the size in the ledger is that of the decoded picture.
    A picture stays PENDING in the ledger until its end is known, so nothing is lost by a restart;
    the transaction that refuses one also puts the news of it into the outbox. While the disk is
    full the few that have been downloaded wait for room in memory, and the others in the ledger;
    their people are told, once each. A picture that the decoder dies over twice is refused; dying
    together with the bot counts, so that the picture cannot come again at every start.

    Args:
        downloads: the way to Telegram's files.
        ledger: the pictures.
        files: where their bytes go.
        decoder: decodes them.
        limit: the most bytes to download; more makes sense only with a Bot API server of one's
            own.
        now: the present moment, aware; the same clock that the ledger uses.
    """

    def __init__(
        self,
        downloads: Downloads,
        ledger: Ledger,
        files: Files,
        decoder: Decoder,
        *,
        limit: int = LIMIT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._telegram = downloads
        self._ledger = ledger
        self._files = files
        self._decoder = decoder
        self._limit = limit
        self._now = now
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._faults: Counter[int] = Counter()
        self._told_of_full_disk: set[int] = set()
        self._telling = asyncio.Lock()
        # Each is held until the picture is written, so that few are in memory at once.
        self._slots = asyncio.Semaphore(DOWNLOADS_AT_ONCE)

    async def run(self) -> None:
        """Fetch whatever is pending, until cancelled; what is broken off stays pending."""
        with self._ledger.changed.subscribe() as changes:
            try:
                while True:
                    pending = await self._ledger.perform(Transaction.pending_pictures)
                    for picture in pending:
                        if picture.id not in self._tasks:
                            task = asyncio.create_task(self._see_through(picture))
                            self._tasks[picture.id] = task
                    await self._tell_of_full_disk(pending)
                    await changes.wait(_LOOK_INTERVAL)
            finally:
                tasks = list(self._tasks.values())
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _see_through(self, picture: Picture) -> None:
        """Fetch a picture; after a fault of ours it is tried again a while later."""
        try:
            await self._settle(picture)
        except Exception:
            self._faults[picture.id] += 1
            log.exception("picture %d: fetching it met a fault", picture.id)
            await asyncio.sleep(_LOOK_INTERVAL)
        else:
            del self._faults[picture.id]
        finally:
            del self._tasks[picture.id]

    async def _settle(self, picture: Picture) -> None:
        try:
            async with AsyncExitStack() as slot:
                data, suffix = await self._twin(picture, slot) or await self._download(
                    picture, slot
                )
                width, height = await self._measure(picture, data)
                path = await self._write(picture, data, suffix)
        except PictureRefused as error:
            refusal = error.refusal
            log.info("picture %d is refused: %s", picture.id, refusal.name)
            await self._ledger.perform(
                lambda transaction: transaction.picture_refused(picture.id, refusal)
            )
            return

        async def write_down(transaction: Transaction) -> Picture | None:
            await transaction.picture_ready(
                picture.id, path=path, width=width, height=height, size=len(data)
            )
            return await transaction.picture(picture.id)

        ready = await self._ledger.perform(write_down)
        if ready is None or ready.path != path:
            # Its person had it forgotten meanwhile.
            await self._files.delete(path)

    async def _write(self, picture: Picture, data: bytes, suffix: str) -> str:
        try:
            return await self._files.write(data, suffix, sparing=True)
        except DiskFull:
            await self._tell_of_full_disk([picture])
            return await self._files.write_in_time(data, suffix, sparing=True)

    async def _tell_of_full_disk(self, waiting: Sequence[Picture]) -> None:
        """While the disk is full, tell everybody who waits for one of these pictures, once."""
        told = self._told_of_full_disk
        async with self._telling:
            if not self._files.full.lasts:
                told.clear()
            elif ids := [picture.id for picture in waiting if picture.user_id not in told]:
                tell = partial(Transaction.disk_is_full, ids=ids, told=told)
                told |= await self._ledger.perform(tell)

    async def _twin(self, picture: Picture, slot: AsyncExitStack) -> tuple[bytes, str] | None:
        """The bytes of the same file, if it came before: Telegram need not be asked again.

        Each picture keeps a file of its own, so that deleting one leaves the other whole.
        """
        twin = await self._ledger.perform(lambda transaction: transaction.twin(picture))
        if twin is None or twin.path is None:
            return None
        try:
            async with self._slot(slot):
                return await self._files.read(twin.path), PurePosixPath(twin.path).suffix
        except FileNotFoundError:
            return None

    @asynccontextmanager
    async def _slot(self, holder: AsyncExitStack) -> AsyncGenerator[None, None]:
        """A slot for a picture in memory; unless having it there fails, the holder keeps it."""
        async with AsyncExitStack() as attempt:
            await attempt.enter_async_context(self._slots)
            await self._files.full.wait(_LOOK_INTERVAL)
            yield
            holder.push_async_exit(attempt.pop_all())

    async def _measure(self, picture: Picture, data: bytes) -> tuple[int, int]:
        """Width and height in pixels; the whole picture is decoded for them.

        Raises:
            PictureRefused: it cannot be used.
            DecoderUnavailable: nobody can decode it now, or any other.
        """
        while True:
            async with self._decoder.turn() as child:
                begin = partial(Transaction.begin_decoding, id=picture.id)
                if not await self._ledger.perform(begin):
                    raise PictureRefused(Refusal(name=DecoderDied.__name__))
                try:
                    size = await child.size(data)
                except DecoderDied as death:
                    log.warning("picture %d: the decoder died over it: %s", picture.id, death)
                    continue
            # It may stay pending for a while, for want of room on the disk.
            await self._ledger.perform(partial(Transaction.end_decoding, id=picture.id))
            return size

    async def _download(self, picture: Picture, slot: AsyncExitStack) -> tuple[bytes, str]:
        """The file's bytes and suffix, after as many tries as it takes.

        Args:
            picture: the picture.
            slot: is given one of the slots for pictures in memory.

        Raises:
            PictureRefused: more tries would not help.
        """
        if self._faults[picture.id] >= FAULTS_ALLOWED:
            raise PictureRefused(_GONE)
        failures = losses = 0
        while True:
            try:
                async with self._slot(slot):
                    file = await self._telegram.fetch(picture.file_id, limit=self._limit)
            except FileTooBig:
                facts = {"megabytes": self._limit // MEGABYTE}
                raise PictureRefused(Refusal(name="TooBig", facts=facts)) from None
            except (TelegramFault, OSError) as fault:
                # The text of an error may hold the file's address, and that the token.
                reason = fault if isinstance(fault, TelegramFault) else type(fault).__name__
                log.info("picture %d: not fetched yet: %s", picture.id, reason)
                failures += 1
                losses += isinstance(fault, FileLost)
                delay = BACKOFF.delay(failures, fault)
            else:
                return file.data, file.suffix if _SUFFIX.fullmatch(file.suffix) else ".img"
            too_late = self._now() - picture.received_at > GIVE_UP_AFTER
            if too_late or losses >= TRIES_OF_A_LOST_FILE:
                raise PictureRefused(_GONE)
            await asyncio.sleep(delay)
