"""What a database driver's error means: out of reach for now, or a defect."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.studio.ledger.results import LedgerUnavailable

# SQLite's primary result codes: https://www.sqlite.org/rescode.html
_LOCKED: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_UNWRITABLE: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
# PostgreSQL's error codes, appendix A: connections and resources; shut down, crashed, starting.
_AWAY_CLASSES: Final = {"08", "53"}
_AWAY: Final = {"57P01", "57P02", "57P03"}
_DISK_FULL: Final = {"53100", "58030"}


@contextmanager
def translated() -> Iterator[None]:
    """Raise LedgerUnavailable for whatever a driver raises when its database is out of reach.

    Nothing but the driver may be called in it: any OSError counts as the database's.
    """
    try:
        yield
    except OSError as error:
        raise LedgerUnavailable(str(error) or type(error).__name__) from error
    except SQLAlchemyError as error:
        raise understood(error) from error


def understood(error: SQLAlchemyError) -> LedgerUnavailable | SQLAlchemyError:
    """The error itself, or LedgerUnavailable if it says that the database is out of reach."""
    if not isinstance(error, DBAPIError):
        return error
    cause = error.orig
    # SQLAlchemy's own text goes on with statements and their values.
    reason = str(cause)
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in _LOCKED | _UNWRITABLE:
            return LedgerUnavailable(reason, only_writing=code in _UNWRITABLE)
        return error
    state = str(getattr(cause, "sqlstate", None) or "")
    if state in _DISK_FULL:
        return LedgerUnavailable(reason, only_writing=True)
    if error.connection_invalidated or state in _AWAY or state[:2] in _AWAY_CLASSES:
        return LedgerUnavailable(reason)
    return error
