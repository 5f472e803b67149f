"""What `python -m bot check` looks at before a bot is let loose: each fault becomes one line."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiofiles.os
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot import health, memory
from bot.engines.devices import Device, DeviceError, devices
from bot.engines.process import ProcessEngine
from bot.engines.protocol import EngineError
from bot.http_server import CannotListen, try_to_listen
from bot.instance import DataDirectoryUnusable
from bot.logs import Redactor
from bot.settings import Settings
from bot.storage import RESERVE
from bot.studio.ledger import migrations
from bot.studio.ledger.results import LedgerInUse, LedgerTooNew
from bot.studio.ledger.sole_use import holder
from bot.telegram.account import Me, WebhookStatus
from bot.telegram.application import account_of
from bot.telegram.errors import (
    BadAnswer,
    NoRoom,
    Rejected,
    TelegramFault,
    TokenRefused,
    Unreachable,
)

FREE_BYTES: Final = RESERVE
"""Less room than this in the data directory is a fault: no picture is taken in below it."""
_SECONDS: Final = 15.0
"""How long the Bot API server or a database may take to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Lines for the host.

    Attributes:
        faults: what keeps the bot from its work, and what to do.
        warnings: what the host should mend although the bot can work.
        remarks: what is good to know.
    """

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


async def check(settings: Settings) -> Findings:
    """Try everything that a bot with these settings needs, and leave no trace.

    The weights and the devices are tried by starting the engines as the bot would, which takes
    some seconds; the token by asking the Bot API server who it belongs to (getMe), and who gets
    its updates (getWebhookInfo).

    Returns:
        One line for each thing that was found.
    """
    redactor = Redactor(settings.telegram_bot_token.get_secret_value())
    folder, ports, database, telegram, (engines, painters) = await asyncio.gather(
        asyncio.to_thread(_check_data_dir, settings.data_dir),
        asyncio.to_thread(_check_listening, settings),
        _check_database(settings),
        _check_telegram(settings),
        _check_engines(settings),
    )

    def clean(lines: Iterable[str]) -> tuple[str, ...]:
        return tuple(redactor.redact(" ".join(line.split())) for line in lines)

    return Findings(
        faults=clean((*folder, *ports, *database, *telegram.faults, *engines)),
        warnings=tuple(warnings(settings, painters)),
        remarks=clean(telegram.remarks),
    )


def warnings(settings: Settings, painters: Sequence[Device]) -> list[str]:
    """What the host should know though the bot can work: a line each.

    Args:
        settings: what the host decided.
        painters: the devices that paint.
    """
    lines = list(settings.warnings)
    if not painters and not settings.engine_devices and not settings.has_workers:
        lines.append("ENGINE_DEVICES is none: this bot takes orders, and paints none of them.")
    for device in painters:
        size = settings.image_size or device.image_size
        # On a GPU it is the GPU's own memory that counts.
        if device.gpu is None and (line := memory.shortage(size, memory.available())):
            lines.append(line)
    return lines


def ledger_fault(settings: Settings, error: SQLAlchemyError | OSError) -> str:
    """Say in one line that the ledger cannot be used, which setting it is, and what to do."""
    if isinstance(error, TimeoutError):
        reason = "it does not answer"
    elif isinstance(error, OSError):
        reason = str(error)
    else:
        # SQLAlchemy's own text may quote the URL, and with it a password.
        reason = str(getattr(error, "orig", None) or type(error).__name__)
    url = make_url(settings.ledger_url)
    if url.get_backend_name() != "sqlite":
        server = f"{url.host or 'localhost'}:{url.port or 5432}"
        return (
            f"DATABASE_URL: the ledger in {url.database} on {server} cannot be used ({reason}): "
            "see that the server runs and lets the bot in, or correct the setting."
        )
    name = "DATA_DIR" if settings.database_url is None else "DATABASE_URL"
    return (
        f"{name}: the ledger {url.database} cannot be used ({reason}): it has to be an SQLite "
        "file of Atelier's that the bot's user may read and write; moved away, a new one is made."
    )


def _check_data_dir(folder: Path) -> list[str]:
    existed = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".check-") as file:
            file.write(b"Atelier")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free
        if not existed:
            folder.rmdir()
    except OSError as error:
        return [str(DataDirectoryUnusable(folder, error))]
    if free < FREE_BYTES:
        return [
            f"DATA_DIR {folder} has {free // 2**20} MB of free space: "
            f"make room, at least {FREE_BYTES // 2**20} MB are needed."
        ]
    return []


async def _check_database(settings: Settings) -> list[str]:
    url = make_url(settings.ledger_url)
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or ":memory:")
        if not await aiofiles.os.path.exists(file):
            return []  # it is made at the bot's first start
        # It takes a write to find out that none is allowed; this one is never committed.
        queries = ["BEGIN IMMEDIATE", "PRAGMA user_version = 1"]
    else:
        queries = ["SELECT 1"]
    engine = create_async_engine(url)
    try:
        async with asyncio.timeout(_SECONDS), engine.connect() as connection:
            for query in queries:
                await connection.execute(text(query))
            await connection.run_sync(migrations.recognise)
            at_work_here = health.report(settings.data_dir)[0]
            if url.get_backend_name() != "sqlite" and not at_work_here:
                await _see_that_it_is_free(connection)
    except (LedgerInUse, LedgerTooNew) as error:
        return [f"The ledger cannot be used: {error}."]
    except (SQLAlchemyError, OSError) as error:
        return [ledger_fault(settings, error)]
    finally:
        await engine.dispose()
    return []


async def _see_that_it_is_free(connection: AsyncConnection) -> None:
    if who := await holder(connection):
        raise LedgerInUse(who)


async def _check_telegram(settings: Settings) -> Findings:
    where = settings.api_url
    token = settings.telegram_bot_token.get_secret_value()
    try:
        async with asyncio.timeout(_SECONDS), account_of(token, where) as account:
            me, webhook = await account.me(), await account.webhook()
    except TokenRefused:
        fault = (
            f"TELEGRAM_BOT_TOKEN is not known to {where}: "
            "copy it again from @BotFather, who may have replaced it."
        )
    except NoRoom:
        fault = f"{where} asks for patience, it was called too often: try again in a minute."
    except TimeoutError:
        fault = (
            f"{where} does not answer within {_SECONDS:g} seconds: "
            "check the network, a proxy, and TELEGRAM_API_URL."
        )
    except (BadAnswer, Rejected, Unreachable) as error:
        fault = f"{where} does not answer as a Bot API server ({error}): check TELEGRAM_API_URL."
    except TelegramFault as error:
        fault = (
            f"{where} cannot be reached ({error}): "
            "check the network, a proxy, and TELEGRAM_API_URL."
        )
    else:
        return Findings(remarks=(*_about_updates(webhook, settings), *_about_groups(me)))
    return Findings(faults=(fault,))


def _about_updates(webhook: WebhookStatus | None, settings: Settings) -> Iterator[str]:
    if settings.webhook_url is not None:
        yield from _about_webhook(webhook, settings.webhook_url)
    elif webhook is not None:
        yield (
            f"A webhook to {webhook.host} is set: the bot removes it at its start, and the program "
            "behind it gets no more updates."
        )
    if health.report(settings.data_dir)[0]:
        yield f"An Atelier is at work in {settings.data_dir}: stop it before you start another."
    if settings.webhook_url is None:
        yield (
            "Whether another process elsewhere polls with this token cannot be asked without "
            "taking its updates: if one does, the bot's log says so (409 Conflict)."
        )


def _about_webhook(webhook: WebhookStatus | None, url: str) -> Iterator[str]:
    host = urlsplit(url).hostname
    if webhook is None:
        yield f"No webhook is set: the bot sets one to {host} at its start."
    elif webhook.url != url:
        yield (
            f"A webhook to {webhook.host} is set: the bot sets its own, to {host}, at its start, "
            "and the program behind the other gets no more updates."
        )
    else:
        yield f"The webhook to {host} is set, and {webhook.waiting} updates wait there."
        if webhook.last_error is not None:
            yield (
                f"Telegram could not bring updates to {host} at {webhook.last_error_at:%F %T %Z}: "
                f"{webhook.last_error}"
            )


def _check_listening(settings: Settings) -> list[str]:
    """Try the ports that the bot would listen on, unless it is the bot who does."""
    if health.report(settings.data_dir)[0]:
        return []
    wanted = {"STATUS_LISTEN": settings.status_listen}
    if settings.webhook_url is not None:
        wanted["WEBHOOK_LISTEN"] = settings.webhook_listen
    faults = []
    for setting, address in wanted.items():
        try:
            if address is not None:
                try_to_listen(address, setting=setting)
        except CannotListen as error:
            faults.append(str(error))
    return faults


def _about_groups(me: Me) -> Iterator[str]:
    if not me.joins_groups:
        yield f"Nobody can add @{me.username} to a group: @BotFather's /setjoingroups allows it."
    elif me.reads_groups:
        yield (
            "Group privacy mode is off: the bot is sent everything that is said in its groups, "
            "which it does not need; @BotFather's /setprivacy turns the mode on."
        )
    else:
        yield (
            "Group privacy mode is on, which suits: in groups the bot is sent commands and "
            "replies to it, and nothing else."
        )


async def _check_engines(settings: Settings) -> tuple[list[str], list[Device]]:
    """The faults of the engines, and the devices that they are for."""
    try:
        found = await asyncio.to_thread(devices, settings.engine_devices)
    except DeviceError as error:
        return [str(error)], []
    # One after another: together they would ask for more memory than the bot itself does.
    return [fault for device in found for fault in await _check_engine(device)], found


async def _check_engine(device: Device) -> list[str]:
    engine = ProcessEngine(device)
    try:
        await engine.start()
    except EngineError as error:
        return [f"{error} Check ENGINE_DEVICES and the installation."]
    finally:
        await engine.close()
    return []
