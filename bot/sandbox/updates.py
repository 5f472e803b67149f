"""The queue of updates, with the semantics of getUpdates and of webhooks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sandbox.errors import conflict
from bot.sandbox.journal import Journal

Json = dict[str, object]
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_FIRST_ID = 100_001


@dataclass(frozen=True, slots=True)
class Update:
    """One update as it goes over the wire; ``kind`` is the name of its one field."""

    update_id: int
    kind: str
    payload: Json

    def to_json(self) -> Json:
        """Return it as an ``Update``."""
        return {"update_id": self.update_id, self.kind: self.payload}


class UpdateQueue:
    """Updates that the bot has not confirmed, and every one that there ever was.

    ``polls`` has the offset of each getUpdates as it comes in; it is a call of the sandbox's log
    only once it is answered, which takes a long poll its time.
    """

    def __init__(self) -> None:
        self.polls: Journal[int] = Journal()
        self.history: dict[int, Update] = {}
        self.allowed: frozenset[str] = frozenset()
        self._pending: list[Update] = []
        self._again: list[Update] = []
        self._next = _FIRST_ID
        self._poller: asyncio.Future[None] | None = None
        self.changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def unconfirmed(self) -> tuple[Update, ...]:
        """What waits to be fetched or confirmed."""
        return tuple(self._pending)

    def add(self, kind: str, payload: Json) -> Update | None:
        """Queue an update, unless the bot did not ask for its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in _ON_REQUEST
        if not wanted:
            return None
        update = Update(self._next, kind, payload)
        self._next += 1
        self.history[update.update_id] = update
        self._pending.append(update)
        self._wake()
        return update

    def redeliver(self, update_id: int) -> None:
        """Give out an old update once more, confirmed or not, with its old id."""
        self._again.append(self.history[update_id])
        self._wake()

    def to_bring(self) -> tuple[Update, ...]:
        """What a webhook is to be brought, oldest first."""
        return (*self._again, *self._pending)

    def brought(self, update: Update) -> None:
        """Forget an update that a webhook has taken."""
        for waiting in (self._again, self._pending):
            if update in waiting:
                waiting.remove(update)
                return

    def clear(self) -> None:
        """Forget what waits (``drop_pending_updates``)."""
        self._pending.clear()
        self._again.clear()

    async def poll(
        self, *, offset: int, limit: int, timeout: float, allowed: Sequence[str] | None
    ) -> list[Update]:
        """Answer one getUpdates (Bot API, "getUpdates").

        Args:
            offset: First id wanted; those below it are confirmed. Negative: only so many from
                the end, the rest forgotten. 0: from the oldest unconfirmed.
            limit: Most updates to return, 1 to 100.
            timeout: Longest wait, in seconds, for the first one.
            allowed: Kinds wanted from now on; empty for the usual; None keeps the setting.

        Raises:
            ApiError: 409, if another call takes over while this one waits.
        """
        self.polls.append(offset)
        if allowed is not None:
            self.allowed = frozenset(allowed)
        self.end_poll("other getUpdates request; make sure that only one bot instance is running")
        self._confirm(offset)
        try:
            async with asyncio.timeout(timeout):
                while not (ready := self._take(limit)):
                    self._poller = asyncio.get_running_loop().create_future()
                    await self._poller
        except TimeoutError:
            return []
        return ready

    def end_poll(self, what: str) -> None:
        """End the poll that waits, if one does (409), by something else."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(conflict(f"terminated by {what}"))

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            del self._pending[:offset]
        elif offset:
            self._pending = [update for update in self._pending if update.update_id >= offset]

    def _take(self, limit: int) -> list[Update]:
        again, self._again = self._again[:limit], self._again[limit:]
        return again + self._pending[: limit - len(again)]

    def _wake(self) -> None:
        self.changed.set()
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)
