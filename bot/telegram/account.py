"""The bot's own account: who it is, how it gets its updates, what its profile says."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from telegram import Bot, BotCommand, BotCommandScope

from bot.telegram.client import limited
from bot.telegram.rate_limits import ANSWER, BACKGROUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """What Telegram says of the bot (Bot API: getMe).

    Attributes:
        username: without @.
        joins_groups: whether people may add it to groups.
        reads_groups: whether it gets every message of a group, that is, privacy mode is off.
    """

    username: str
    joins_groups: bool
    reads_groups: bool


class Account:
    """Asks and tells Telegram about the bot itself.

    Menus and profile wait as long as Telegram likes, an hour at most; where it asks for more, as
    it does after many changes of a bot's name, `NoRoom` is raised.

    Args:
        bot: the initialised bot.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = limited(bot)

    async def me(self) -> Me:
        """Who the bot is (Bot API: getMe)."""
        user = await self._bot.get_me(rate_limit_args=ANSWER)
        return Me(
            username=user.username or "",
            joins_groups=bool(user.can_join_groups),
            reads_groups=bool(user.can_read_all_group_messages),
        )

    async def webhook(self) -> str | None:
        """The host name to which updates are sent, None if there is no webhook (getWebhookInfo).

        The rest of the address may hold a secret.
        """
        info = await self._bot.get_webhook_info(rate_limit_args=ANSWER)
        return (urlsplit(info.url).hostname or "unknown") if info.url else None

    async def remove_webhook(self) -> None:
        """Have updates wait to be polled for; none is lost (Bot API: deleteWebhook)."""
        await self._bot.delete_webhook(drop_pending_updates=False, rate_limit_args=ANSWER)

    async def commands(self, scope: BotCommandScope, language: str | None) -> list[BotCommand]:
        """The menu of one scope in one language (Bot API: getMyCommands)."""
        return list(
            await self._bot.get_my_commands(
                scope=scope, language_code=language, rate_limit_args=BACKGROUND
            )
        )

    async def set_commands(
        self, commands: Sequence[BotCommand], scope: BotCommandScope, language: str | None
    ) -> None:
        """Publish the menu of one scope in one language (Bot API: setMyCommands)."""
        await self._bot.set_my_commands(
            commands, scope=scope, language_code=language, rate_limit_args=BACKGROUND
        )

    async def name(self, language: str | None) -> str:
        """The bot's name in one language (Bot API: getMyName)."""
        name = await self._bot.get_my_name(language, rate_limit_args=BACKGROUND)
        return name.name

    async def set_name(self, text: str, language: str | None) -> None:
        """Publish the name in one language; an empty one is withdrawn (Bot API: setMyName)."""
        await self._bot.set_my_name(text, language, rate_limit_args=BACKGROUND)

    async def description(self, language: str | None) -> str:
        """What an empty chat with the bot shows (Bot API: getMyDescription)."""
        shown = await self._bot.get_my_description(language, rate_limit_args=BACKGROUND)
        return shown.description

    async def set_description(self, text: str, language: str | None) -> None:
        """Publish that text in one language (Bot API: setMyDescription)."""
        await self._bot.set_my_description(text, language, rate_limit_args=BACKGROUND)

    async def short_description(self, language: str | None) -> str:
        """What stands on the profile page (Bot API: getMyShortDescription)."""
        shown = await self._bot.get_my_short_description(language, rate_limit_args=BACKGROUND)
        return shown.short_description

    async def set_short_description(self, text: str, language: str | None) -> None:
        """Publish that text in one language (Bot API: setMyShortDescription)."""
        await self._bot.set_my_short_description(text, language, rate_limit_args=BACKGROUND)
