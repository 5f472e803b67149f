"""Logging for the whole process, with the token and what people wrote kept out of what is shown.

Redaction happens where text leaves the process: the finished line is searched, so it does not
matter which logger, argument, exception or stack frame the token came from. What people wrote
cannot be searched for. Atelier's own lines and errors never hold any of it; those of others may
quote whatever they were given, so that their loggers are silent, and of an error of theirs only
its name is shown, and where it was raised.
"""

import copy
import logging
import re
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Final, TextIO

from pythonjsonlogger.json import JsonFormatter

from bot.settings import Settings

PLACEHOLDER: Final = "<token>"

START: Final = "bot.start"
"""A logger for what a host must see at every start, however little is logged otherwise."""

_QUIET: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        ("httpx", "httpcore", "hpack", "aiosqlite", "PIL", "sqlalchemy.engine", "telegram"),
        logging.WARNING,
    ),
    # An answer that it cannot read is logged whole; the error that it raises says enough.
    "telegram.request": logging.CRITICAL,
}
"""Loggers that are heard from these levels on, at the least: below them they drown everything
else, show each URL, token included, or each update and each call with all that was written."""

LEFT_OUT: Final = "(its text is left out, it may quote people)"
"""Stands for what an error says that is not Atelier's own."""

_OWN: Final = ("bot.", "core.")
"""How the modules begin whose errors quote nobody."""


_Exception = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class Redactor:
    """Takes a bot's token out of text: whole, URL-quoted, cut short, or its secret alone.

    Args:
        token: `<id>:<secret>` as @BotFather gives it; empty where there is none to keep.
    """

    def __init__(self, token: str) -> None:
        self._pattern: re.Pattern[str] | None = None
        number, _, secret = token.partition(":")
        if not secret:
            return
        colon = r"(?::|%(?:25)*3A|\\u003a)"
        whole = rf"{number}{colon}{re.escape(secret[:4])}[\w-]*"
        # The quoting of the colon only ever touches hexadecimal digits, whose case is free.
        self._pattern = re.compile(rf"{whole}|{re.escape(secret)}", re.IGNORECASE | re.ASCII)

    def redact(self, text: str) -> str:
        """Return `text` with the placeholder where the token stood."""
        return self._pattern.sub(PLACEHOLDER, text) if self._pattern else text


class _Discreet(logging.Formatter):
    """Shows of errors their names and where they were raised, and what is Atelier's own to say."""

    def formatException(self, ei: "_Exception") -> str:  # noqa: N802 (logging's own name)
        """Format an exception and those that it came from."""
        if ei[1] is None:
            return super().formatException(ei)
        return super().formatException((ei[0], _discreet(ei[1], set()), ei[2]))


class _DiscreetJson(_Discreet, JsonFormatter):
    pass


def _discreet(error: BaseException, seen: set[int]) -> Exception:
    """A likeness of an error, and of those that it came from, for its traceback to be shown."""
    seen.add(id(error))
    kind = type(error)
    # The system's own words, and those about the state of the program.
    if isinstance(error, OSError | RuntimeError) or kind.__module__.startswith(_OWN):
        text, notes = str(error), list(getattr(error, "__notes__", ()))
    else:
        text, notes = LEFT_OUT, []
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    likeness: Exception
    if isinstance(error, BaseExceptionGroup):
        parts = [_discreet(part, seen) for part in error.exceptions]
        likeness = type(kind.__name__, (ExceptionGroup,), names)(text, parts)
    else:
        likeness = type(kind.__name__, (Exception,), names)(text)
    for note in notes:
        likeness.add_note(note)
    likeness.__traceback__ = error.__traceback__
    if error.__cause__ is not None and id(error.__cause__) not in seen:
        likeness.__cause__ = _discreet(error.__cause__, seen)
    if error.__context__ is not None and id(error.__context__) not in seen:
        likeness.__context__ = _discreet(error.__context__, seen)
    likeness.__suppress_context__ = error.__suppress_context__
    return likeness


class RedactingHandler(logging.StreamHandler[TextIO]):
    """Writes lines to a stream, each searched for the token first."""

    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        super().__init__(stream)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Format the record, its exception and its stack, without the token."""
        mine = copy.copy(record)
        # Another handler may have kept there what it made of the exception.
        mine.exc_text = None
        return self._redactor.redact(super().format(mine))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's own name)
        """Report a broken log call; logging's own report would show its arguments as they are."""
        if not logging.raiseExceptions:
            return
        trace = _Discreet().formatException(sys.exc_info())
        kinds = type(record.args).__name__
        if isinstance(record.args, tuple):
            kinds = ", ".join(type(argument).__name__ for argument in record.args)
        where = f"{record.pathname}:{record.lineno}: {record.msg!r} with ({kinds})"
        self.stream.write(self._redactor.redact(f"A log call failed:\n{trace}\n{where}\n"))
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
    for name, lowest in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, lowest))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    sys.unraisablehook = _log_unraisable


def _formatter(settings: Settings) -> logging.Formatter:
    if settings.log_format == "json":
        return _DiscreetJson(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            json_ensure_ascii=False,
        )
    return _Discreet(
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
