"""The fetcher: from a picture that Telegram announced to bytes that are known to be a picture."""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Final

import core
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Picture, PictureState
from bot.studio.ledger.repository import utc_now
from bot.studio.ledger.results import RefusedFrom
from bot.studio.pictures.files import Files
from bot.telegram.backoff import Backoff
from bot.telegram.downloads import LIMIT, MEGABYTE, Downloads
from bot.telegram.errors import FileLost, FileTooBig, TelegramFault

DOWNLOADS_AT_ONCE: Final = 4
TRIES_OF_A_LOST_FILE: Final = 3
"""How often Telegram may say that it cannot find a file before that is believed."""

FAULTS_ALLOWED: Final = 3
"""How often fetching a picture may fail through a fault of ours (a full disk, say)."""

GIVE_UP_AFTER: Final = timedelta(hours=24)
CHAT_FIRST: Final = timedelta(seconds=10)
"""How long `run` leaves a new picture to the chat, which fetches it to answer at once."""

BACKOFF: Final = Backoff(first=1.0, longest=60.0)
_LOOK_INTERVAL: Final = 30.0
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")

log = logging.getLogger(__name__)


class TooBig(Exception):
    """The file is larger than may be downloaded; `megabytes` is the limit."""

    def __init__(self, megabytes: int) -> None:
        super().__init__(f"the file is larger than {megabytes} MB")
        self.megabytes = megabytes


class Gone(Exception):
    """Telegram does not have the file any more, or it could not be had however often tried."""


