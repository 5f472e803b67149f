"""Logging for the whole process, with the token kept out of everything that is shown.

Redaction happens where text leaves the process: the finished line is searched, so it does not
matter which logger, argument, exception or stack frame the token came from.
"""

import io
import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Final, TextIO

from pythonjsonlogger.json import JsonFormatter

from bot.settings import Settings

PLACEHOLDER: Final = "<token>"

START: Final = "bot.start"
"""A logger for what a host must see at every start, however little is logged otherwise."""

_QUIET: Final = ("httpx", "httpcore", "hpack", "aiosqlite", "PIL", "sqlalchemy.engine")
"""Loggers that drown everything else below WARNING; httpx also logs each URL, token included."""


class Redactor:
    """Takes a bot's token out of text: whole, URL-quoted, cut short, or its secret alone.

    Args:
        token: `<id>:<secret>` as @BotFather gives it.
    """

    def __init__(self, token: str) -> None:
        number, _, secret = token.partition(":")
        colon = r"(?::|%(?:25)*3A|\\u003a)"
        whole = rf"{number}{colon}{re.escape(secret[:4])}[\w-]*"
        # The quoting of the colon only ever touches hexadecimal digits, whose case is free.
        self._pattern = re.compile(rf"{whole}|{re.escape(secret)}", re.IGNORECASE | re.ASCII)

    def redact(self, text: str) -> str:
        """Return `text` with the placeholder where the token stood."""
        return self._pattern.sub(PLACEHOLDER, text)


class RedactingHandler(logging.StreamHandler[TextIO]):
    """Writes lines to a stream, each searched for the token first."""

    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        super().__init__(stream)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Format the record, its exception and its stack, without the token."""
        return self._redactor.redact(super().format(record))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's own name)
        """Report a broken log call; logging's own report would show its arguments as they are."""
        if not logging.raiseExceptions:
            return
        report = io.StringIO()
        report.write("A log call failed:\n")
        traceback.print_exc(file=report)
        report.write(f"{record.pathname}:{record.lineno}: {record.msg!r} {record.args!r}\n")
        self.stream.write(self._redactor.redact(report.getvalue()))
        self.flush()


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logging, uncaught exceptions and warnings of this process to one redacting handler.

    Calling it again replaces what the call before set up.

    Args:
        settings: level, format, and the token to keep out.
        stream: where the lines go; standard error if None.
    """
    redactor = Redactor(settings.telegram_bot_token.get_secret_value())
    handler = RedactingHandler(stream or sys.stderr, redactor)
    handler.setFormatter(_formatter(settings))
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, RedactingHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    root.setLevel(level)
    logging.getLogger(START).setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    sys.unraisablehook = _log_unraisable


def _formatter(settings: Settings) -> logging.Formatter:
    if settings.log_format == "json":
        return JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            json_ensure_ascii=False,
        )
    return logging.Formatter(
        "%(asctime)s %(levelname)-8s %(name)s: %(message)s", datefmt="%Y-%m-%d %H:%M:%S%z"
    )


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return  # whoever pressed Ctrl-C knows
    logging.getLogger("bot").critical("Uncaught exception", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is None or issubclass(arguments.exc_type, SystemExit):
        return
    name = arguments.thread.name if arguments.thread else "a thread that is gone"
    logging.getLogger("bot").critical(
        "Uncaught exception in %s",
        name,
        exc_info=(arguments.exc_type, arguments.exc_value, arguments.exc_traceback),
    )


def _log_unraisable(arguments: "sys.UnraisableHookArgs") -> None:
    error = arguments.exc_value
    logging.getLogger("bot").error(
        "%s %r",
        arguments.err_msg or "Exception ignored in",
        arguments.object,
        exc_info=(arguments.exc_type, error, arguments.exc_traceback) if error else None,
    )
