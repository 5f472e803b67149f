"""A Telegram of one's own: a local Bot API server, and what people can do with its apps.

::

    async with Sandbox() as sandbox:
        ada = sandbox.person("Ada")
        await ada.send_photo(jpeg)
        card = await ada.wait_for(lambda message: "style" in message.words)
"""

from bot.sandbox import faults
from bot.sandbox.clients.group import Group
from bot.sandbox.clients.person import Answer, Person
from bot.sandbox.clients.sender import Sender
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.limits import RateLimits
from bot.sandbox.model import Button, Chat, ChatKind, Message, Photo, User
from bot.sandbox.server import Call, Sandbox
from bot.sandbox.visibility import Privacy
from bot.sandbox.world import Event, EventKind, World

__all__ = [
    "Answer",
    "ApiError",
    "Button",
    "Call",
    "Chat",
    "ChatKind",
    "Event",
    "EventKind",
    "Fault",
    "Faults",
    "Group",
    "Message",
    "Person",
    "Photo",
    "Privacy",
    "RateLimits",
    "Sandbox",
    "Sender",
    "User",
    "World",
    "faults",
]
