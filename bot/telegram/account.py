"""The bot's own account: who it is, how it gets its updates, what its profile says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStatus:
    """What Telegram says of a webhook that is set (Bot API: WebhookInfo).

    Attributes:
        url: where updates are sent; it may hold a secret behind the host name.
        waiting: how many wait to be sent.
        last_error: what went wrong last, None if nothing did.
        last_error_at: when.
    """

    url: str = field(repr=False)
    waiting: int
    last_error: str | None
    last_error_at: datetime | None

    @property
    def host(self) -> str:
        """The host name to which updates are sent."""
        return urlsplit(self.url).hostname or "unknown"


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

    async def webhook(self) -> WebhookStatus | None:
        """The webhook that is set, if one is (Bot API: getWebhookInfo)."""
        info = await self._bot.get_webhook_info(rate_limit_args=ANSWER)
        if not info.url:
            return None
        return WebhookStatus(
            url=info.url,
            waiting=info.pending_update_count,
            last_error=info.last_error_message,
            last_error_at=info.last_error_date,
        )

    async def set_webhook(self, url: str, secret: str, kinds: Sequence[str]) -> None:
        """Have updates of these kinds brought; what waits is, too (Bot API: setWebhook)."""
        await self._bot.set_webhook(
            url,
            secret_token=secret,
            allowed_updates=kinds,
            drop_pending_updates=False,
            rate_limit_args=ANSWER,
        )

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
