"""What `python -m bot check` looks at before a bot is let loose: each fault becomes one line."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import aiofiles.os
import telegram
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.engines.devices import Device, devices
from bot.engines.process import ProcessEngine
from bot.engines.protocol import EngineError
from bot.logs import Redactor
from bot.settings import Settings

FREE_BYTES: Final = 256 * 1024 * 1024
"""Less room than this in the data directory is a fault: a busy day fills it."""
_SECONDS: Final = 15.0
"""How long the Bot API server or a database may take to answer."""


async def check(settings: Settings) -> list[str]:
    """Try everything that a bot with these settings needs, and leave no trace.

    The weights and the devices are tried by starting the engines as the bot would, which takes
    some seconds; the token by asking the Bot API server who it belongs to (getMe).

    Returns:
        One line for each fault, which says what is wrong and what to do; empty if all is well.
    """
    redactor = Redactor(settings.telegram_bot_token.get_secret_value())
    folder, database, token, engines = await asyncio.gather(
        asyncio.to_thread(_check_data_dir, settings.data_dir),
        _check_database(settings),
        _check_token(settings),
        _check_engines(settings),
    )
    faults = (*folder, *database, *token, *engines)
    return [redactor.redact(" ".join(fault.split())) for fault in faults]


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
        return [
            f"DATA_DIR {folder} cannot be written to ({error.strerror}): "
            "give the bot's user the right to, or name another directory."
        ]
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
        query = "SELECT count(*) FROM sqlite_master"
    else:
        query = "SELECT 1"
    engine = create_async_engine(url)
    try:
        async with asyncio.timeout(_SECONDS), engine.connect() as connection:
            await connection.execute(text(query))
    except TimeoutError:
        return [f"The database does not answer within {_SECONDS:g} seconds: check DATABASE_URL."]
    except (DBAPIError, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        return [f"The database cannot be opened ({reason}): check DATABASE_URL and DATA_DIR."]
    finally:
        await engine.dispose()
    return []


async def _check_token(settings: Settings) -> list[str]:
    bot = telegram.Bot(
        settings.telegram_bot_token.get_secret_value(), base_url=f"{settings.api_url}/bot"
    )
    where = settings.api_url
    try:
        async with asyncio.timeout(_SECONDS), bot:
            await bot.get_me()
    except telegram.error.InvalidToken:
        return [
            f"TELEGRAM_BOT_TOKEN is not known to {where}: "
            "copy it again from @BotFather, who may have replaced it."
        ]
    except telegram.error.RetryAfter:
        return [f"{where} asks for patience, it was called too often: try again in a minute."]
    except (TimeoutError, telegram.error.TimedOut):
        return [
            f"{where} does not answer within {_SECONDS:g} seconds: "
            "check the network, a proxy, and TELEGRAM_API_URL."
        ]
    except telegram.error.TelegramError as error:
        cause = error.__cause__
        answered = cause is None or isinstance(cause, telegram.error.TelegramError)
        if isinstance(error, telegram.error.NetworkError) and not answered:
            return [
                f"{where} cannot be reached ({type(cause).__name__}): "
                "check the network, a proxy, and TELEGRAM_API_URL."
            ]
        return [f"{where} does not answer as a Bot API server ({error}): check TELEGRAM_API_URL."]
    return []


async def _check_engines(settings: Settings) -> list[str]:
    found = await asyncio.to_thread(devices, settings.engine_devices)
    # One after another: together they would ask for more memory than the bot itself does.
    return [fault for device in found for fault in await _check_engine(device)]


async def _check_engine(device: Device) -> list[str]:
    engine = ProcessEngine(device)
    try:
        await engine.start()
    except EngineError as error:
        return [f"{error} Check ENGINE_DEVICES and the installation."]
    finally:
        await engine.close()
    return []
