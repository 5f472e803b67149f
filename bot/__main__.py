"""`python -m bot`: the bot itself, a demonstration of it, or a check of its settings."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.app import serve
from bot.check import check
from bot.demo import demonstration
from bot.instance import DataDirectoryInUse, sole_user
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
    if options.command == "check":
        faults = asyncio.run(check(settings))
        if not faults:
            sys.stdout.write("All is well.\n")
        return _complain(*faults)
    return _run(settings)


def _run(settings: Settings) -> int:
    try:
        with sole_user(settings.data_dir):
            asyncio.run(serve(settings))
    except (TokenRefused, DataDirectoryInUse, LedgerError) as error:
        return _complain(str(error))
    except SQLAlchemyError as error:
        # Its text may quote the URL, and with it a password.
        logging.getLogger(__name__).debug("The ledger did not open", exc_info=error)
        return _complain("The database cannot be used; `python -m bot check` says more.")
    except OSError as error:
        return _complain(f"{error.filename or 'The data directory'}: {error.strerror or error}")
    return 0


def _complain(*faults: str) -> int:
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
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
