"""The bot's session: getMe, getUpdates, webhooks, getFile."""

import re
from urllib.parse import urlsplit

from bot.sandbox.arguments import Arguments, Json
from bot.sandbox.errors import bad_request, conflict
from bot.sandbox.files import DOWNLOAD_LIMIT
from bot.sandbox.profile import LOOPBACK, Webhook
from bot.sandbox.world import World

_MOST_UPDATES = 100
_MOST_CONNECTIONS = 40


def get_me(world: World, _args: Arguments) -> Json:
    """Describe the bot (Bot API, "getMe")."""
    return world.profile.me(reads_all=not world.privacy.mode)


async def get_updates(world: World, args: Arguments) -> list[Json]:
    """Fetch updates by long polling (Bot API, "getUpdates")."""
    if world.profile.webhook.url:
        raise conflict(
            "can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
    updates = await world.updates.poll(
        offset=args.integer("offset", 0),
        limit=min(max(args.integer("limit", _MOST_UPDATES), 1), _MOST_UPDATES),
        timeout=max(args.integer("timeout", 0), 0),
        allowed=args.array("allowed_updates") if "allowed_updates" in args else None,
    )
    return [update.to_json() for update in updates]


def set_webhook(world: World, args: Arguments) -> bool:
    """Have updates brought (Bot API, "setWebhook"); to this machine by plain HTTP, too."""
    url = args.text("url")
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    if url and parts.scheme != "https" and not plain:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = args.text("secret_token")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    connections = args.integer("max_connections", _MOST_CONNECTIONS)
    if "allowed_updates" in args:
        world.updates.allowed = frozenset(args.array("allowed_updates"))
    world.updates.end_poll("setWebhook request")
    return _replaced(world, args, Webhook(url=url, secret=secret, max_connections=connections))


def delete_webhook(world: World, args: Arguments) -> bool:
    """Let updates wait to be polled for (Bot API, "deleteWebhook")."""
    return _replaced(world, args, Webhook())


def get_webhook_info(world: World, _args: Arguments) -> Json:
    """Describe the webhook (Bot API, "getWebhookInfo")."""
    webhook = world.profile.webhook
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.last_error:
        info["last_error_date"] = webhook.last_error_date
        info["last_error_message"] = webhook.last_error
    if world.updates.allowed:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


def get_file(world: World, args: Arguments) -> Json:
    """Say where a file can be fetched (Bot API, "getFile"); up to 20 MB."""
    stored = world.files.by_id(args.text("file_id"))
    if len(stored.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {**stored.to_json(), "file_path": stored.path}


def log_out(_world: World, _args: Arguments) -> bool:
    """Take leave of the server (Bot API, "logOut" and "close"); nothing changes here."""
    return True


close = log_out


def _replaced(world: World, args: Arguments, webhook: Webhook) -> bool:
    world.profile.webhook.replaced.set()
    world.profile.webhook = webhook
    if args.flag("drop_pending_updates"):
        world.updates.clear()
    world.updates.changed.set()
    return True
