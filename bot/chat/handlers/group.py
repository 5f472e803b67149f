"""Groups: the bot speaks only when spoken to."""

from dataclasses import dataclass

from telegram import ChatMember, ChatMemberUpdated, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import ContextTypes

from bot.chat.ordering.albums import AlbumOrdering
from bot.chat.ordering.ordering import Ordering
from bot.chat.ordering.style_by_name import StyleByName
from bot.chat.replies.prompts import Prompts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.incoming import read
from bot.chat.requests.request import MessageRequest, Unfit, actor
from bot.chat.requests.services import Services
from bot.studio.ledger.model import Arrival, Draft
from bot.telegram.place import Place


@dataclass(frozen=True, slots=True)
class GroupHandler:
    """Handlers for messages in groups that are no command, and for the group's own events."""

    services: Services
    speaker: Speaker
    prompts: Prompts
    ordering: Ordering
    albums: AlbumOrdering
    style_by_name: StyleByName

    async def message(self, request: MessageRequest) -> None:
        """Take a picture that answers the bot's question to this very person; else be silent."""
        message = request.message
        found = read(message, request.person)
        if found is None:
            return
        draft = await self._asked(request)
        if draft is None:
            # Further parts of an album that was handed over belong to it.
            if isinstance(found, Arrival):
                await self.albums.take_unaddressed(request, found)
        elif isinstance(found, Unfit):
            text = message.text or ""
            if found is Unfit.TEXT and await self.style_by_name.understand(request, text):
                return
            original = message.reply_to_message
            asked = original is not None and draft.prompt == original.message_id
            if asked and not self.speaker.said_in_album(message):
                await self.prompts.say_unfit(request, found, draft)
        elif found.media_group_id is not None:
            await self.albums.take(request, [found], answers=True)
        elif not await self.style_by_name.take_captioned(request, found):
            await self.ordering.take(request, found)

    async def help(self, request: MessageRequest) -> None:
        """`/start` and `/help` in a group."""
        words = self.services.words(request.person)
        text = words.text(
            "Reply to a photo with /stylize@{bot} and I paint it in a style of your choice. "
            "/cancel@{bot} stops your paintings here.",
            bot=request.message.get_bot().username,
        )
        await self.speaker.reply(request, text)

    async def migrated(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """The group has become a supergroup (Message.migrate_to_chat_id, migrate_from_chat_id).

        Both chats get a service message; whichever comes first moves everything.
        """
        message = update.message
        if message is None:
            return
        old, new = message.chat.id, message.migrate_to_chat_id
        if message.migrate_from_chat_id is not None:
            old, new = message.migrate_from_chat_id, message.chat.id
        if new is not None:
            async with self.services.ledger.begin() as transaction:
                await transaction.chat_migrated(old, new)
                await self.services.chosen_languages.reload(transaction)

    async def membership(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Introduce the bot in a group that it was added to (Update.my_chat_member)."""
        change = update.my_chat_member
        if change is None or change.chat.type not in {ChatType.GROUP, ChatType.SUPERGROUP}:
            return
        if _is_in(change.old_chat_member) or not _is_in(change.new_chat_member):
            return
        bot = change.get_bot()
        words = self.services.words(actor(update))
        lines = [
            words.text(
                "Hello, I am Atelier: I paint photos in the style of other pictures.\n"
                "Reply to a photo with /stylize@{bot} to begin.",
                bot=bot.username,
            )
        ]
        if not bot.can_read_all_group_messages and not _is_admin(change):
            lines.append(
                words.text(
                    "My privacy mode is on: I see only commands and replies to me, "
                    "and of an album perhaps only the picture with the command."
                )
            )
        await self.speaker.say(Place(chat_id=change.chat.id, private=False), "\n".join(lines))

    async def _asked(self, request: MessageRequest) -> Draft | None:
        """The person's draft, if the message answers the bot and the bot had asked for something.

        A reply to any message of the bot's counts: the question itself may have been said late,
        or its answer lost.
        """
        original = request.message.reply_to_message
        if original is None or original.from_user is None:
            return None
        if original.from_user.id != original.get_bot().id:
            return None
        async with self.services.ledger.begin() as transaction:
            draft = await transaction.draft(request.place, request.person.id)
        return draft if draft.prompt is not None or draft.pictures else None


def _is_in(member: ChatMember) -> bool:
    if member.status == ChatMemberStatus.RESTRICTED:
        return bool(getattr(member, "is_member", False))
    return member.status not in {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


def _is_admin(change: ChatMemberUpdated) -> bool:
    return change.new_chat_member.status == ChatMemberStatus.ADMINISTRATOR
