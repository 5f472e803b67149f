"""What DATABASE_URL may be: what every driver understands that connects to the ledger's database.

On PostgreSQL there are two of them: asyncpg for the ledger, libpq for what workers share with it.
"""

import importlib.util
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_PARAMETERS: Final = ("host", "passfile", "port", "ssl", "sslmode", "target_session_attrs")
"""What may follow a question mark; `ssl` is asyncpg's word for libpq's `sslmode`."""


def insist_on_usable(text: str) -> None:
    """See that a URL names a database that the ledger can be kept in.

    Raises:
        ValueError: it does not; what is said of it quotes nothing of it.
    """
    try:
        url = make_url(text)
        driver = _DRIVERS.get(url.drivername)
    except (ArgumentError, ValueError):
        driver = None  # a port that is no number is a ValueError
    if driver is None:
        raise ValueError("is not the URL of an SQLite or PostgreSQL database")
    if driver != "postgresql+asyncpg":
        return
    if importlib.util.find_spec("asyncpg") is None:
        raise ValueError(
            "needs the PostgreSQL driver, which is not installed (pip install asyncpg)"
        )
    if not set(url.query) <= set(_PARAMETERS):
        raise ValueError(f"has parameters other than {', '.join(_PARAMETERS)}")


def with_driver(text: str) -> str:
    """A usable URL as SQLAlchemy takes it, with an asynchronous driver."""
    url = make_url(text)
    url = url.set(drivername=_DRIVERS[url.drivername])
    if "sslmode" in url.query:
        url = url.update_query_dict({"ssl": url.query["sslmode"]})
        url = url.difference_update_query(["sslmode"])
    return url.render_as_string(hide_password=False)
