"""Wiring only: which part is given which, and in which order they start and stop."""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from telegram import Update

from bot import health
from bot.chat.handlers import registration
from bot.chat.requests.services import Access, Services
from bot.engines.devices import CPU_LARGEST, CPU_SIZE, GPU_LARGEST, Device
from bot.engines.process import ProcessEngine
from bot.engines.protocol import MOST_STYLES, Engine
from bot.engines.remote.engine import remote_engines
from bot.engines.remote.link import conninfo
from bot.gallery import Gallery
from bot.inbox import Inbox
from bot.settings import Settings
from bot.status.status import Status
from bot.studio.courier.courier import Courier
from bot.studio.dispatch.dispatcher import Dispatcher
from bot.studio.dispatch.estimates import Estimator
from bot.studio.dispatch.placement import Placement
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Wishes
from bot.studio.pictures.decoder import Decoder
from bot.studio.pictures.fetcher import Fetcher
from bot.studio.pictures.files import Files
from bot.studio.pictures.gallery_copies import GalleryCopies
from bot.studio.pictures.retention import Retention
from bot.studio.variations import Sizes, keyboard
from bot.telegram import menus
from bot.telegram.account import Account
from bot.telegram.application import AnyApplication, application_for, initialised
from bot.telegram.client import Client
from bot.telegram.counted_request import Heard, unheard
from bot.telegram.downloads import Downloads
from bot.telegram.polling import Polling
from bot.telegram.profile import Profile
from bot.telegram.rate_limits import GROUP_INTERVAL, PRIVATE_INTERVAL, Limits
from bot.telegram.updates import UpdateSource
from bot.telegram.webhook import Webhook, WebhookAddress
from bot.webhook_settings import kept_secret
from bot.words import Library

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePool:
    """The engines, and what each of them can do, since any may take any order.

    `sizes` are those of paintings. `most_styles` is how many styles one painting can blend.
    """

    engines: Sequence[Engine]
    sizes: Sizes
    most_styles: int = MOST_STYLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How patient the bot is, by what no host sets: seconds, and calls within seconds.

    `private_edits` and `group_edits` lie between two edits in a chat; after `album_quiet` without
    another picture an album counts as whole. `limits` is how often Telegram may be spoken to.
    """

    private_edits: float = PRIVATE_INTERVAL
    group_edits: float = GROUP_INTERVAL
    album_quiet: float = 1.0
    limits: Limits | None = None


USUAL_TIMINGS = Timings()


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The bot's parts, connected and ready to run."""

    settings: Settings
    application: AnyApplication
    ledger: Ledger
    files: Files
    chat: registration.Chat
    fetcher: Fetcher
    courier: Courier
    dispatcher: Dispatcher
    inbox: Inbox
    retention: Retention
    library: Library

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then wind down within ten seconds.

        Raises:
            TokenRefused: Telegram does not accept the token.
            Exception: a part of the bot ended on its own, which is a defect.
        """
        resuming = asyncio.create_task(self.chat.resume())
        if not await _done_before(stop, resuming):
            return
        resuming.result()
        parts: dict[str, Coroutine[Any, Any, None]] = {
            "claim to the ledger": self.ledger.stay_alone(),
            "dispatcher": self.dispatcher.run(),
            "courier": self.courier.run(),
            "fetcher": self.fetcher.run(),
            "inbox": self.inbox.run(),
            "retention": self.retention.run(),
        }
        tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            log.info("Stopping")
            ended = [task for task in tasks if task.done()]
        finally:
            stopped.cancel()
            await self._wind_down(tasks)
        for task in ended:
            task.result()
            raise RuntimeError(f"The {task.get_name()} ended on its own")

    async def publish(self) -> None:
        """Tell Telegram what the bot is and can do; nothing waits for it."""
        account = Account(self.application.bot)
        await menus.publish(account, self.library, admins=self.settings.admin_user_ids)
        await Profile(account, self.library, self.settings.data_dir).publish()

    async def _wind_down(self, tasks: list[asyncio.Task[None]]) -> None:
        # Nothing new comes in, and the cards are told while it is known what was running.
        await asyncio.gather(self.inbox.stop(), self.courier.stop(), return_exceptions=True)
        await self.dispatcher.stop()
        await self.chat.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def assemble(
    settings: Settings,
    pool: EnginePool,
    *,
    sign: health.Sign | None = None,
    heard: Heard = unheard,
    library: Library | None = None,
    timings: Timings = USUAL_TIMINGS,
) -> AsyncGenerator[App, None]:
    """Build the bot from its settings; what was opened is closed at the end.

    Args:
        settings: what the host decided.
        pool: who paints.
        sign: is told what the bot is about.
        heard: is told of each request to Telegram.
        library: the languages; those that ship unless given.
        timings: how patient the bot is.

    Raises:
        TokenRefused: Telegram does not accept the token.
        LedgerError: the ledger cannot be used, however long one waits, or another bot has it.
        OSError: the data directory cannot be used.
    """
    files = Files(settings.data_dir)
    sign = sign or health.Sign(settings.data_dir)

    def ledger_away(away: bool) -> None:
        sign.interrupt(health.State.WAITING_FOR_DATABASE if away else None)

    ledger = await Ledger.open(settings.ledger_url, waiting=ledger_away, alone=True)
    decoder = Decoder()
    try:
        token = settings.telegram_bot_token.get_secret_value()
        application = application_for(token, settings.api_url, limits=timings.limits, heard=heard)
        waiting = partial(sign.say, health.State.WAITING_FOR_TELEGRAM)
        async with initialised(application, waiting=waiting):
            sign.say(health.State.AT_WORK)
            gallery = await asyncio.to_thread(Gallery, settings.styles_dir)
            yield _connect(
                settings,
                application,
                ledger,
                files,
                library or Library(),
                decoder=decoder,
                gallery=gallery,
                pool=pool,
                timings=timings,
            )
    finally:
        await decoder.close()
        await ledger.close()


def engine_pool(settings: Settings, painters: Sequence[Device]) -> EnginePool:
    """A child process for each device that paints here, and whatever workers there are elsewhere.

    How large a painting may be follows the devices here; workers elsewhere follow that, too.
    """
    usual = settings.image_size or min((d.image_size for d in painters), default=CPU_SIZE)
    largest = min((device.largest_size for device in painters), default=CPU_LARGEST)
    elsewhere = remote_engines(conninfo(settings.ledger_url)) if settings.has_workers else []
    room = min((device.fitting_size for device in painters), default=GPU_LARGEST)
    return EnginePool(
        engines=[*(ProcessEngine(device) for device in painters), *elsewhere],
        sizes=Sizes.around(min(usual, room), bound=min(largest, room)),
    )


def _connect(
    settings: Settings,
    application: AnyApplication,
    ledger: Ledger,
    files: Files,
    library: Library,
    *,
    decoder: Decoder,
    gallery: Gallery,
    pool: EnginePool,
    timings: Timings,
) -> App:
    placement = Placement()
    wishes = Wishes(size=pool.sizes.usual, iterations=settings.iterations)
    courier = Courier(
        Client(application.bot),
        ledger,
        files,
        library,
        keyboard=lambda order: keyboard(order, library.words(order.language)),
        estimator=Estimator(engines=placement.engines_up, defaults=wishes),
        private_interval=timings.private_edits,
        group_interval=timings.group_edits,
    )
    dispatcher = Dispatcher(
        ledger, files, pool.engines, courier, defaults=wishes, placement=placement
    )
    retention = timedelta(days=settings.retention_days)
    chat = registration.register(
        application,
        Services(
            ledger=ledger,
            files=files,
            library=library,
            decoder=decoder,
            access=Access(
                users=settings.allowed_user_ids,
                chats=settings.allowed_chat_ids,
                admins=settings.admin_user_ids,
            ),
            max_orders=settings.max_orders_per_user,
            most_styles=pool.most_styles,
            album_quiet=timings.album_quiet,
            sizes=pool.sizes,
            retention=retention,
            gallery=gallery,
        ),
    )
    inbox = Inbox(_source(settings, application), ledger, _handler(application, chat))
    return App(
        settings=settings,
        application=application,
        ledger=ledger,
        files=files,
        chat=chat,
        fetcher=Fetcher(Downloads(application.bot), ledger, files, decoder),
        courier=courier,
        dispatcher=dispatcher,
        inbox=inbox,
        retention=Retention(
            ledger,
            files,
            retention=retention,
            offered=GalleryCopies(ledger, files, gallery).offered,
        ),
        library=library,
    )


def _source(settings: Settings, application: AnyApplication) -> UpdateSource:
    """Where updates come from: a webhook where one is set, else polling."""
    if settings.webhook_url is None:
        return Polling(application.bot)
    secret = settings.webhook_secret
    return Webhook(
        application.bot,
        WebhookAddress(
            url=settings.webhook_url,
            listen=settings.webhook_listen,
            secret=secret.get_secret_value() if secret else kept_secret(settings.data_dir),
        ),
    )


def _handler(
    application: AnyApplication, chat: registration.Chat
) -> Callable[[Update], Awaitable[None]]:
    async def handle(update: Update) -> None:
        await application.process_update(update)
        chat.errors.raise_outage(update)

    return handle


async def serve(settings: Settings, pool: EnginePool, *, timings: Timings = USUAL_TIMINGS) -> None:
    """Run the bot until SIGTERM or SIGINT.

    Args:
        settings: what the host decided.
        pool: who paints.
        timings: how patient the bot is.

    Raises:
        CannotListen: a server of the bot's cannot listen where it should.
        TokenRefused: Telegram does not accept the token.
        LedgerError: the ledger cannot be used, however long one waits, or another bot has it.
        OSError: the data directory cannot be used.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    sign = health.Sign(settings.data_dir)
    status = Status(sign, settings.data_dir)
    async with (
        health.beating(sign),
        status.serving(settings.status_listen),
        AsyncExitStack() as stack,
    ):
        assembled = assemble(settings, pool, sign=sign, heard=status.heard, timings=timings)
        assembling = asyncio.create_task(stack.enter_async_context(assembled))
        if not await _done_before(stop, assembling):
            return
        app = assembling.result()
        log.info("Atelier is at work as @%s", app.application.bot.username)
        status.watch(app.ledger, app.dispatcher, Account(app.application.bot))
        publishing = asyncio.create_task(app.publish())
        try:
            await app.run(stop)
        finally:
            publishing.cancel()
    log.info("Stopped; the ledger remembers what is open")


async def _done_before(stop: asyncio.Event, task: asyncio.Task[Any]) -> bool:
    """Whether a task is done before `stop` is set; if not, it is cancelled."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if task.done():
        return True
    task.cancel()
    await asyncio.wait([task])
    return False
