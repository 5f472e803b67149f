"""`/stats`: how the studio is doing, for those who run it."""

from dataclasses import dataclass
from datetime import datetime

from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import MessageRequest
from bot.chat.requests.services import Services
from bot.studio.ledger.results import Statistics, TimeSpread
from bot.studio.pictures.files import Disk
from bot.words import Words


@dataclass(frozen=True, slots=True)
class StatisticsHandler:
    """Only registered for the host's admins; for others the command does not exist."""

    services: Services
    speaker: Speaker

    async def command(self, request: MessageRequest) -> None:
        """`/stats`: today's orders, the queue, times and disk in one message."""
        async with self.services.ledger.begin() as transaction:
            statistics = await transaction.statistics(midnight(self.services.clock()))
        words = self.services.words(request.person)
        text = report(words, statistics, await self.services.files.disk())
        await self.speaker.reply(request, text)


def midnight(now: datetime) -> datetime:
    """When today began, by the clock of the machine that the studio runs on."""
    return now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


def report(words: Words, statistics: Statistics, disk: Disk) -> str:
    """A few lines of figures."""
    today = words.count("{number} order today", "{number} orders today", statistics.ordered)
    lines = [
        words.text(
            "{orders}: {painted} painted, {failed} failed, {cancelled} cancelled.",
            orders=today,
            painted=statistics.painted,
            failed=statistics.failed,
            cancelled=statistics.cancelled,
        ),
        words.text(
            "Now: {waiting} waiting, {running} running.",
            waiting=statistics.waiting,
            running=statistics.running,
        ),
    ]
    if statistics.wait is not None and statistics.paint is not None:
        lines.append(words.text("Waiting: {times}.", times=_times(words, statistics.wait)))
        lines.append(words.text("Painting: {times}.", times=_times(words, statistics.paint)))
    lines.append(
        words.text(
            "Disk: {used} used, {free} free.",
            used=words.volume(disk.used),
            free=words.volume(disk.free),
        )
    )
    return "\n".join(lines)


def _times(words: Words, spread: TimeSpread) -> str:
    return words.text(
        "{mean} on average, 95 in 100 within {most}",
        mean=words.seconds(spread.mean),
        most=words.seconds(spread.percentile_95),
    )
