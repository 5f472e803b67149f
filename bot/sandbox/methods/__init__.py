"""The Bot API's methods, each a function of the world and the call's arguments."""

import re
from collections.abc import Awaitable, Callable, Mapping
from inspect import isfunction
from types import MappingProxyType

from bot.sandbox.arguments import Arguments
from bot.sandbox.methods import account, chats, editing, polling, sending
from bot.sandbox.world import World

Method = Callable[[World, Arguments], object | Awaitable[object]]

HANDLERS: Mapping[str, Method] = MappingProxyType(
    {
        re.sub("_([a-z])", lambda match: match[1].upper(), name): function
        for module in (polling, sending, editing, account, chats)
        for name, function in vars(module).items()
        if isfunction(function) and function.__module__ == module.__name__ and name[0] != "_"
    }
)
"""Every public function of these modules carries out the method of its name."""
