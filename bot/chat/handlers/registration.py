"""Which handler takes which update, in which order."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import Update
from telegram.ext import (
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.chat.handlers.access import AccessHandler
from bot.chat.handlers.cancel import BUTTON as CANCEL_BUTTON
from bot.chat.handlers.cancel import CancelHandler
from bot.chat.handlers.errors import ErrorHandler
from bot.chat.handlers.group import GroupHandler
from bot.chat.handlers.own_styles import OwnStylesHandler
from bot.chat.handlers.preferences import BUTTON as SETTINGS_BUTTON
from bot.chat.handlers.preferences import PreferencesHandler
from bot.chat.handlers.privacy import BUTTON as FORGET_BUTTON
from bot.chat.handlers.privacy import PrivacyHandler
from bot.chat.handlers.private import PrivateHandler
from bot.chat.handlers.statistics import StatisticsHandler
from bot.chat.handlers.styles import StylesHandler
from bot.chat.handlers.stylize import StylizeHandler
from bot.chat.handlers.variations import BUTTON as AGAIN_BUTTON
from bot.chat.handlers.variations import FILE_BUTTON, SWAP_BUTTON, VariationsHandler
from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.ordering import Ordering
from bot.chat.ordering.style_by_name import StyleByName
from bot.chat.ordering.variations import Variations
from bot.chat.replies.button_answers import answer_stale
from bot.chat.replies.prompts import Prompts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.commands import CommandFilter
from bot.chat.requests.request import MessageRequest, Press, message_request, press_of
from bot.chat.requests.services import Services
from bot.chat.styles import pages
from bot.chat.styles.available import AvailableStyles
from bot.chat.styles.gallery_message import GalleryMessage
from bot.studio.pictures.gallery_copies import GalleryCopies
from bot.telegram.application import AnyApplication
from bot.telegram.client import Client


@dataclass(frozen=True, slots=True)
class Chat:
    """The chat's side of the bot, once its handlers are registered."""

    services: Services
    speaker: Speaker
    albums: AlbumOrdering
    errors: ErrorHandler

    async def resume(self) -> None:
        """Take up what an earlier process left half-collected; before updates are handled."""
        ledger = self.services.ledger
        await ledger.perform(self.services.chosen_languages.reload)
        await ledger.through_outages(self.albums.resume)

    async def close(self) -> None:
        """Stop all waiting, after the last update was handled; the ledger remembers it."""
        await self.albums.close()
        await self.speaker.close()


def register(application: AnyApplication, services: Services) -> Chat:
    """Add all handlers to an application without updater."""
    speaker = Speaker(Client(application.bot))
    prompts = Prompts(services, speaker)
    ordering = Ordering(services, prompts)
    albums = AlbumOrdering(services, ordering, prompts)
    gallery_copies = GalleryCopies(services.ledger, services.files, services.gallery)
    available_styles = AvailableStyles(services, gallery_copies, bot_id=application.bot.id)
    style_by_name = StyleByName(services, speaker, ordering, available_styles)
    private = PrivateHandler(services, speaker, prompts, ordering, albums, style_by_name)
    group = GroupHandler(services, speaker, prompts, ordering, albums, style_by_name)
    stylize = StylizeHandler(services, prompts, ordering, albums, style_by_name)
    own_styles = OwnStylesHandler(services, speaker, prompts, albums)
    cancel = CancelHandler(services, speaker, albums)
    variations = Variations(services)
    again = VariationsHandler(services, variations)
    gallery = GalleryMessage(services, speaker, available_styles)
    styles = StylesHandler(services, gallery, ordering, albums, variations, available_styles)
    preferences = PreferencesHandler(services, speaker)
    privacy = PrivacyHandler(services, speaker, albums)
    statistics = StatisticsHandler(services, speaker)
    access = AccessHandler(services.access, speaker, services.words)

    in_private = filters.ChatType.PRIVATE
    in_group = filters.ChatType.GROUPS
    has_moved = filters.UpdateType.MESSAGE & filters.StatusUpdate.MIGRATE
    application.add_handler(TypeHandler(Update, access.check), group=-1)
    application.add_handlers(
        [
            _on_message(CommandFilter("stylize", captions=True), stylize.command),
            _on_message(CommandFilter("styles", captions=True), styles.command),
            _on_message(CommandFilter("save", captions=True), own_styles.command),
            _on_message(CommandFilter("cancel"), cancel.command),
            _on_message(CommandFilter("settings"), preferences.command),
            _on_message(CommandFilter("privacy"), privacy.explain),
            _on_message(CommandFilter("forget"), privacy.command),
            _on_message(
                filters.User(services.access.admins) & CommandFilter("stats"),
                statistics.command,
            ),
            _on_message(in_private & CommandFilter("start"), private.start),
            _on_message(in_private & CommandFilter("help"), private.help),
            _on_message(in_private & filters.TEXT & CommandFilter(), private.unknown),
            _on_message(in_private, private.message),
            _on_message(in_group & CommandFilter("start", "help"), group.help),
            MessageHandler(in_group & has_moved, group.migrated),
            _on_message(in_group, group.message),
            _on_press(CANCEL_BUTTON, cancel.button),
            _on_press(SWAP_BUTTON, again.swap),
            _on_press(AGAIN_BUTTON, again.button),
            _on_press(FILE_BUTTON, again.file),
            _on_press(pages.OPEN_BUTTON, styles.open_button),
            _on_press(pages.TURN_BUTTON, styles.turn_button),
            _on_press(pages.PICK_BUTTON, styles.pick_button),
            _on_press(pages.SHOW_DELETION_BUTTON, styles.show_deletion_button),
            _on_press(pages.DELETE_BUTTON, styles.delete_button),
            _on_press(SETTINGS_BUTTON, preferences.button),
            _on_press(FORGET_BUTTON, privacy.button),
            CallbackQueryHandler(answer_stale),
            ChatMemberHandler(group.membership, ChatMemberHandler.MY_CHAT_MEMBER),
        ]
    )
    errors = ErrorHandler(services, speaker)
    application.add_error_handler(errors.handle)
    return Chat(services, speaker, albums, errors)


def _on_message(
    accepted: filters.BaseFilter, handle: Callable[[MessageRequest], Awaitable[None]]
) -> MessageHandler[ContextTypes.DEFAULT_TYPE, None]:
    async def callback(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if request := message_request(update):
            await handle(request)

    return MessageHandler(filters.UpdateType.MESSAGE & accepted, callback)


def _on_press(
    pattern: str, handle: Callable[[Press], Awaitable[None]]
) -> CallbackQueryHandler[ContextTypes.DEFAULT_TYPE, None]:
    async def callback(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        match = context.match
        # A press of a game has no data, and matches as a mere True.
        if isinstance(match, re.Match) and (press := press_of(update, match)):
            await handle(press)
        else:
            await answer_stale(update, context)

    return CallbackQueryHandler(callback, pattern=pattern)
