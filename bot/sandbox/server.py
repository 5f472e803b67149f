"""The local Bot API server: one bot, one world, on loopback only."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from inspect import isawaitable
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox import wire
from bot.sandbox.arguments import Arguments
from bot.sandbox.clients.group import Group
from bot.sandbox.clients.person import Person
from bot.sandbox.decode import METHODS, decode
from bot.sandbox.errors import ApiError, unauthorized
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.journal import Journal
from bot.sandbox.limits import RateLimits
from bot.sandbox.membership import join
from bot.sandbox.methods import HANDLERS
from bot.sandbox.model import ChatKind, Status, User
from bot.sandbox.visibility import Privacy
from bot.sandbox.webhook import Delivery
from bot.sandbox.world import World

LOOPBACK = "127.0.0.1"
_BOT_ID = 7_100_000_001
_SHUTDOWN_SECONDS = 0.2
_BY_LOWER_NAME = {name.lower(): name for name in METHODS}
"""Method names are case-insensitive, as the Bot API has it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the bot made, written down when it was over.

    Attributes:
        method: Method name; "download" for fetching a file.
        params: Decoded parameters; uploads as `Upload`.
        result: What it came to; None if it was refused.
        error: The refusal, if it was refused.
        at: When it arrived, in seconds of the monotonic clock.
        lost: Whether the answer was thrown away by a fault.
    """

    method: str
    params: Mapping[str, object]
    result: object
    error: ApiError | None
    at: float
    lost: bool = False

    @property
    def ok(self) -> bool:
        """Whether it had its effect."""
        return self.error is None


class Sandbox:
    """A Telegram on loopback, for one bot.

    ``async with Sandbox() as sandbox:`` starts it; ``sandbox.url`` is what goes into
    ``TELEGRAM_API_URL`` and ``sandbox.token`` into ``TELEGRAM_BOT_TOKEN``.

    Args:
        token: The bot's token, ``<number>:<letters>``; a fresh one by default.
        name: The bot's first name.
        username: The bot's username.
        privacy_mode: Whether privacy mode is on, as it is with new bots.
        captioned_commands: Whether privacy mode lets commands in captions through.
        limits: Flood limits; none by default.
        port: Port to listen on; 0 for a free one.
    """

    def __init__(
        self,
        token: str | None = None,
        *,
        name: str = "Atelier",
        username: str = "atelier_bot",
        privacy_mode: bool = True,
        captioned_commands: bool = True,
        limits: RateLimits | None = None,
        port: int = 0,
    ) -> None:
        self.token = token or f"{_BOT_ID}:{secrets.token_urlsafe(26)}"
        bot = User(int(self.token.partition(":")[0]), name, username=username, is_bot=True)
        self.world = World(bot, Privacy(privacy_mode, captioned_commands))
        self.log: Journal[Call] = Journal()
        self.faults = Faults()
        self.limits = limits
        self._port = port
        self._runner: web.AppRunner | None = None
        self._delivery: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Base address, without a slash at its end."""
        return f"http://{LOOPBACK}:{self._port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after a `stop`, on the same port and with the same world."""
        app = web.Application(client_max_size=wire.BODY_LIMIT)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        # Cancellation lets a poll end when its client dies, so that the next one meets no rival.
        self._runner = web.AppRunner(
            app,
            handler_cancellation=True,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            access_log=None,
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._delivery = asyncio.create_task(Delivery(self.world).run(), name="webhook delivery")

    async def stop(self) -> None:
        """Stop listening and break what is open; the world stays as it is."""
        if self._delivery is not None:
            self._delivery.cancel()
            await asyncio.gather(self._delivery, return_exceptions=True)
            self._delivery = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def person(
        self, name: str, *, last_name: str = "", username: str = "", language: str = "en"
    ) -> Person:
        """Bring somebody with a Telegram account, who has not met the bot yet."""
        user = self.world.new_user(
            name, last_name=last_name, username=username, language_code=language
        )
        return Person(self.world, user)

    def group(
        self,
        title: str,
        owner: Person,
        *members: Person,
        kind: ChatKind = ChatKind.SUPERGROUP,
        is_forum: bool = False,
        with_bot: bool = True,
    ) -> Group:
        """Make a group, supergroup, forum or channel.

        Args:
            title: Its title.
            owner: Who made it.
            members: Who else is in it.
            kind: ``ChatKind.GROUP``, ``SUPERGROUP`` or ``CHANNEL``.
            is_forum: Whether a supergroup has topics.
            with_bot: Whether the owner adds the bot at once: as a member, in a channel as an
                administrator.
        """
        chat = self.world.new_chat(kind, title, is_forum=is_forum)
        join(self.world, chat, owner.user, by=owner.user, status=Status.OWNER)
        for member in members:
            join(self.world, chat, member.user, by=owner.user)
        group = Group(self.world, chat)
        if with_bot:
            group.add_bot(admin=kind is ChatKind.CHANNEL)
        return group

    def calls(self, *methods: str, since: int = 0) -> list[Call]:
        """Return the calls of these methods so far, of all if none is named."""
        return [call for call in self.log[since:] if not methods or call.method in methods]

    async def wait_for_call(self, method: str, *, timeout: float = 30.0, since: int = 0) -> Call:
        """Return the first call of a method from index ``since`` of the log on.

        Raises:
            TimeoutError: None came in time.
        """
        return await self.log.wait_for(
            lambda call: call.method == method, timeout=timeout, since=since
        )

    async def wait_for_poll(self, *, timeout: float, since: int = 0) -> None:
        """Wait until updates are asked for, by the first call from index ``since`` of the polls on.

        Raises:
            TimeoutError: None came in time.
        """
        await self.world.updates.polls.wait_for(lambda _: True, timeout=timeout, since=since)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        at = time.monotonic()
        if request.match_info["token"] != self.token:
            return wire.refusal(unauthorized())
        method = _BY_LOWER_NAME.get(request.match_info["method"].lower())
        if method is None:
            return wire.refusal(ApiError(404, "Not Found: method not found"))
        params: Mapping[str, object] = {}
        try:
            params, uploads = await wire.read_call(request)
            params = decode(method, params, uploads)
        except ApiError as error:
            self.log.append(Call(method, params, None, error, at))
            return wire.refusal(error)

        async def effect() -> object:
            if self.limits is not None:
                self.limits.check(method, params)
            result = HANDLERS[method](self.world, Arguments(params, uploads))
            return await result if isawaitable(result) else result

        return await self._carry_out(request, Call(method, params, None, None, at), effect)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if request.match_info["token"] != self.token:
            return wire.refusal(unauthorized())

        async def effect() -> bytes:
            stored = self.world.files.by_path(path)
            if stored is None:
                raise ApiError(404, "Not Found")
            return stored.data

        call = Call("download", {"path": path}, None, None, time.monotonic())
        return await self._carry_out(request, call, effect)

    async def _carry_out(
        self, request: web.Request, call: Call, effect: Callable[[], Awaitable[object]]
    ) -> web.StreamResponse:
        """Do what a call asks for, with the fault that waits for it before or after the effect."""
        fault = self.faults.take(call.method, call.params.get("chat_id")) or Fault()
        result: object = None
        refused: ApiError | None = None
        try:
            if not fault.after_effect:
                await _suffer(fault)
            if not fault.lost or fault.after_effect:
                result = await effect()
        except ApiError as error:
            refused = error
        lost = fault.lost or (fault.after_effect and fault.error is not None)
        self.log.append(replace(call, result=result, error=refused, lost=lost))
        if refused is None and fault.after_effect:
            try:
                await _suffer(fault)
            except ApiError as error:
                refused = error
        if fault.lost:
            return wire.broken(request)
        return wire.refusal(refused) if refused is not None else wire.success(result)


async def _suffer(fault: Fault) -> None:
    """Wait as long as the fault says, then raise its refusal if it has one."""
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.gate is not None:
        await fault.gate.wait()
    if fault.error is not None:
        raise fault.error
