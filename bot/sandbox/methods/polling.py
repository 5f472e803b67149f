"""The bot's session: getMe, getUpdates, webhooks, getFile."""

import re

from bot.sandbox.arguments import Arguments, Json
from bot.sandbox.errors import bad_request, conflict
from bot.sandbox.files import DOWNLOAD_LIMIT
from bot.sandbox.world import World

_MOST_UPDATES = 100


def get_me(world: World, _args: Arguments) -> Json:
    """Describe the bot (Bot API, "getMe")."""
    return world.profile.me(reads_all=not world.privacy.mode)


async def get_updates(world: World, args: Arguments) -> list[Json]:
    """Fetch updates by long polling (Bot API, "getUpdates")."""
    if world.profile.webhook:
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
    """Remember a webhook (Bot API, "setWebhook"); the sandbox never calls it."""
    url = args.text("url")
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = args.text("secret_token")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    world.profile.webhook = url
    return _dropped(world, args)


def delete_webhook(world: World, args: Arguments) -> bool:
    """Forget the webhook (Bot API, "deleteWebhook")."""
    world.profile.webhook = ""
    return _dropped(world, args)


def get_webhook_info(world: World, _args: Arguments) -> Json:
    """Describe the webhook (Bot API, "getWebhookInfo")."""
    return {
        "url": world.profile.webhook,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }


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


def _dropped(world: World, args: Arguments) -> bool:
    if args.flag("drop_pending_updates"):
        world.updates.clear()
    return True
