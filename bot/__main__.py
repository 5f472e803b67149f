"""`python -m bot`: the bot itself, a demonstration of it, or a check of its settings."""

import argparse
import asyncio
import errno
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.app import serve
from bot.audience import audience
from bot.check import check, ledger_fault, warnings
from bot.demo import demonstration
from bot.engines.devices import DeviceError, devices
from bot.http_server import CannotListen
from bot.instance import DataDirectoryError, DataDirectoryUnusable, sole_user
from bot.settings import Settings, SettingsError
from bot.studio.ledger.results import LedgerError
from bot.telegram.errors import TokenRefused

USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "demo":
        return demonstration.main(content=options.content, style=options.style, out=options.out)
    try:
        settings = Settings.load()
    except SettingsError as error:
        return _complain(*error.faults)
    logs.configure(settings)
    return _check(settings) if options.command == "check" else _run(settings)


def _check(settings: Settings) -> int:
    sys.stdout.write(f"Who may use the bot: {audience(settings)}.\n")
    findings = asyncio.run(check(settings))
    for remark in findings.remarks:
        sys.stdout.write(f"{remark}\n")
    for warning in findings.warnings:
        sys.stdout.write(f"Warning: {warning}\n")
    if not findings.faults:
        sys.stdout.write("All is well.\n")
    return _complain(*findings.faults)


def _run(settings: Settings) -> int:
    start = logging.getLogger(logs.START)
    start.info("Who may use the bot: %s", audience(settings))
    try:
        with sole_user(settings.data_dir):
            painters = devices(settings.engine_devices)
            for warning in warnings(settings, painters):
                start.warning("%s", warning)
            asyncio.run(serve(settings, painters))
    except (CannotListen, TokenRefused, DataDirectoryError, DeviceError) as error:
        return _complain(str(error))
    except LedgerError as error:
        if isinstance(error.__cause__, SQLAlchemyError | OSError):
            return _complain(ledger_fault(settings, error.__cause__))
        return _complain(f"The ledger cannot be used: {error}.")
    except SQLAlchemyError as error:
        logging.getLogger(__name__).debug("The ledger failed", exc_info=error)
        return _complain(ledger_fault(settings, error))
    except OSError as error:
        return _complain(_system_fault(settings, error))
    return 0


def _system_fault(settings: Settings, error: OSError) -> str:
    """Say in one line what the system refuses: a file, room on the disk, or the database."""
    if error.filename is not None and settings.data_dir not in Path(error.filename).parents:
        return f"{error.filename}: {error.strerror}"
    if error.filename is not None or error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
        return str(DataDirectoryUnusable(settings.data_dir, error))
    return ledger_fault(settings, error)


def _complain(*faults: str) -> int:
    for fault in faults:
        sys.stderr.write(f"{' '.join(fault.split())}\n")
    return USAGE_ERROR if faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Atelier: two photos become a painting, in Telegram."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="the bot, with settings from the environment and .env")
    commands.add_parser("check", help="check settings, weights, device, token and data directory")
    show = commands.add_parser("demo", help="the whole bot on two photos, without an account")
    show.add_argument(
        "--content", type=Path, default=demonstration.CONTENT, help="the photo (default: a sample)"
    )
    show.add_argument(
        "--style", type=Path, default=demonstration.STYLE, help="the style (default: a sample)"
    )
    show.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="default: %(default)s"
    )
    parser.set_defaults(command="run")
    return parser


if __name__ == "__main__":
    sys.exit(main())
