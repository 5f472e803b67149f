"""`python -m bot worker`: paints for a bot on another machine; they meet in the database."""

import asyncio
import logging
import signal
import socket
from collections.abc import Mapping, Sequence
from typing import Final

import psycopg
from procrastinate.exceptions import ConnectorException
from pydantic import SecretStr, field_validator
from sqlalchemy import make_url
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.check import ledger_fault
from bot.engines.devices import Device
from bot.engines.process import ProcessEngine
from bot.engines.protocol import Engine
from bot.engines.remote.link import Link, conninfo
from bot.engines.remote.station import CHECKPOINT_SECONDS, Station
from bot.outage import BACKOFF, Outage
from bot.settings import Settings
from bot.studio.ledger.faults import translated
from bot.studio.ledger.results import LedgerUnavailable

log = logging.getLogger(__name__)

_UNDEFINED_TABLE: Final = "42P01"


class WorkerError(Exception):
    """A worker cannot work with these settings; the text says why and what to do, in one line."""


class WorkerSettings(Settings):
    """The bot's settings, of which a worker needs DATABASE_URL and ENGINE_DEVICES."""

    telegram_bot_token: SecretStr = SecretStr("")

    @field_validator("telegram_bot_token", mode="before")
    @classmethod
    def _check_token(cls, value: object) -> object:
        return value  # there is nobody whom a worker would show it


async def serve(settings: Settings, painters: Sequence[Device]) -> None:
    """Paint until SIGTERM or SIGINT.

    Args:
        settings: what the host decided.
        painters: the devices that paint.

    Raises:
        WorkerError: there is nothing to paint with, no database to meet a bot in, or one that
            refuses a worker's work.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    url = settings.ledger_url
    if settings.database_url is None or make_url(url).get_backend_name() != "postgresql":
        raise WorkerError(
            "DATABASE_URL is not PostgreSQL's: a worker meets its bot in that database; set it to "
            "what `python -m bot worker-role` says beside the bot."
        )
    if not painters:
        raise WorkerError("ENGINE_DEVICES is none: a worker is there to paint; set auto or cpu.")
    machine = socket.gethostname()
    engines = {f"{device.name} on {machine}": ProcessEngine(device) for device in painters}
    meeting = asyncio.create_task(_meet(settings))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([meeting, stopped], return_when=asyncio.FIRST_COMPLETED)
    if not meeting.done():
        meeting.cancel()
        await asyncio.wait([meeting])
        return
    meeting.result()
    await paint(conninfo(url), engines, stop)
    log.info("Stopped; what was being painted goes to another worker")


async def paint(
    conninfo: str,
    engines: Mapping[str, Engine],
    stop: asyncio.Event,
    *,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> None:
    """Have engines paint for the bot in a database until `stop` is set; they are closed then.

    Args:
        conninfo: the database, as `link.conninfo` makes it.
        engines: by device and machine in words.
        stop: set from outside.
        checkpoint_seconds: between two checkpoints of a painting that are sent to the bot.

    Raises:
        WorkerError: the database refuses a worker's work.
    """
    outage = Outage("The database is out of reach; the work waits for it", "The database is back")
    stations = [
        Station(
            engine,
            name=name,
            link=lambda: Link(conninfo, outage),
            checkpoint_seconds=checkpoint_seconds,
        )
        for name, engine in engines.items()
    ]
    tasks = [asyncio.create_task(station.run()) for station in stations]
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
    except ExceptionGroup as group:
        refusals = group.subgroup((psycopg.Error, ConnectorException))
        if refusals is None:
            raise
        raise WorkerError(_refusal(refusals.exceptions[0])) from group
    finally:
        stopped.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.wait([*tasks, stopped])
        await asyncio.gather(*(engine.close() for engine in engines.values()))


def _refusal(error: BaseException) -> str:
    cause = error.__cause__ if isinstance(error, ConnectorException) else error
    reason = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    return (
        "DATABASE_URL: the database refuses what a worker does in it "
        f"({reason or type(cause).__name__}): run `python -m bot worker-role` once more beside the "
        "bot, and have bot and worker of the same version."
    )


async def _meet(settings: Settings) -> None:
    """Wait until the database is there, and the bot has made its tables.

    Raises:
        WorkerError: it is not to be had in this way.
    """
    engine = create_async_engine(settings.ledger_url, poolclass=NullPool)
    outage = Outage("There is no bot to work for yet; this waits for it", "There is a bot")
    failures = 0
    while True:
        try:
            with translated():
                async with engine.connect() as connection:
                    await connection.execute(sql("SELECT 1 FROM workers LIMIT 1"))
        except LedgerUnavailable as error:
            outage.begin(error)
        except SQLAlchemyError as error:
            cause = error.orig if isinstance(error, DBAPIError) else None
            if getattr(cause, "sqlstate", None) != _UNDEFINED_TABLE:
                raise WorkerError(ledger_fault(settings, error)) from error
            outage.begin("its ledger has no tables for workers")
        else:
            outage.end()
            return
        failures += 1
        await asyncio.sleep(BACKOFF.delay(failures))
