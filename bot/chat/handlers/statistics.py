"""`/stats`: how the studio is doing, for those who run it."""

from datetime import datetime

from telegram import Update
from telegram.ext import ContextTypes

from bot.chat.replies.speaker import Speaker
from bot.chat.requests.people import author
from bot.chat.requests.places import place_of
from bot.chat.requests.services import Studio
from bot.studio.ledger.results import Figures, Spread
from bot.studio.pictures.files import Disk
from bot.words import Words


class Statistics:
    """Only registered for the host's admins; for others the command does not exist."""

    def __init__(self, studio: Studio, speaker: Speaker) -> None:
        self._studio = studio
        self._speaker = speaker

    async def command(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/stats`: today's orders, the queue, times and disk in one message."""
        message = update.message
        if message is None:
            return
        async with self._studio.ledger.begin() as book:
            figures = await book.figures(midnight(self._studio.clock()))
        text = report(self._studio.words(author(message)), figures, await self._studio.files.disk())
        await self._speaker.say(place_of(message), text, answering=message.message_id)


def midnight(now: datetime) -> datetime:
    """When today began, by the clock of the machine that the studio runs on."""
    return now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)


def report(words: Words, figures: Figures, disk: Disk) -> str:
    """A few lines of figures."""
    today = words.count("{number} order today", "{number} orders today", figures.ordered)
    lines = [
        words.text(
            "{orders}: {painted} painted, {failed} failed, {cancelled} cancelled.",
            orders=today,
            painted=figures.painted,
            failed=figures.failed,
            cancelled=figures.cancelled,
        ),
        words.text(
            "Now: {waiting} waiting, {running} running.",
            waiting=figures.waiting,
            running=figures.running,
        ),
    ]
    if figures.wait is not None and figures.paint is not None:
        lines.append(words.text("Waiting: {times}.", times=_times(words, figures.wait)))
        lines.append(words.text("Painting: {times}.", times=_times(words, figures.paint)))
    lines.append(
        words.text(
            "Disk: {used} used, {free} free.",
            used=words.volume(disk.used),
            free=words.volume(disk.free),
        )
    )
    return "\n".join(lines)


def _times(words: Words, spread: Spread) -> str:
    return words.text(
        "{mean} on average, 95 in 100 within {most}",
        mean=words.seconds(spread.mean),
        most=words.seconds(spread.percentile_95),
    )
