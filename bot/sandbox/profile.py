"""The bot's own account: what BotFather and the setMy... methods keep."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.sandbox.model import User
from bot.sandbox.render import user_json

Json = dict[str, object]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""The hosts that updates are brought to: the sandbox reaches nothing else."""


def scope_key(scope: Mapping[str, object] | None) -> str:
    """Return a command scope's place in the book: its JSON, the default if there is none."""
    return json.dumps(dict(scope or {"type": "default"}), sort_keys=True)


@dataclass(slots=True, eq=False)
class Webhook:
    """A webhook; without a url there is none, and the bot polls.

    Attributes:
        url: Where updates are brought.
        secret: What goes along, in a header.
        max_connections: How many updates may be on their way at once.
        last_error: What went wrong last, as getWebhookInfo says it.
        last_error_date: When, in Unix seconds.
        replaced: Set once another one is.
    """

    url: str = ""
    secret: str = field(default="", repr=False)
    max_connections: int = 40
    last_error: str = ""
    last_error_date: int = 0
    replaced: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Profile:
    """Texts by language code ("" for all languages) and commands by scope and language."""

    user: User
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    webhook: Webhook = field(default_factory=Webhook)

    def me(self, *, reads_all: bool) -> Json:
        """Render getMe's ``User``; ``reads_all`` is privacy mode turned off."""
        return {
            **user_json(self.user),
            "can_join_groups": True,
            "can_read_all_group_messages": reads_all,
            "supports_guest_queries": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
            "allows_users_to_create_topics": False,
            "can_manage_bots": False,
            "supports_join_request_queries": False,
        }

    def commands_for(
        self, scope: Mapping[str, object] | None = None, language: str = ""
    ) -> list[Json]:
        """Return the commands published for one scope and language, for tests and getMyCommands."""
        return self.commands.get((scope_key(scope), language), [])

    def menu(self, scopes: Sequence[Mapping[str, object]], language: str) -> list[Json]:
        """Return the commands that an app shows: of the first scope, closest first, that has any.

        In each scope those in the person's language go first, then those for all languages (Bot
        API, "Determining list of commands").
        """
        for scope in (*scopes, {"type": "default"}):
            for code in (language.partition("-")[0], ""):
                if found := self.commands_for(scope, code):
                    return found
        return []