Refusal = core.ImageError | TooBig | Gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How fetching a picture ended.

    `picture` is READY and `refusal` None, or it is REFUSED because of `refusal`; then `where`
    tells what it was taken from, unless that had been told before.
    """

    picture: Picture
    refusal: Refusal | None = None
    where: RefusedFrom | None = None


OnRefused = Callable[[Picture, Refusal, RefusedFrom], Awaitable[None]]


@dataclass(slots=True, eq=False)
class _Errand:
    """One picture being fetched, and how many callers wait for it."""

    task: asyncio.Task[Fetched]
    callers: int = 0
    told: bool = False


class Fetcher:
    """Downloads pictures, checks them, and writes them down.

    The bytes are kept as they came; only the size in the ledger is that of the decoded picture.
    A picture stays PENDING in the ledger until its end is known, so nothing is lost by a restart.

    Args:
        downloads: the way to Telegram's files.
        ledger: the pictures.
        files: where their bytes go.
        on_refused: tells the person of a refusal for which no caller of `fetch` waits.
        limit: the most bytes to download; more makes sense only with a Bot API server of one's
            own.
        now: the present moment, aware; the same clock that the ledger uses.
    """

    def __init__(
        self,
        downloads: Downloads,
        ledger: Ledger,
        files: Files,
        *,
        on_refused: OnRefused,
        limit: int = LIMIT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._telegram = downloads
        self._ledger = ledger
        self._files = files
        self._on_refused = on_refused
        self._limit = limit
        self._now = now
        self._errands: dict[int, _Errand] = {}
        self._faults: Counter[int] = Counter()
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        # A hostile picture may need much memory to decode: one at a time.
        self._decoding = asyncio.Lock()

    async def fetch(self, picture: Picture) -> Fetched:
        """Have a picture fetched; callers at the same time share one download.

        A caller that is cancelled (by a timeout, say) does not stop the download; a refusal then
        goes to `on_refused`.
        """
        async with self._ledger.begin() as transaction:
            known = await transaction.picture(picture.id)
        if known is not None and known.state is not PictureState.PENDING:
            refused = known.state is PictureState.REFUSED
            return Fetched(picture=known, refusal=Gone() if refused else None)
        errand = self._errand(picture)
        errand.callers += 1
        try:
            fetched = await asyncio.shield(errand.task)
        except asyncio.CancelledError:
            errand.callers -= 1
            if errand.task.done() and not errand.task.cancelled():
                await self._tell(errand, errand.task.result())
            raise
        errand.told = True
        return fetched

    async def run(self) -> None:
        """Fetch what an earlier process left pending, and what no caller came for."""
        with self._ledger.changed.subscribe() as changes:
            patience = timedelta(0)
            try:
                while True:
                    async with self._ledger.begin() as transaction:
                        pending = await transaction.pending_pictures()
                    waited_since = self._now() - patience
                    for picture in pending:
                        if picture.received_at <= waited_since:
                            self._errand(picture)
                    patience = CHAT_FIRST
                    await changes.wait(_LOOK_INTERVAL)
            finally:
                await self.close()

    async def close(self) -> None:
        """Break off all downloads; their pictures stay pending for the next start."""
        tasks = [errand.task for errand in self._errands.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _errand(self, picture: Picture) -> _Errand:
        errand = self._errands.get(picture.id)
        if errand is None:
            task = asyncio.create_task(self._see_through(picture))
            errand = self._errands[picture.id] = _Errand(task=task)
            task.add_done_callback(partial(self._done, picture.id))
        return errand

    def _done(self, picture_id: int, task: asyncio.Task[Fetched]) -> None:
        del self._errands[picture_id]
        if not task.cancelled() and task.exception() is None:
            del self._faults[picture_id]

    async def _see_through(self, picture: Picture) -> Fetched:
        try:
            fetched = await self._settle(picture)
        except Exception:
            self._faults[picture.id] += 1
            log.exception("picture %d: fetching it met a fault", picture.id)
            raise
        errand = self._errands[picture.id]
        if errand.callers == 0:
            await self._tell(errand, fetched)
        return fetched

    async def _tell(self, errand: _Errand, fetched: Fetched) -> None:
        if errand.told or errand.callers > 0:
            return
        errand.told = True
        if fetched.refusal is not None and fetched.where is not None:
            await self._on_refused(fetched.picture, fetched.refusal, fetched.where)

    async def _settle(self, picture: Picture) -> Fetched:
        try:
            data, suffix = await self._twin(picture) or await self._download(picture)
            width, height = await self._measure(data)
        except (core.ImageError, TooBig, Gone) as refusal:
            log.info("picture %d is refused: %s", picture.id, type(refusal).__name__)
            async with self._ledger.begin() as transaction:
                if await transaction.picture(picture.id) is None:
                    # Its person had it forgotten meanwhile: there is nobody to tell.
                    return Fetched(picture=picture)
                where = await transaction.picture_refused(picture.id, reason=_reason(refusal))
            return Fetched(picture=where.picture, refusal=refusal, where=where)
        path = await self._files.write(data, suffix)
        async with self._ledger.begin() as transaction:
            await transaction.picture_ready(picture.id, path=path, width=width, height=height)
            ready = await transaction.picture(picture.id)
        if ready is None or ready.path != path:
            # Its person had it forgotten meanwhile.
            await self._files.delete(path)
        return Fetched(picture=ready or picture)

    async def _twin(self, picture: Picture) -> tuple[bytes, str] | None:
        """The bytes of the same file, if it came before: Telegram need not be asked again.

        Each picture keeps a file of its own, so that deleting one leaves the other whole.
        """
        async with self._ledger.begin() as transaction:
            twin = await transaction.twin(picture)
        if twin is None or twin.path is None:
            return None
        try:
            return await self._files.read(twin.path), PurePosixPath(twin.path).suffix
        except FileNotFoundError:
            return None

    async def _measure(self, data: bytes) -> tuple[int, int]:
        async with self._decoding:
            return await asyncio.to_thread(_size_of, data)

    async def _download(self, picture: Picture) -> tuple[bytes, str]:
        """The file's bytes and suffix, after as many tries as it takes.

        Raises:
            TooBig, Gone: more tries would not help.
        """
        if self._faults[picture.id] >= FAULTS_ALLOWED:
            raise Gone
        failures = losses = 0
        while True:
            try:
                async with self._downloads:
                    file = await self._telegram.fetch(picture.file_id, limit=self._limit)
            except FileTooBig:
                raise TooBig(self._limit // MEGABYTE) from None
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
                raise Gone
            await asyncio.sleep(delay)


def _size_of(data: bytes) -> tuple[int, int]:
    """Decode a picture, hostile until that succeeds; (width, height) in pixels."""
    return core.open_image(data).size


def _reason(refusal: Refusal) -> str:
    """A refusal's stable name and numbers: `ImageTooSmallError height=1 minimum=16 width=1`."""
    facts = sorted(vars(refusal).items())
    return " ".join((type(refusal).__name__, *(f"{name}={value}" for name, value in facts)))
