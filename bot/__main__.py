"""`python -m bot`: the bot itself, and the other commands of its command line."""

import argparse
import asyncio
import errno
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot import logs, worker
from bot.app import engine_pool, serve
from bot.audience import audience
from bot.backup.archive import ArchiveDamaged
from bot.backup.backup import STANDARD_OUTPUT, back_up, new_file
from bot.backup.contents import BackupError, Report
from bot.backup.restore import restore
from bot.check import check, ledger_fault, warnings
from bot.command_line import parser
from bot.demo import demonstration
from bot.demo.web import command as web
from bot.engines.devices import DeviceError, devices
from bot.engines.remote.role import RoleError, make_role
from bot.http_server import CannotListen
from bot.instance import DataDirectoryError, DataDirectoryUnusable, sole_user
from bot.settings import Settings, SettingsError
from bot.studio.ledger.results import LedgerError
from bot.telegram.errors import TokenRefused
from bot.worker import WorkerError, WorkerSettings

USAGE_ERROR = 2

_FAULTS = (
    BackupError,
    CannotListen,
    DataDirectoryError,
    DeviceError,
    RoleError,
    TokenRefused,
    WorkerError,
)
"""Errors whose text tells a host in one line what is wrong and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    options = parser().parse_args(arguments)
    if options.command == "demo":
        return _demo(options)
    try:
        settings = WorkerSettings.load() if options.command == "worker" else Settings.load()
    except SettingsError as error:
        return _complain(*error.faults)
    logs.configure(settings)
    if options.command == "check":
        return _check(settings)
    work: dict[str, Callable[[], None]] = {
        "run": lambda: _run(settings),
        "backup": lambda: _back_up(settings, options.file, options.with_secrets),
        "restore": lambda: _restore(settings, options.file),
        "worker": lambda: _work(settings),
        "worker-role": lambda: _make_role(settings, options.name),
    }
    return _told(settings, work[options.command])


def _demo(options: argparse.Namespace) -> int:
    if not options.web and (options.port, options.listen) != (None, web.LOOPBACK):
        return _complain("--port and --listen go with --web.")
    if not options.web:
        return demonstration.main(content=options.content, style=options.style, out=options.out)
    try:
        named = {"content": options.content, "style": options.style}
        pictures = {name: demonstration.read_picture(path) for name, path in named.items()}
        options.out.mkdir(parents=True, exist_ok=True)
        web.serve(pictures, options.out / "bot.log", port=options.port, listen=options.listen)
    except (demonstration.DemoError, web.CannotListen, OSError) as error:
        return _complain(str(error))
    return 0


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


def _run(settings: Settings) -> None:
    start = logging.getLogger(logs.START)
    start.info("Who may use the bot: %s", audience(settings))
    with sole_user(settings.data_dir):
        painters = devices(settings.engine_devices)
        for warning in warnings(settings, painters):
            start.warning("%s", warning)
        asyncio.run(serve(settings, engine_pool(settings, painters)))


def _back_up(settings: Settings, path: Path, secrets: bool) -> None:
    with new_file(path) as file:
        report = asyncio.run(back_up(settings, file, secrets=secrets))
    # Where the archive itself goes to the standard output, nothing else may.
    said = sys.stderr if path == STANDARD_OUTPUT else sys.stdout
    said.write(f"The backup holds {_amount(report)}.\n")


def _restore(settings: Settings, path: Path) -> None:
    with path.open("rb") as file, sole_user(settings.data_dir):
        try:
            report = asyncio.run(restore(settings, file))
        except ArchiveDamaged as error:
            raise BackupError(f"{path} is no whole backup of Atelier's: {error}.") from error
    sys.stdout.write(f"Restored: {_amount(report)}.\n")


def _amount(report: Report) -> str:
    amount = f"{report.rows} rows and {report.files} files"
    if not report.missing:
        return amount
    return f"{amount}; {len(report.missing)} pictures that the ledger names are lost"


def _told(settings: Settings, work: Callable[[], None]) -> int:
    """Do `work`; what keeps a host's wish from coming true becomes one line and exit code 2."""
    try:
        work()
    except _FAULTS as error:
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


def _work(settings: Settings) -> None:
    painters = devices(settings.engine_devices)
    for warning in warnings(settings, painters):
        logging.getLogger(logs.START).warning("%s", warning)
    asyncio.run(worker.serve(settings, painters))


def _make_role(settings: Settings, name: str) -> None:
    url = asyncio.run(make_role(settings.ledger_url, name))
    sys.stdout.write(
        f"The role {name} sees what is to be painted, and nothing else. On each machine that is to "
        "paint, with this bot's database under an address that it can reach:\n"
        f"DATABASE_URL={url}\n"
    )


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


if __name__ == "__main__":
    sys.exit(main())
