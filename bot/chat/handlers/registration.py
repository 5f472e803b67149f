"""Which handler takes which update, in which order."""

from dataclasses import dataclass
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.chat.handlers.access import Gate
from bot.chat.handlers.cancel import BUTTON as CANCEL_BUTTON
from bot.chat.handlers.cancel import Cancelling
from bot.chat.handlers.context import Parts
from bot.chat.handlers.errors import Mistakes
from bot.chat.handlers.group import Group
from bot.chat.handlers.own_styles import Saving
from bot.chat.handlers.preferences import BUTTON as SETTINGS_BUTTON
from bot.chat.handlers.preferences import Preferring
from bot.chat.handlers.privacy import BUTTON as FORGET_BUTTON
from bot.chat.handlers.privacy import Trust
from bot.chat.handlers.private import Private
from bot.chat.handlers.statistics import StatisticsHandler
from bot.chat.handlers.styles import Choosing
from bot.chat.handlers.stylize import Stylize
from bot.chat.handlers.variations import BUTTON as AGAIN_BUTTON
from bot.chat.handlers.variations import FILE_BUTTON, SWAP_BUTTON, VariationsHandler
from bot.chat.ordering.album_memory import Passing
from bot.chat.ordering.albums import Collecting
from bot.chat.ordering.fetching import Fetching
from bot.chat.ordering.ordering import Intake
from bot.chat.ordering.style_by_name import Naming
from bot.chat.ordering.variations import Variations
from bot.chat.replies.button_answers import stale
from bot.chat.replies.prompts import Asking
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import Says
from bot.chat.requests.services import Studio
from bot.chat.styles import pages
from bot.chat.styles.available import Wardrobe
from bot.studio.ledger.model import Picture
from bot.studio.ledger.results import RefusedFrom
from bot.studio.pictures.fetcher import Refusal
from bot.studio.pictures.gallery_copies import GalleryCopies


@dataclass(frozen=True, slots=True)
class Chat:
    """The chat's side of the bot, once its handlers are registered."""

    studio: Studio
    speaker: Speaker
    asking: Asking
    collecting: Collecting
    fetching: Fetching

    async def resume(self) -> None:
        """Take up what an earlier process left half-collected; before updates are handled."""
        async with self.studio.ledger.begin() as transaction:
            await self.studio.tongues.recall(transaction)
        await self.collecting.resume()

    async def refused(self, picture: Picture, refusal: Refusal, where: RefusedFrom) -> None:
        """Tell people that a picture cannot be used: the fetcher's `on_refused`."""
        await self.asking.refused(picture, refusal, where)

    async def close(self) -> None:
        """Stop all waiting, after the last update was handled; the ledger remembers it."""
        await self.collecting.close()
        await self.fetching.close()
        await self.speaker.close()


def register(application: Application[Any, Any, Any, Any, Any, Any], studio: Studio) -> Chat:
    """Add all handlers to an application without updater."""
    speaker = Speaker(application.bot)
    asking = Asking(studio, speaker)
    fetching = Fetching(studio.fetcher, asking.refused)
    intake = Intake(studio, asking, fetching)
    collecting = Collecting(studio, intake, asking, fetching)
    gallery_copies = GalleryCopies(studio.ledger, studio.files, studio.gallery)
    wardrobe = Wardrobe(studio, gallery_copies, application.bot)
    parts = Parts(
        studio=studio,
        speaker=speaker,
        intake=intake,
        collecting=collecting,
        passing=Passing(),
        naming=Naming(studio, speaker, intake, wardrobe),
    )
    private = Private(parts)
    group = Group(parts)
    stylize = Stylize(parts)
    saving = Saving(studio, speaker, asking, collecting, fetching)
    cancelling = Cancelling(studio, speaker, collecting)
    variations = Variations(studio)
    again = VariationsHandler(studio, variations)
    choosing = Choosing(parts, variations=variations, wardrobe=wardrobe)
    preferring = Preferring(studio, speaker)
    trust = Trust(studio, speaker, collecting)
    statistics = StatisticsHandler(studio, speaker)
    gate = Gate(studio.access, speaker, studio.words)

    here = filters.UpdateType.MESSAGE
    alone = here & filters.ChatType.PRIVATE
    together = here & filters.ChatType.GROUPS
    application.add_handler(TypeHandler(Update, gate.check), group=-1)
    application.add_handlers(
        [
            MessageHandler(here & Says("stylize", captions=True), stylize.command),
            MessageHandler(here & Says("styles", captions=True), choosing.command),
            MessageHandler(here & Says("save", captions=True), saving.command),
            MessageHandler(here & Says("cancel"), cancelling.command),
            MessageHandler(here & Says("settings"), preferring.command),
            MessageHandler(here & Says("privacy"), trust.privacy),
            MessageHandler(here & Says("forget"), trust.command),
            MessageHandler(
                here & filters.User(studio.access.admins) & Says("stats"), statistics.command
            ),
            MessageHandler(alone & Says("start"), private.start),
            MessageHandler(alone & Says("help"), private.help),
            MessageHandler(alone & filters.TEXT & Says(), private.unknown),
            MessageHandler(alone, private.message),
            MessageHandler(together & Says("start", "help"), group.help),
            MessageHandler(together & filters.StatusUpdate.MIGRATE, group.migrated),
            MessageHandler(together, group.message),
            CallbackQueryHandler(cancelling.button, pattern=CANCEL_BUTTON),
            CallbackQueryHandler(again.swap, pattern=SWAP_BUTTON),
            CallbackQueryHandler(again.button, pattern=AGAIN_BUTTON),
            CallbackQueryHandler(again.file, pattern=FILE_BUTTON),
            CallbackQueryHandler(choosing.open_button, pattern=pages.OPEN_BUTTON),
            CallbackQueryHandler(choosing.leaf_button, pattern=pages.LEAF_BUTTON),
            CallbackQueryHandler(choosing.pick_button, pattern=pages.PICK_BUTTON),
            CallbackQueryHandler(choosing.tidy_button, pattern=pages.TIDY_BUTTON),
            CallbackQueryHandler(choosing.toss_button, pattern=pages.TOSS_BUTTON),
            CallbackQueryHandler(preferring.button, pattern=SETTINGS_BUTTON),
            CallbackQueryHandler(trust.button, pattern=FORGET_BUTTON),
            CallbackQueryHandler(stale),
            ChatMemberHandler(group.membership, ChatMemberHandler.MY_CHAT_MEMBER),
        ]
    )
    application.add_error_handler(Mistakes(studio, speaker).handle)
    return Chat(studio, speaker, asking, collecting, fetching)
