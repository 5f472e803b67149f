"""One campaign, from its first order to its last check."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.sandbox import Sandbox
from tests.bot.full_disk import MountedDisk, mounted_where_allowed
from tests.campaign import checks, history
from tests.campaign.bot_process import BotProcess
from tests.campaign.checks import UNDER_WAY, Evidence
from tests.campaign.databases import Database, Records, database
from tests.campaign.hurried_bot import Setup
from tests.campaign.journal import Journal
from tests.campaign.people import People
from tests.campaign.plan import DISK, POSTGRESQL_ONLY, Kind, Step, steps
from tests.campaign.strikes import Strikes
from tests.campaign.telling import Telling
from tests.postgresql import Server

ROUND: Final = 40
"""Faults after which everything is mended, and the bot must come to rest."""

ROOM: Final = 96 * 1024 * 1024
SETTLE_SECONDS: Final = 90.0

_LOOK_SECONDS: Final = 0.05
_LOOK_AWAY_SECONDS: Final = 5.0
_SWEPT_AFTER: Final = 2 * 3600.0
_STRAY_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a campaign; `wrong` is what was found, in words."""

    seed: int
    faults: Mapping[Kind, int]
    orders: Mapping[str, int]
    requests: int
    presses: int
    bot_starts: int
    strays: int
    lone_files: int
    seconds: float
    wrong: list[str]
    journal: list[str]
    log: str


@dataclass(slots=True)
class Campaign:
    """A campaign under way."""

    sandbox: Sandbox
    people: People
    bot: BotProcess
    database: Database
    records: Records
    strikes: Strikes
    journal: Journal
    data_dir: Path
    wrong: list[str] = field(default_factory=list)
    strays: int = 0
    swept: int = 0

    async def run(self, planned: list[Step]) -> None:
        """Carry the steps out, round by round, until something is found to be wrong."""
        looking_after = asyncio.create_task(self._look_after())
        try:
            for begin in range(0, len(planned), ROUND):
                for step in planned[begin : begin + ROUND]:
                    for action in step.actions:
                        done = await self.people.act(action)
                        self.journal.note(f"step {step.number}: {done}")
                    await self.strikes.strike(step.fault)
                await self.strikes.all_mended()
                await self._settle()
                if not self.wrong:
                    await self._no_open_card()
                    self.wrong += checks.wrong(await self.evidence())
                    self.wrong += checks.unexplained_errors(self.bot.log)
                if self.wrong:
                    return
        finally:
            looking_after.cancel()
        await self._sweep()

    async def evidence(self) -> Evidence:
        """What there is to look at now."""
        telling = Telling(self.sandbox, self.journal)
        return await checks.gather(self.people, telling, self.records, self.data_dir)

    async def _look_after(self) -> None:
        """Start the bot whenever it has ended, as a host's supervisor does."""
        while True:
            await self.bot.ended()
            await asyncio.sleep(_LOOK_SECONDS)
            if self.bot.exit_code not in {None, 0, -signal.SIGKILL}:
                line = f"the bot ended by itself, with exit code {self.bot.exit_code}"
                self.journal.note(line)
                if not self.journal.away_lately(_LOOK_AWAY_SECONDS):
                    # Without room on the disk it may, and says why in one line.
                    self.wrong.append(line)
            self.bot.start()

    async def _settle(self) -> None:
        """Wait until nothing is on its way any more, as long as anything moves."""
        before: list[str] = []
        moved = time.monotonic()
        while busy := await self._busy():
            if busy != before:
                before, moved = busy, time.monotonic()
            elif time.monotonic() > moved + SETTLE_SECONDS:
                self.wrong += [f"still under way: {what}" for what in busy]
                return
            await asyncio.sleep(_LOOK_SECONDS)
        self.journal.note("all is quiet")

    async def _busy(self) -> list[str]:
        busy = [
            f"{name}: {rows}"
            for name, query in UNDER_WAY.items()
            if (rows := await self.records.rows(query))
        ]
        if waiting := self.sandbox.world.updates.unconfirmed:
            busy.append(f"unconfirmed updates: {[update.update_id for update in waiting]}")
        return busy

    async def _no_open_card(self) -> None:
        """No card stands as if its order were under way; unless nobody can know that it is there.

        Such a card goes when its button is pressed.
        """
        for _ in range(_STRAY_ROUNDS):
            if not (cards := self.people.standing("cancel:")):
                return
            telling = Telling(self.sandbox, self.journal)
            for card in cards:
                said = [
                    one
                    for one in telling.in_chat(card.chat.id)
                    if one.message.message_id == card.message_id
                ]
                if not said or not telling.unsure(said[0]):
                    self.wrong.append(f"card {card.message_id} stays as if running: {card.words!r}")
                    return
                self.strays += 1
                self.journal.note(f"card {card.message_id} is one that the bot cannot know of")
                self.people.press_cancel(card)
            await self._settle()
        self.wrong += [
            f"card {card.message_id} stays though pressed: {card.words!r}"
            for card in self.people.standing("cancel:")
        ]

    async def _sweep(self) -> None:
        """Files that killed processes left behind go at a start, two hours later."""
        await self.bot.stop()
        self.swept = len(checks.lone_files(await self.evidence()))
        old = time.time() - _SWEPT_AFTER
        for path in self.data_dir.rglob("*"):
            os.utime(path, (old, old))
        self.bot.start()
        until = time.monotonic() + SETTLE_SECONDS
        while checks.lone_files(await self.evidence()):
            if time.monotonic() > until:
                self.wrong.append(f"never swept: {checks.lone_files(await self.evidence())}")
                break
            await asyncio.sleep(_LOOK_SECONDS)
        self.wrong += checks.every_row_has_its_file(await self.evidence())
        if not await self.bot.stop():
            self.wrong.append("the bot did not stop within its time")


