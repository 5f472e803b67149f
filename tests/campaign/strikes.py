"""Carrying out faults against the bot, its database, its disk and its Telegram."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from bot.sandbox import Call, Sandbox
from bot.sandbox.faults import (
    Fault,
    bad_gateway,
    lost_request,
    lost_response,
    retry_after,
)
from tests.bot.full_disk import MountedDisk
from tests.campaign import plan
from tests.campaign.bot_process import DECODER, ENGINE, BotProcess
from tests.campaign.databases import Database
from tests.campaign.hurried_bot import CALL_SECONDS
from tests.campaign.journal import Journal, Trouble
from tests.campaign.plan import Kind

_PATIENCE: Final = 1.0
"""Seconds that a fault waits for calls that do not come."""

_TELEGRAM: Final = {
    Kind.TOO_MANY: retry_after(1),
    Kind.BAD_GATEWAY: bad_gateway(),
    Kind.BAD_GATEWAY_AFTER: bad_gateway(after_effect=True),
    Kind.LOST_REQUEST: lost_request(),
    Kind.LOST_ANSWER: lost_response(),
    Kind.SILENCE: Fault(lost=True, delay=CALL_SECONDS + 0.5),
    Kind.SILENCE_AFTER: Fault(lost=True, delay=CALL_SECONDS + 0.5, after_effect=True),
}
_KILLS_BOT: Final = {Kind.KILL_BOT, Kind.KILL_BOTH}
# Which of the bot's children are killed, before the bot itself if it is.
_KILLED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.KILL_BOT: (),
    Kind.KILL_BOTH: (ENGINE,),
    Kind.KILL_ENGINE: (ENGINE,),
    Kind.KILL_DECODER: (DECODER,),
}
# Whether the bot and its engine freeze.
_FROZEN: Final = {
    Kind.FREEZE_BOT: (True, False),
    Kind.FREEZE_ENGINE: (False, True),
    Kind.FREEZE_BOTH: (True, True),
}


@dataclass(slots=True)
class Strikes:
    """Lets things break at their moments, and has them mended after their time."""

    sandbox: Sandbox
    bot: BotProcess
    database: Database
    disk: MountedDisk | None
    journal: Journal
    struck: dict[Kind, int] = field(default_factory=dict)
    _mending: set[asyncio.Task[None]] = field(default_factory=set)
    _away: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def strike(self, fault: plan.Fault) -> None:
        """Wait for a fault's moment and let it happen; what it takes to mend it goes on behind."""
        await self._moment(fault)
        task = asyncio.create_task(self._carry_out(fault), name=fault.kind)
        self._mending.add(task)
        task.add_done_callback(self._mending.discard)
        # It has struck when this returns, unless it waits for another of its kind to be over.
        await asyncio.sleep(0)

    async def all_mended(self) -> None:
        """Wait until nothing is broken any more."""
        while self._mending:
            await asyncio.gather(*self._mending)
        self.sandbox.faults.clear()

    async def _moment(self, fault: plan.Fault) -> None:
        if fault.after_calls is None:
            await asyncio.sleep(fault.delay)
            return
        left = fault.after_calls
        come = asyncio.Event()

        def count(call: Call) -> None:
            nonlocal left
            if call.method != "getUpdates":
                left -= 1
            if left == 0:
                self._at_once(fault.kind)
                come.set()

        stop = _listen(self.sandbox, count)
        try:
            async with asyncio.timeout(_PATIENCE):
                await come.wait()
        except TimeoutError:
            pass
        finally:
            stop()

    def _at_once(self, kind: Kind) -> None:
        """What is killed in the midst of a call never hears the answer."""
        if kind in _KILLS_BOT:
            self.bot.kill()

    async def _carry_out(self, fault: plan.Fault) -> None:
        self.journal.note(f"{fault.kind} ({_how(fault)})")
        self.struck[fault.kind] = self.struck.get(fault.kind, 0) + 1
        if fault.kind in _TELEGRAM:
            self.sandbox.faults.add(fault.methods, _TELEGRAM[fault.kind], times=fault.times)
        elif fault.kind in _FROZEN:
            bot, engine = _FROZEN[fault.kind]
            # An engine that freezes alone shall now and then do so for longer than it is given.
            seconds = fault.lasts if bot else 2 * fault.lasts
            await self.bot.freeze(seconds, bot=bot, engine=engine)
        elif fault.kind in _KILLED:
            for module in _KILLED[fault.kind]:
                self.bot.kill_children(module)
            if fault.kind in _KILLS_BOT:
                self.bot.kill()
        elif fault.kind is Kind.RESTART:
            in_time = await self.bot.stop()
            self.journal.note(f"the bot stopped {'in time' if in_time else 'only by force'}")
        elif fault.kind is Kind.FULL_DISK:
            await self._fill_disk(fault.lasts)
        elif fault.kind is Kind.REDELIVERY:
            self._redeliver(fault.times)
        else:
            await self._hurt_database(fault)

    def _redeliver(self, back: int) -> None:
        """Give out again one of the last updates that the bot has had, as Telegram may."""
        updates = self.sandbox.world.updates
        waiting = {update.update_id for update in updates.unconfirmed}
        if had := sorted(updates.history.keys() - waiting):
            self.sandbox.world.redeliver(had[-min(back, len(had))])

    async def _hurt_database(self, fault: plan.Fault) -> None:
        async with self._away, self._trouble():
            if fault.kind is Kind.KILL_CONNECTION:
                self.database.kill_connections()
            elif fault.kind is Kind.FREEZE_DATABASE:
                self.database.freeze()
            else:
                self.database.kill()
            await asyncio.sleep(fault.lasts)
            self.database.thaw()
            await self.database.start()

    async def _fill_disk(self, seconds: float) -> None:
        if self.disk is None:
            raise RuntimeError("there is no disk to fill")
        async with self._away, self._trouble():
            await self.disk.fill()
            await asyncio.sleep(seconds)
            await self.disk.empty()

    @asynccontextmanager
    async def _trouble(self) -> AsyncIterator[None]:
        trouble = Trouble(time.monotonic())
        self.journal.away.append(trouble)
        try:
            yield
        finally:
            # The bot finds out a moment later.
            trouble.ended = time.monotonic() + 1.0


def _listen(sandbox: Sandbox, listener: Callable[[Call], None]) -> Callable[[], None]:
    """Hear of calls; what is returned ends that."""
    listening = True

    def hear(call: Call) -> None:
        if listening:
            listener(call)

    def stop() -> None:
        nonlocal listening
        listening = False

    sandbox.log.listen(hear)
    return stop


def _how(fault: plan.Fault) -> str:
    moment = f"{fault.delay:.2f} s" if fault.after_calls is None else f"{fault.after_calls} calls"
    if fault.kind in _TELEGRAM:
        return f"after {moment}, {fault.times} x {fault.methods}"
    return f"after {moment}, for {fault.lasts:.2f} s"
