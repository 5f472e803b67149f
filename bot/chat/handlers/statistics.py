"""`/stats`: how the studio is doing, for those who run it."""

from datetime import datetime

from telegram import Update
from telegram.ext import ContextTypes

from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import author, place_of
from bot.chat.requests.services import Services
from bot.studio.ledger.results import Statistics, TimeSpread
from bot.studio.pictures.files import Disk
from bot.words import Words


class StatisticsHandler:
    """Only registered for the host's admins; for others the command does not exist."""

    def __init__(self, services: Services, speaker: Speaker) -> None:
        self._services = services
        self._speaker = speaker

    async def command(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/stats`: today's orders, the queue, times and disk in one message."""
        message = update.message
        if message is None:
            return
        async with self._services.ledger.begin() as transaction:
            statistics = await transaction.statistics(midnight(self._services.clock()))
        text = report(
            self._services.words(author(message)), statistics, await self._services.files.disk()
        )
        await self._speaker.say(place_of(message), text, answering=message.message_id)


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
