"""`/stats`: how the studio is doing, for those who run it."""

from datetime import datetime

from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import MessageRequest
from bot.chat.requests.services import Services
from bot.studio.ledger.results import Statistics, TimeSpread
from bot.studio.pictures.files import Disk
from bot.words import Words


class StatisticsHandler:
    """Only registered for the host's admins; for others the command does not exist."""

    def __init__(self, services: Services, speaker: Speaker) -> None:
        self._services = services
        self._speaker = speaker

    async def command(self, request: MessageRequest) -> None:
        """`/stats`: today's orders, the queue, times and disk in one message."""
        async with self._services.ledger.begin() as transaction:
            statistics = await transaction.statistics(midnight(self._services.clock()))
        words = self._services.words(request.person)
        text = report(words, statistics, await self._services.files.disk())
        await self._speaker.reply(request, text)


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