async def run(seed: int, faults: int, folder: Path, server: Server | None) -> Report:
    """Run a campaign.

    Args:
        seed: what people do and what breaks follows from it.
        faults: how many of them.
        folder: an empty one, for data and log.
        server: a PostgreSQL server of its own; SQLite without one.
    """
    began = time.monotonic()
    with mounted_where_allowed(folder / "disk", ROOM) as disk:
        async with _campaign(folder, disk, server) as campaign:
            without = frozenset() if server is not None else POSTGRESQL_ONLY
            without |= DISK if disk is None else frozenset()
            await campaign.run(list(steps(seed, faults, without=without)))
            evidence = await campaign.evidence()
    return Report(
        seed=seed,
        faults=campaign.strikes.struck,
        orders=checks.outcomes(evidence),
        requests=len(campaign.people.requests),
        presses=campaign.people.taps,
        bot_starts=campaign.bot.starts,
        strays=campaign.strays,
        lone_files=campaign.swept,
        seconds=time.monotonic() - began,
        wrong=campaign.wrong,
        journal=sorted([*campaign.journal.lines, *_said(campaign)]),
        log=campaign.bot.log,
    )


def _said(campaign: Campaign) -> Iterator[str]:
    """What happened in the chats, as lines of the journal."""
    for event in campaign.sandbox.world.events:
        where = f"in {event.chat.id}"
        what = f"{event.kind} {event.detail!r}" if event.detail else event.kind
        if (message := event.message) is not None:
            answers = f" answering {message.reply_to}" if message.reply_to else ""
            buttons = " ".join(button.data for button in message.buttons[:2])
            where += f", {message.message_id}{answers}: {message.words[:60]!r} {buttons}"
        who = event.actor.name if event.actor is not None else "nobody"
        yield campaign.journal.line(f"    {who}: {what} {where}", event.at)


@asynccontextmanager
async def _campaign(
    folder: Path, disk: MountedDisk | None, server: Server | None
) -> AsyncIterator[Campaign]:
    data_dir = folder / "disk" / "data"
    data_dir.mkdir()
    journal = Journal()
    async with Sandbox() as sandbox, database(data_dir, server) as opened:
        records = Records(opened.url)
        await history.keep(records, postgresql=opened.is_postgresql)
        settings = {
            "telegram_bot_token": sandbox.token,
            "telegram_api_url": sandbox.url,
            "data_dir": data_dir,
            "database_url": opened.url,
            "max_orders_per_user": 1000,
        }
        bot = BotProcess(Setup(settings=settings, log=folder / "bot.log"), journal)
        people = People(sandbox)
        strikes = Strikes(sandbox, bot, opened, disk, journal)
        bot.start()
        await sandbox.wait_for_poll(timeout=SETTLE_SECONDS)
        try:
            yield Campaign(sandbox, people, bot, opened, records, strikes, journal, data_dir)
        finally:
            bot.kill()
            await bot.ended()
            await records.close()
