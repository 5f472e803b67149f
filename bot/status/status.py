"""The pages for who looks after the bot: /healthz, /readyz and /metrics.

/healthz answers while the event loop turns. /readyz answers 200 when ledger, Telegram and an
engine answer, and else 503 and what the bot waits for. /metrics is Prometheus' text format.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from bot.health import Sign, State
from bot.http_server import serving
from bot.listen_address import ListenAddress
from bot.status.metrics import Metrics
from bot.status.readiness import Probe, TelegramContact
from bot.studio.dispatch.dispatcher import Dispatcher, EngineState
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.repository import utc_now
from bot.studio.ledger.results import Backlog, Ended
from bot.studio.ledger.transaction import Transaction
from bot.telegram.account import Account

SETTING: Final = "STATUS_LISTEN"

_TICK_SECONDS: Final = 0.5
_MOST_ENDED: Final = 1000
"""Orders that one look counts; were there more, the next one goes on."""

_WAITS: Final = {
    "ledger": State.WAITING_FOR_DATABASE,
    "telegram": State.WAITING_FOR_TELEGRAM,
    "engine": State.WAITING_FOR_ENGINE,
}
_ABLE: Final = {EngineState.IDLE, EngineState.PAINTING}


class Status:
    """What is known of the bot, and the pages that say it.

    Args of the constructor:
        sign: says what the bot is about while it starts, and whether the ledger is away.
        data_dir: the disk of which is watched.
    """

    def __init__(self, sign: Sign, data_dir: Path) -> None:
        self._sign = sign
        self._data_dir = data_dir
        self._metrics = Metrics()
        self._contact = TelegramContact()
        self._probes: dict[str, Probe] = {}
        self._dispatcher: Dispatcher | None = None
        self._backlog: Backlog | None = None
        self._counted = utc_now(), 0

    def heard(self, method: str, answer: str) -> None:
        """Take note of a request to Telegram (`bot.telegram.counted_request`)."""
        self._metrics.request(method, answer)
        self._contact.heard(answer)

    def watch(self, ledger: Ledger, dispatcher: Dispatcher, account: Account) -> None:
        """Ask these from now on."""

        async def engine() -> bool:
            return any(state in _ABLE for _, state in dispatcher.engines)

        self._dispatcher = dispatcher
        self._probes = {
            "ledger": Probe(lambda: self._read(ledger)),
            "telegram": Probe(lambda: self._contact.answers(account)),
            "engine": Probe(engine),
        }

    @contextlib.asynccontextmanager
    async def serving(self, address: ListenAddress | None) -> AsyncGenerator[int | None, None]:
        """Serve the pages meanwhile, unless there is no address; gives the port.

        Raises:
            CannotListen: the system does not let it listen there.
        """
        if address is None:
            yield None
            return
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics_page)
        watching = asyncio.create_task(self._watch_loop(), name="event loop watch")
        try:
            async with serving(app, address, setting=SETTING) as port:
                yield port
        finally:
            watching.cancel()
            for probe in self._probes.values():
                await probe.close()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="The event loop turns.\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        parts = await self._ask()
        waits = [_WAITS[part] for part, answers in parts.items() if not answers]
        if not self._probes:
            state = self._sign.state
            waits = [State.STARTING if state is State.AT_WORK else state]
        lines = [f"The bot {state}.\n" for state in waits or [State.AT_WORK]]
        return web.Response(status=503 if waits else 200, text="".join(lines))

    async def _metrics_page(self, request: web.Request) -> web.Response:
        parts = await self._ask()
        self._metrics.ready(parts)
        self._metrics.backlog(self._backlog if parts["ledger"] else None, utc_now())
        if self._dispatcher is not None:
            self._metrics.engines(self._dispatcher.engines)
        disk = await asyncio.to_thread(shutil.disk_usage, self._data_dir)
        self._metrics.disk(free=disk.free, size=disk.total)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(
            body=encode(self._metrics.registry), headers={"Content-Type": content_type}
        )

    async def _ask(self) -> dict[str, bool]:
        """Whether each part answers; while the bot starts none does."""
        if not self._probes:
            return dict.fromkeys(_WAITS, False)
        answers = await asyncio.gather(*(probe.answers() for probe in self._probes.values()))
        return dict(zip(self._probes, answers, strict=True))

    async def _read(self, ledger: Ledger) -> bool:
        """Read what the figures need; False while the ledger is known to be away."""
        if self._sign.state is State.WAITING_FOR_DATABASE:
            return False

        async def read(transaction: Transaction) -> tuple[Backlog, list[Ended]]:
            ended = await transaction.ended_since(*self._counted, limit=_MOST_ENDED)
            return await transaction.backlog(), ended

        self._backlog, ended = await ledger.perform(read)
        for order in ended:
            self._metrics.ended(order)
            self._counted = order.finished_at, order.id
        return True

    async def _watch_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _TICK_SECONDS
            await asyncio.sleep(_TICK_SECONDS)
            self._metrics.late(max(0.0, loop.time() - due))
